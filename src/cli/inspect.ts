import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { dataFileOf } from '../data/datasets/load.ts';
import { FormatError } from '../files/error.ts';
import { command } from './command.ts';
import { inspectFile, type InspectOptions, parsedText } from './inspect-file.ts';
import { datasetText, fileText } from './inspect-text.ts';
import { shared } from './options/shared.ts';
import { outline } from './outline.ts';

export const inspectCommand = command('inspect', {
  summary: 'what a data file, checkpoint or run holds, and whether it is sound',
  example: 'decalign inspect mosi.pkl',
  description:
    'FILE is a data file of any format, a dataset.yaml, the folder of a dataset, a checkpoint, or a run directory. Of a dataset it ' +
    'shows what is wrong first: leakage between splits, copies, columns that are constant or not finite.',
  arguments: [['<file>', 'data file, dataset.yaml, folder of a dataset, checkpoint or run directory']],
  options: [
    { flag: '--group <column>', help: 'column of what must not be in two splits (default: video, where there is one)' },
    { ...shared.json, help: 'print the result as one JSON document, nothing left out' },
  ],
  action: async (file, { json, ...options }) => {
    const { description, text } = await inspect(file, options);
    process.stdout.write(json ? `${JSON.stringify(description)}\n` : text);
  },
});

interface Inspected {
  readonly description: unknown;
  readonly text: string;
}

async function inspect(place: string, options: InspectOptions): Promise<Inspected> {
  const isFolder = existsSync(place) && statSync(place).isDirectory();
  const runs = isFolder ? describeRuns(place) : undefined;
  if (runs !== undefined) return { description: runs, text: outline(runs) };
  const found = await inspectFile(isFolder ? await dataFileIn(place) : place, options);
  return { description: found, text: 'splits' in found ? datasetText(found) : fileText(found) };
}

async function dataFileIn(folder: string): Promise<string> {
  try {
    return await dataFileOf(folder);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const problem = error.message.replace(/\.$/, '');
    throw new Error(`${problem}; it is no run either (no config.json in it).`, { cause: error });
  }
}

/** A run, or the runs of several seeds, where a folder holds them. */
function describeRuns(directory: string): unknown {
  const run = describeRun(directory);
  if (run) return run;
  const seeds = readdirSync(directory)
    .filter((name) => name.startsWith('seed-'))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .flatMap((name) => {
      const one = describeRun(path.join(directory, name));
      return one ? [[name, { status: one.status, epochs_done: one.epochs_done, result: one.result }] as const] : [];
    });
  return seeds.length > 0 ? { format: 'runs of several seeds', runs: Object.fromEntries(seeds) } : undefined;
}

interface RunDescription {
  readonly format: 'run';
  readonly status: 'finished' | 'not finished';
  readonly epochs_done: number;
  readonly last_epoch: unknown;
  readonly result: unknown;
  readonly environment: unknown;
}

/** A run: what it was asked, how far it got, what came out. */
function describeRun(directory: string): RunDescription | undefined {
  const read = (name: string): unknown => {
    const file = path.join(directory, name);
    return existsSync(file) ? parsedText(readFileSync(file, 'utf8')) : undefined;
  };
  const config = read('config.json');
  if (typeof config !== 'object') return undefined;
  const result = read('result.json');
  const metrics = path.join(directory, 'metrics.jsonl');
  const epochs = existsSync(metrics) ? readFileSync(metrics, 'utf8').trim().split('\n').filter(Boolean) : [];
  const about = {
    format: 'run',
    status: result === undefined ? 'not finished' : 'finished',
    epochs_done: epochs.length,
    last_epoch: epochs.length > 0 ? parsedText(epochs.at(-1)!) : undefined,
    result,
  } as const;
  // What the record says of its own format is left out.
  return { ...about, ...config, format: 'run', environment: read('environment.json') };
}
