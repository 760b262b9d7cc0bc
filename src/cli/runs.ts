import path from 'node:path';
import { listRuns, type ListedRun } from '../experiments/list-runs.ts';
import { metrics } from '../metrics/metric.ts';
import { command } from './command.ts';
import { shared } from './options/shared.ts';
import { columns, cutToWidth } from './printing/columns.ts';
import { epochText } from './printing/epoch-text.ts';

export const runsCommand = command('runs', {
  summary: 'the runs below a folder: status, model, data, seed, metric, when',
  example: 'decalign runs runs',
  description:
    'Lists every run below DIR, the oldest first. Several seeds or folds are one line, with means over their finished runs, and so is a benchmark. A run is finished, running, interrupted (train --resume goes on with it), failed (its training ended with an error) or unknown.',
  arguments: [['[dir]', 'a folder with runs in it (default: runs)']],
  options: [shared.json],
  action: (directory = 'runs', { json }) => {
    const listed = listRuns(directory);
    if (json) process.stdout.write(`${JSON.stringify(listed)}\n`);
    else if (listed.length === 0) process.stdout.write(`No runs in ${directory}.\n`);
    else process.stdout.write(`${table(directory, listed)}\n`);
    for (const { run, problem } of listed)
      if (problem !== undefined && !json) process.stderr.write(`warning: ${run} ${problem}.\n`);
    return Promise.resolve();
  },
});

/** The columns that are cut where a terminal is narrow, and the width that each keeps. */
const cut = [
  { column: 0, least: 12 },
  { column: 3, least: 7 },
  { column: 2, least: 7 },
];

function table(directory: string, listed: readonly ListedRun[]): string {
  const rows = listed.map((each) => [
    path.relative(directory, each.run) || each.run,
    each.status,
    several(each.models, 'models'),
    several(each.data, 'files'),
    seedText(each),
    figureText(each),
    timeText(each.started),
  ]);
  return columns(cutToWidth([['run', 'status', 'model', 'data', 'seed', 'valid, test', 'started'], ...rows], cut));
}

const several = (names: readonly string[], what: string): string =>
  names.length > 1 ? `${names.length} ${what}` : (names[0] ?? '–');

function seedText({ seeds, folds }: ListedRun): string {
  if (folds !== undefined) return `${folds} folds`;
  const text = seeds.join(',');
  return text === '' ? '–' : text.length > 7 ? `${seeds.length} seeds` : text;
}

/** The figures of the best epoch, or how far the training is. */
function figureText({ metric, progress }: ListedRun): string {
  if (!metric) return progress ? epochText(progress.epoch, progress.epochs, progress.stages) : '–';
  const { name, valid, test } = metric;
  const label = Object.hasOwn(metrics, name) ? metrics[name as keyof typeof metrics].label : name;
  return [label, valid.toFixed(3), ...(test === undefined ? [] : [test.toFixed(3)])].join(' ');
}

/** Of today the time of day, as the clock here shows it; of this year month and day; else year and month. */
function timeText(iso: string): string {
  const [time, now] = [new Date(iso), new Date()];
  const two = (n: number): string => String(n).padStart(2, '0');
  const month = two(time.getMonth() + 1);
  if (time.getFullYear() !== now.getFullYear()) return `${time.getFullYear()}-${month}`;
  if (time.toDateString() !== now.toDateString()) return `${month}-${two(time.getDate())}`;
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}
