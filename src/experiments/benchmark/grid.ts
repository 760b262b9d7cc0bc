/** Grids of runs: every entry on every feature file with every seed, each job once, however often it is begun anew. */
import path from 'node:path';
import { ConfigError } from '../../config/index.ts';
import { defaultSelection, metricNamed, metrics, type MetricName } from '../../metrics/metric.ts';
import { severalRunDirectory } from '../../runs/record/several-runs.ts';
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
import { finished, poolFolds, type EpochDone, type Job } from './job.ts';
import type { JobPool, Outcome } from './pool.ts';
import { trialSettings } from './tuning.ts';

/** What is run: every entry on every feature file with every seed. */
export interface Grid {
  readonly directory: string;
  readonly data: readonly BenchmarkData[];
  readonly entries: readonly Entry[];
  readonly seeds: readonly number[];
  /** Random trials per model; 0: each model as it is. */
  readonly trials: number;
  readonly given: Given;
}

/** How texts are read in a benchmark: hidden states of a frozen encoder are kept beside the runs, for all of them. */
export const benchmarkText = ({ data, text: { bert } }: TextConfig, directory: string): TextConfig => ({
  data,
  text: { bert: { ...bert, cache: bert.cache ?? path.join(directory, 'text') } },
});

/** A job as people name it. */
export interface JobName {
  readonly data: string;
  readonly entry: string;
  /** As in `seed 3` or `trial 2`; empty for a reference. */
  readonly what: string;
}

export type GridEvent =
  | { readonly type: 'epoch'; readonly job: JobName; readonly at: EpochDone }
  | { readonly type: 'outcome'; readonly job: JobName; readonly outcome: Outcome };

type Watch = (event: GridEvent) => void;

/** How many jobs a plan has. */
export const jobCount = ({ data, entries, seeds, trials }: Grid): number =>
  data.reduce((sum, { folds }) => sum + (folds?.count ?? 1), 0) *
  entries.reduce((sum, { reference }) => sum + (reference === undefined ? seeds.length + trials : 1), 0);

/**
 * Does what is not done yet: by feature file, the outcomes of the entries in their order. Undefined if stopped before the end.
 */
export async function runGrid(
  grid: Grid,
  pool: JobPool,
  watch: Watch,
): Promise<readonly (readonly EntryOutcome[])[] | undefined> {
  // All jobs are asked for at once: the pool lets as many begin as may run together.
  const outcomes = await Promise.all(
    grid.data.map((data) =>
      Promise.all(grid.entries.map((entry) => new EntryRuns(grid, data, entry, pool, watch).all())),
    ),
  );
  const complete = outcomes.map((each) => each.filter((outcome) => outcome !== 'stopped'));
  return complete.every(({ length }) => length === grid.entries.length) ? complete : undefined;
}

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
class EntryRuns {
  constructor(
    private readonly plan: Grid,
    private readonly data: BenchmarkData,
    private readonly entry: Entry,
    private readonly pool: JobPool,
    private readonly watch: Watch,
  ) {}

  async all(): Promise<EntryOutcome | 'stopped'> {
    const { plan, entry } = this;
    if (entry.reference !== undefined) return this.seeds([this.job(entry, plan.seeds[0]!)], ['']);
    const tuned = plan.trials > 0 ? await this.tuned(entry) : undefined;
    if (tuned === 'stopped') return 'stopped';
    if (tuned && 'failures' in tuned) return tuned;
    return this.seeds(
      plan.seeds.map((seed) => this.job(entry, seed, tuned?.settings)),
      plan.seeds.map((seed) => `seed ${seed}`),
      tuned,
    );
  }

  private async seeds(
    jobs: readonly Job[],
    names: readonly string[],
    tuned?: Tuned,
  ): Promise<EntryOutcome | 'stopped'> {
    const outcomes = await Promise.all(jobs.map((job, i) => this.whole(job, names[i]!)));
    if (outcomes.some(({ status }) => status === 'stopped')) return 'stopped';
    return {
      entry: this.entry,
      runs: outcomes.flatMap((outcome, i) =>
        outcome.status === 'done' ? [{ directory: jobs[i]!.directory, result: outcome.result }] : [],
      ),
      failures: outcomes.flatMap((outcome, i) =>
        outcome.status === 'failed' ? [{ what: names[i] || 'fit', reason: outcome.reason }] : [],
      ),
      ...(tuned && { tuned }),
    };
  }

  /** The trial that is best on validation, with the first seed; test figures are not looked at. */
  private async tuned(entry: ModelEntry): Promise<Tuned | EntryOutcome | 'stopped'> {
    const { plan, data } = this;
    const own = configOf(entry, data.source, plan.given);
    const settings = Array.from({ length: plan.trials }, (_, trial) => trialSettings(entry.id, own, trial));
    const outcomes = await Promise.all(
      settings.map((trial, t) => this.whole(this.job(entry, plan.seeds[0]!, trial), `trial ${t + 1}`)),
    );
    if (outcomes.some(({ status }) => status === 'stopped')) return 'stopped';
    const metric = selectionOf(entry, data, plan.given);
    const sign = metrics[metric].better === 'lower' ? 1 : -1;
    const scored = outcomes.flatMap((outcome, t) =>
      outcome.status === 'done' ? [{ chosen: t, valid: outcome.result.valid[metric]! }] : [],
    );
    if (scored.length > 0) {
      const best = scored.reduce((a, b) => (sign * (b.valid - a.valid) < 0 ? b : a));
      return { trials: plan.trials, settings: settings[best.chosen]!, ...best };
    }
    const failures = outcomes.flatMap((outcome, t) =>
      outcome.status === 'failed' ? [{ what: `trial ${t + 1}`, reason: outcome.reason }] : [],
    );
    return { entry, runs: [], failures };
  }

  /** A job's folder is named after all that decides its result. */
  private job(entry: Entry, seed: number, trial: readonly string[] = []): Job {
    const { plan, data } = this;
    // Benchmarks of before are to find their runs again: configurations had no version, and no word for ids that tell nothing,
    // for which the hash of the samples in their folds stands.
    const folder = (config: TextConfig & { readonly code?: unknown }): string => {
      const group = config.data.group === 'none' ? undefined : config.data.group;
      const hash = hashOfJson({ ...config, version: undefined, data: { ...config.data, group } });
      return path.join(plan.directory, 'runs', `${data.name}-${data.hash}`, `${folderName(entry.id)}-${hash}`);
    };
    const own = dataConfig(plan.given);
    const common = { source: data.source, ...benchmarkText(own, plan.directory), seed };
    if (entry.reference !== undefined) return { ...common, directory: folder(own), reference: entry.reference };
    const config = configOf(entry, data.source, plan.given, trial);
    const file = entry.own && { file: entry.own.file, code: entry.own.code };
    const code = file && { sha256: file.code.sha256, imports: file.code.imports };
    const directory = severalRunDirectory(folder({ ...config, code }), 'seed', seed);
    return { ...common, directory, config, ...(file && { own: file }) };
  }

  /** A job on all the data: once, or on each of its folds. */
  private async whole(job: Job, what: string): Promise<Outcome> {
    const { folds } = this.data;
    if (!folds) return this.run(job, what);
    const known = finished(job.directory);
    const jobs = Array.from({ length: folds.count }, (_, index): Job => {
      const directory = severalRunDirectory(job.directory, 'fold', index + 1);
      return { ...job, directory, fold: { of: folds.of, index } };
    });
    const outcomes = await Promise.all(jobs.map((each, i) => this.run(each, `${what} fold ${i + 1}`.trim())));
    const bad =
      outcomes.find(({ status }) => status === 'stopped') ?? outcomes.find(({ status }) => status === 'failed');
    if (bad) return bad;
    const pooledResult = poolFolds(
      job.directory,
      jobs.map(({ directory }) => directory),
      this.data,
    );
    return { status: 'done', kept: known !== undefined, result: pooledResult };
  }

  private async run(job: Job, what: string): Promise<Outcome> {
    const name = { data: this.data.name, entry: this.entry.id, what };
    const outcome = await this.pool.run(job, (at) => this.watch({ type: 'epoch', job: name, at }));
    this.watch({ type: 'outcome', job: name, outcome });
    return outcome;
  }
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
