/** One configuration under several seeds: a run each, and their mean and spread. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { summarise } from '../metrics/summary.ts';
import { runTraining, type Prepared, type RunEvent, type RunResult } from '../runs/training-run.ts';
import { writeFileAtomic } from '../runs/write.ts';

export interface SeedsResult {
  readonly runs: readonly RunResult[];
  readonly mean: Readonly<Record<'valid' | 'test', Readonly<Record<string, number>>>>;
  /** Sample standard deviation over seeds. */
  readonly std: Readonly<Record<'valid' | 'test', Readonly<Record<string, number>>>>;
}

export interface SeedsOptions {
  readonly seeds: readonly number[];
  readonly directory: string;
  /** Go on with what the directory holds: finished runs are kept, a stopped one continues. */
  readonly resume: boolean;
  readonly signal?: AbortSignal;
}

export type SeedsEvent =
  { readonly type: 'seed'; readonly seed: number; readonly index: number; readonly directory: string } | RunEvent;

/** Where the run of one seed of several lies. */
export const seedDirectory = (directory: string, seed: number): string => path.join(directory, `seed-${seed}`);

/** Trains with each seed in turn; each yields its own events, the last of which is its result. */
export async function* runSeeds(
  prepared: Prepared,
  { seeds, directory, resume, signal }: SeedsOptions,
): AsyncGenerator<SeedsEvent> {
  for (const [index, seed] of seeds.entries()) {
    const own = seeds.length === 1 ? directory : seedDirectory(directory, seed);
    yield { type: 'seed', seed, index, directory: own };
    const started = existsSync(path.join(own, 'config.json'));
    const finished = path.join(own, 'result.json');
    if (resume && existsSync(finished))
      yield { type: 'result', result: JSON.parse(readFileSync(finished, 'utf8')) as RunResult };
    else
      yield* runTraining(prepared, {
        seed,
        directory: own,
        resume: resume && (started || seeds.length === 1),
        ...(signal && { signal }),
      });
    if (signal?.aborted) return;
  }
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
