/** Grids of runs: every entry on every feature file with every seed, each job once, however often it is begun anew. */
import path from 'node:path';
import { ConfigError } from '../../config/index.ts';
import { defaultSelection, metricNamed, metrics, type MetricName } from '../../metrics/metric.ts';
import type { TextConfig } from '../../runs/text/text-encoder.ts';
import type { EntryOutcome, Tuned } from './compare.ts';
import {
  configOf,
  dataConfig,
  hashOfJson,
  type BenchmarkData,
  type Entry,
  type Given,
  type ModelEntry,
} from './entries.ts';
import { poolFolds, type EpochDone } from './job.ts';
import {
  knownJobs,
  nameKey,
  noteFailure,
  plannedJob,
  stateOf,
  writeJobs,
  type JobFile,
  type JobName,
  type JobState,
} from './jobs.ts';
import { layoutOf, type EntryJobs, type Layout, type Part, type Shape } from './layout.ts';
import type { JobPool, Outcome } from './pool.ts';
import { trialSettings } from './tuning.ts';

export interface Grid extends Shape {
  readonly directory: string;
  readonly data: readonly BenchmarkData[];
  readonly entries: readonly Entry[];
  readonly given: Given;
}

export type GridEvent =
  | { readonly type: 'epoch'; readonly job: JobName; readonly at: EpochDone }
  | { readonly type: 'outcome'; readonly job: JobName; readonly outcome: Outcome };

type Watch = (event: GridEvent) => void;

/** Writes the jobs of a grid into its folder. */
export function planGrid(grid: Grid): void {
  const files = layoutIn(grid).flatMap((of, d) =>
    of.flatMap((jobs, e) => filesOf(grid, { data: grid.data[d]!, entry: grid.entries[e]!, jobs })),
  );
  writeJobs(grid.directory, new Map(files.map(({ number, file }) => [number, file])));
}

/** The jobs of a grid: those that its folder has keep their numbers, for which a scheduler may wait; others get what is free. */
export function layoutIn({ directory, data, entries, seeds, trials }: Grid): Layout {
  const known = knownJobs(directory);
  const taken = new Set(known.values());
  let last = 0;
  const free = (): number => {
    do last++;
    while (taken.has(last));
    return last;
  };
  return layoutOf(
    { data, entries, seeds, trials },
    (place) =>
      known.get(nameKey({ data: data[place.data]!.name, entry: entries[place.entry]!.id, what: place.what })) ?? free(),
  );
}

/** Does what is not done yet. Returns whether it came to the end, where jobs may have failed, and was not stopped. */
export async function runGrid(grid: Grid, pool: JobPool, watch: Watch): Promise<boolean> {
  planGrid(grid);
  const { directory } = grid;
  const run = async (number: number): Promise<Outcome['status']> => {
    const { job, name } = plannedJob(directory, number);
    // All of its trials failed.
    if (!job) return 'failed';
    const outcome = await pool.run(job, (at) => watch({ type: 'epoch', job: name, at }));
    if (outcome.status === 'failed') noteFailure(directory, number, outcome.reason);
    watch({ type: 'outcome', job: name, outcome });
    return outcome.status;
  };
  /** Whether none was stopped. */
  const all = async (parts: readonly Part[]): Promise<boolean> => {
    const ended = await Promise.all(parts.flatMap(({ numbers }) => numbers.map(run)));
    return !ended.includes('stopped');
  };
  // All jobs are asked for at once: the pool lets as many begin as may run together.
  const ended = await Promise.all(
    layoutIn(grid)
      .flat()
      .map(async ({ trials, runs }) => (await all(trials)) && all(runs)),
  );
  return ended.every(Boolean);
}

/** What the jobs in the folder of a grid came to: by feature file, the outcomes of the entries in their order. */
export const outcomesOf = (grid: Grid): readonly (readonly EntryOutcome[])[] =>
  layoutIn(grid).map((each, d) =>
    each.map((jobs, e) => outcomeOf(grid.directory, { data: grid.data[d]!, entry: grid.entries[e]!, jobs })),
  );

/** The validation metric that picks epochs and trials. */
export function selectionOf(entry: ModelEntry, { source, metrics: kind }: BenchmarkData, given: Given): MetricName {
  const { selection = defaultSelection(kind) } = configOf(entry, source, given).train;
  try {
    return metricNamed(kind, selection);
  } catch (error) {
    throw new ConfigError(`train.selection: ${(error as Error).message}`);
  }
}

/** The jobs of one entry on one feature file. */
interface OfEntry {
  readonly data: BenchmarkData;
  readonly entry: Entry;
  readonly jobs: EntryJobs;
}

interface Numbered {
  readonly number: number;
  readonly file: JobFile;
}

function filesOf(grid: Grid, { data, entry, jobs: { trials, runs } }: OfEntry): Numbered[] {
  const of = (part: Part, rest: Pick<JobFile, 'task' | 'best' | 'settings'>): Numbered[] =>
    part.numbers.map((number, index) => ({
      number,
      file: {
        name: {
          data: data.name,
          entry: entry.id,
          what: data.folds ? `${part.what} fold ${index + 1}`.trim() : part.what,
        },
        seed: part.seed,
        ...(data.folds && { fold: { of: data.folds.of, index } }),
        ...rest,
      },
    }));
  if (entry.reference !== undefined || trials.length === 0) {
    const task = taskOf(grid, data, entry);
    return runs.flatMap((part) => of(part, { task }));
  }
  const metric = selectionOf(entry, data, grid.given);
  const best = { trials: trials.map(({ numbers }) => [...numbers]), metric, better: metrics[metric].better };
  const own = configOf(entry, data.source, grid.given);
  const tried = trials.flatMap((part, trial) => {
    const settings = [...trialSettings(entry.id, own, trial)];
    return of(part, { task: taskOf(grid, data, entry, settings), settings });
  });
  return [...tried, ...runs.flatMap((part) => of(part, { best }))];
}

/** A job's folder is named after all that decides its result. */
function taskOf(
  { given }: Grid,
  data: BenchmarkData,
  entry: Entry,
  trial: readonly string[] = [],
): NonNullable<JobFile['task']> {
  // Benchmarks of before are to find their runs again: configurations had no version, and no word for ids that tell nothing,
  // for which the hash of the samples in their folds stands.
  const folder = (config: TextConfig & { readonly code?: unknown }): string => {
    const group = config.data.group === 'none' ? undefined : config.data.group;
    const hash = hashOfJson({ ...config, version: undefined, data: { ...config.data, group } });
    return path.posix.join('runs', `${data.name}-${data.hash}`, `${folderName(entry.id)}-${hash}`);
  };
  const own = dataConfig(given);
  const common = { source: data.source, hash: data.hash, ...own };
  if (entry.reference !== undefined) return { ...common, folder: folder(own), reference: entry.reference };
  const config = configOf(entry, data.source, given, trial);
  const file = entry.own && { file: entry.own.file, code: entry.own.code };
  const code = file && { sha256: file.code.sha256, imports: file.code.imports };
  return { ...common, folder: folder({ ...config, code }), config, ...(file && { own: file }) };
}

function outcomeOf(directory: string, { data, entry, jobs: { trials, runs } }: OfEntry): EntryOutcome {
  const whole = runs.map((part) => ({ part, ...wholeOf(directory, part, data) }));
  const best = trials.length > 0 ? plannedJob(directory, runs[0]!.numbers[0]!).best : undefined;
  if (best?.status === 'failed')
    return {
      entry,
      runs: [],
      failures: best.reasons.map((reason, t) => ({ what: trials[t]!.what, reason, status: 'failed' })),
    };
  const tuned: Tuned | undefined =
    best?.status === 'chosen'
      ? { trials: trials.length, settings: best.settings, chosen: best.trial, valid: best.valid }
      : undefined;
  return {
    entry,
    runs: whole.flatMap(({ run }) => run ?? []),
    failures: whole.flatMap(({ part, lacks }) => (lacks ? [{ what: part.what || 'fit', ...lacks }] : [])),
    ...(tuned && { tuned }),
  };
}

type Undone = Exclude<JobState, { status: 'done' }>;

/** A run of an entry, of folds put together; or what it lacks. */
function wholeOf(
  directory: string,
  { numbers }: Part,
  data: BenchmarkData,
): { readonly run?: EntryOutcome['runs'][number]; readonly lacks?: Undone } {
  const done: EntryOutcome['runs'][number][] = [];
  const lacking: Undone[] = [];
  for (const number of numbers) {
    const planned = plannedJob(directory, number);
    const state = stateOf(directory, planned);
    if (state.status !== 'done') lacking.push(state);
    else done.push({ directory: planned.job!.directory, result: state.result });
  }
  if (lacking.length > 0) return { lacks: lacking.find(({ status }) => status === 'missing') ?? lacking[0]! };
  if (!data.folds) return { run: done[0]! };
  const above = path.dirname(done[0]!.directory);
  return {
    run: {
      directory: above,
      result: poolFolds(
        above,
        done.map((fold) => fold.directory),
        data,
      ),
    },
  };
}

/** What a folder can be called on every system. */
const folderName = (id: string): string => id.replaceAll(/[^\w.@=-]+/g, '-').slice(0, 80);

/** How long every model could train, in words; where --set made them differ, as the first has it. */
export function ruleText({ entries, data, given, trials }: Grid): string {
  const first = entries.find((entry) => entry.reference === undefined);
  if (!first) return '';
  const { epochs, patience } = configOf(first, data[0]!.source, given).train;
  const early = patience === null ? '' : `, ended by ${patience} without a better validation metric`;
  const tuning = trials > 0 ? ` ${trials} random trials each, chosen on validation.` : '';
  return `At most ${epochs} epochs${early}; the best of them by validation.${tuning}`;
}
