/** One configuration under several seeds: a run each, and their mean and spread. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { summarise } from '../metrics/summary.ts';
import type { Prepared } from '../runs/prepare.ts';
import { runTraining, type RunEvent, type RunResult } from '../runs/training-run.ts';
import { checkVacant } from '../runs/record/out-directory.ts';
import { type CheckpointEvery } from '../runs/record/run-directory.ts';
import { severalKind, severalRunDirectory, type SeveralKind } from '../runs/record/several-runs.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Ranks } from '../parallel/ranks.ts';
import type { Metrics } from '../train/index.ts';

/** The results of several runs, with their mean and spread. */
export interface Spread {
  readonly mean: Readonly<Record<'valid' | 'test', Metrics>>;
  /** Sample standard deviation. */
  readonly std: Readonly<Record<'valid' | 'test', Metrics>>;
}

export interface SeedsResult extends Spread {
  readonly runs: readonly RunResult[];
}

export interface SeedsOptions {
  readonly seeds: readonly number[];
  readonly directory: string;
  /** Go on with what the directory holds: finished runs are kept, a stopped one continues. */
  readonly resume: boolean;
  /** Each run that has begun with another number of epochs is extended to that of the configuration. */
  readonly extend?: boolean;
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
  /** The processes that train each run together. Default: this one by itself. */
  readonly ranks?: Ranks;
}

export type SeedsEvent =
  { readonly type: 'seed'; readonly seed: number; readonly index: number; readonly directory: string } | RunEvent;

/** Trains with each seed in turn; each yields its own events, the last of which is its result. */
export async function* runSeeds(
  prepared: Prepared,
  { seeds, directory, resume, ...options }: SeedsOptions,
): AsyncGenerator<SeedsEvent> {
  const several = seeds.length > 1;
  if (several && !options.ranks?.rank) checkSeveral(directory, { resume, kind: 'seed' });
  for (const [index, seed] of seeds.entries()) {
    const own = several ? severalRunDirectory(directory, 'seed', seed) : directory;
    yield { type: 'seed', seed, index, directory: own };
    const going = resume && (several ? 'if started' : true);
    let aborted = false;
    for await (const event of runTraining(prepared, { seed, directory: own, resume: going, ...options })) {
      yield event;
      aborted ||= isAborted(event);
    }
    if (aborted || options.signal?.aborted) return;
  }
}

/** Whether training has ended since it was told to, be it on another rank. */
export const isAborted = (event: { readonly type: string; readonly reason?: string }): boolean =>
  event.type === 'end' && event.reason === 'aborted';

/** The folder of several runs: vacant for new ones, or with some of them to go on with. */
export function checkSeveral(
  directory: string,
  { resume, kind }: { readonly resume: boolean; readonly kind: SeveralKind },
): void {
  if (!resume) {
    checkVacant(directory);
    return;
  }
  const held = existsSync(directory) ? readdirSync(directory) : [];
  if (severalKind(held) === kind) return;
  throw new Error(
    held.includes('config.json')
      ? `${directory} holds a single run; resume it without --${kind}s.`
      : `${directory} holds no runs of several ${kind}s, so there is nothing to resume; start them without --resume.`,
  );
}

/** Means and deviations over finished runs, also written beside them when there are several. */
export function summariseRuns(runs: readonly RunResult[], directory: string): SeedsResult {
  const over = (split: 'valid' | 'test'): ReturnType<typeof summarise> => {
    const records = runs.map((run) => run[split]).filter((metrics) => metrics !== undefined);
    return records.length > 0 ? summarise(records) : { mean: {}, std: {} };
  };
  const [valid, test] = [over('valid'), over('test')];
  const result = { runs, mean: { valid: valid.mean, test: test.mean }, std: { valid: valid.std, test: test.std } };
  if (runs.length > 1) writeFileAtomic(path.join(directory, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
