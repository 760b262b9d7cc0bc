/** The options and steps that the commands of many runs share: `benchmark`, `ablate` and `sweep`. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { unusedNotes } from '../../data/datasets/made.ts';
import { checkFolder } from '../../files/append.ts';
import type { BenchmarkEvent } from '../../experiments/benchmark.ts';
import { benchmarkData } from '../../experiments/benchmark/data.ts';
import {
  checkBenchmarkDirectory,
  givenAsBegun,
  writePlan,
  type ExperimentKind,
} from '../../experiments/benchmark/directory.ts';
import { dataConfig, type BenchmarkData, type Entry, type Given } from '../../experiments/benchmark/entries.ts';
import { layoutIn, planGrid, type Grid } from '../../experiments/benchmark/grid.ts';
import { ranges } from '../../experiments/benchmark/jobs.ts';
import { stagesOf } from '../../experiments/benchmark/layout.ts';
import { isOneGroup, oneGroupNote } from '../../experiments/benchmark/paired-tests.ts';
import { JobPool } from '../../experiments/benchmark/pool.ts';
import type { Comparison } from '../../experiments/benchmark/cells.ts';
import { document } from '../../experiments/benchmark/document.ts';
import { textTable } from '../../experiments/benchmark/tables.ts';
import { foldedText } from '../../experiments/folds.ts';
import { freshDirectory } from '../../runs/record/out-directory.ts';
import { locked } from '../../runs/record/run-lock.ts';
import { interruptible, resumeCommand } from '../interruption.ts';
import { poolVariable } from '../jobs/job.ts';
import { keyOptions } from '../options/configuration.ts';
import type { CliOption, Values } from '../options/option.ts';
import { folder, positive } from '../options/parse.ts';
import { refuseBoth, shared } from '../options/shared.ts';
import { shellWord } from '../../text/shell-word.ts';
import { columns } from '../printing/columns.ts';
import { wrapped } from '../printing/wrapped.ts';
import { UsageError } from '../usage-error.ts';
import { BenchmarkProgress } from './progress.ts';

const { modalities, task, preset, group, epochs, threads, device } = keyOptions;

/** Options of all three, but for those that decide what is compared. */
export const experimentOptions = [
  {
    flag: '--jobs <n>',
    help: 'runs at a time, each a process; default: the number of cores',
    parse: positive,
  },
  modalities,
  task,
  preset,
  shared.folds,
  group,
  epochs,
  { ...threads, help: 'threads of each run; default: 1' },
  device,
  { ...shared.out, help: 'where tables and runs go; default: a new folder under runs/' },
  {
    flag: '--plan <dir>',
    help: 'run nothing: write a job per run into this folder, for decalign job, and decalign collect after',
    parse: folder,
  },
  { ...shared.resume, help: 'go on with what is in --out or --plan; what is finished is not run again' },
  shared.json,
  shared.quiet,
] as const satisfies readonly CliOption[];
type ExperimentOptions = Values<(typeof experimentOptions)[number]>;

/** What a call begins, or goes on with. */
export interface Begun {
  readonly directory: string;
  readonly data: readonly BenchmarkData[];
  readonly given: Given;
}

interface Beginning {
  readonly asked: Given;
  readonly options: ExperimentOptions;
  /** Who is to take part, to be checked beside the data. */
  readonly entries: (data: BenchmarkData, given: Given) => readonly Entry[];
}

/** Reads the data, and refuses a folder or a model that is not for it, before anything is trained. */
export async function begin(
  kind: ExperimentKind,
  sources: readonly string[],
  { asked, options, entries }: Beginning,
): Promise<Begun> {
  const { resume = false, folds } = options;
  refuseBoth({ ...options }, 'plan', 'out');
  const named = options.plan ?? options.out;
  if (resume && named === undefined)
    throw new UsageError(`--resume needs --out DIR or --plan DIR: the ${kind} to go on with.`);
  const directory = named ?? freshDirectory(kind);
  checkBenchmarkDirectory(directory, { resume, kind });
  checkFolder(directory);
  const given = resume ? givenAsBegun(asked, directory) : asked;
  const twice = sources.find((source, i) => sources.indexOf(source) < i);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice.`);
  const checked = (each: BenchmarkData): readonly Entry[] => entries(each, given);
  const data = await benchmarkData(sources, { given, directory, ...(folds && { folds }), entries: checked });
  return { directory, given, data };
}

/** What a person should know of the data, on stderr. */
export function warn({ data, given }: Pick<Begun, 'data' | 'given'>): void {
  const sources = data.map(({ source }) => source);
  for (const note of unusedNotes(dataConfig(given).data, sources)) process.stderr.write(`warning: ${note}\n`);
  for (const { name, warnings } of data)
    for (const warning of warnings) process.stderr.write(`warning: ${name}: ${warning}\n`);
}

/**
 * Writes the plan down and does `work` with a pool of processes; undefined where a signal interrupted it, and where nothing is to
 * be run but planned.
 */
export async function inPool<T>(
  kind: ExperimentKind,
  plan: Grid,
  { jobs = availableParallelism(), quiet = false, plan: planned, json = false }: ExperimentOptions,
  work: (pool: JobPool, watch: (event: BenchmarkEvent) => void) => Promise<T | undefined>,
): Promise<T | undefined> {
  writePlan(plan.directory, { kind, ...plan });
  if (planned !== undefined) {
    planGrid(plan);
    process.stdout.write(plannedText(planned, stagesOf(layoutIn(plan)), json));
    return undefined;
  }
  const progress = new BenchmarkProgress({ jobs: stagesOf(layoutIn(plan)).flat().length, quiet });
  const watched = async (signal: AbortSignal): Promise<T | undefined> => {
    // By this others see that it goes on, between two runs too, and a second process does not do the same.
    const lock = await locked(plan.directory, { signal, onWait: (message) => progress.note(message) });
    try {
      const pool = new JobPool({
        jobs,
        start: ({ number }) =>
          fork(process.argv[1]!, ['job', plan.directory, String(number!)], {
            stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
            env: { ...process.env, [poolVariable]: '1' },
          }),
        signal,
      });
      const done = await work(pool, (event) => progress.show(event));
      progress.done();
      return done;
    } finally {
      lock.release();
    }
  };
  return interruptible(watched, {
    stopping: () => progress.note('finishing the steps under way; once more to stop at once'),
    stopped: `Interrupted. To go on:\n  ${resumeCommand(plan.directory)}`,
  });
}

/** How many jobs were planned, of which stages, and what comes next. */
function plannedText(directory: string, stages: readonly (readonly number[])[], json: boolean): string {
  const [jobs, of] = [stages.flat().length, stages.map(ranges)];
  if (json) return `${JSON.stringify({ plan: directory, jobs, stages: of })}\n`;
  const [trials, rest] = of;
  const order = rest === undefined ? '' : `: random trials ${trials!} first, then ${rest}`;
  const place = shellWord(directory);
  return `${jobs} ${jobs === 1 ? 'job' : 'jobs'}${order}. Do ${jobs === 1 ? 'it' : 'each'} by decalign job ${place} N, and then decalign collect ${place}\n`;
}

/** The line above a table: the split that its figures are of, and over which seeds. */
export function heading(
  { name, folds, samples }: BenchmarkData,
  seeds: readonly number[],
  split: 'test' | 'validation' = 'test',
): string {
  const over = seeds.length > 1 ? `, mean ± std over seeds ${seeds.join(', ')}` : `, seed ${seeds[0]!}`;
  const folded = folds && `${folds.count} folds ${foldedText(folds, samples.test)}`;
  if (split === 'test') return `${name}, ${folded ?? `test split (${samples.test} samples)`}${over}`;
  return `${name}, validation ${folded === undefined ? `split (${samples.valid} samples)` : `of ${folded}`}${over}`;
}

/** Prints tables, or one JSON document, and says which rows did not finish. */
export function printComparisons(
  comparisons: readonly Comparison[],
  directory: string,
  { json }: Pick<ExperimentOptions, 'json'>,
): void {
  if (json) process.stdout.write(`${JSON.stringify({ out: directory, data: comparisons.map(document) })}\n`);
  else
    for (const comparison of comparisons) {
      const { data, seeds } = comparison;
      process.stdout.write(`${heading(data, seeds)}\n\n${columns(textTable(comparison))}\n\n`);
      if (isOneGroup(data.groups?.values())) process.stdout.write(`${wrapped(oneGroupNote)}\n\n`);
      for (const warning of data.warnings) process.stdout.write(`${wrapped(`Warning: ${warning}`)}\n\n`);
    }
  if (!json) process.stdout.write(`Tables: ${directory}\n`);
  tellUnfinished(comparisons.flatMap(({ rows }) => rows));
}

/** Says which rows lack runs, and makes that the outcome of the command. */
export function tellUnfinished(rows: readonly { readonly id: string; readonly status: string }[]): void {
  const failed = rows.filter(({ status }) => status !== 'done');
  if (failed.length === 0) return;
  process.stderr.write(
    `decalign: ${failed.length} of ${rows.length} did not finish all their runs: ${failed.map(({ id }) => id).join(', ')}.\n`,
  );
  process.exitCode = 1;
}
