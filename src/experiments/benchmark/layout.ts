/** The jobs of a grid by number, from 1, as a scheduler's array names them: random trials first, for which seeds wait. */
import type { BenchmarkData, Entry } from './entries.ts';

/** What is run: every entry on every feature file with every seed. */
export interface Shape {
  readonly data: readonly Pick<BenchmarkData, 'folds'>[];
  readonly entries: readonly Pick<Entry, 'reference'>[];
  readonly seeds: readonly number[];
  /** Random trials per model; 0: each model as it is. */
  readonly trials: number;
}

/** A run of an entry on a feature file, which is one job, or one for each fold. */
export interface Part {
  /** As in `seed 3` or `trial 2`; empty for a reference. */
  readonly what: string;
  readonly seed: number;
  readonly numbers: readonly number[];
}

export interface EntryJobs {
  readonly trials: readonly Part[];
  readonly runs: readonly Part[];
}

/** By feature file, the jobs of each entry. */
export function layoutOf({ data, entries, seeds, trials }: Shape): readonly (readonly EntryJobs[])[] {
  let last = 0;
  type Folds = BenchmarkData['folds'];
  const part = (what: string, seed: number, folds: Folds): Part => ({
    ...{ what, seed },
    numbers: Array.from({ length: folds?.count ?? 1 }, () => ++last),
  });
  const each = (parts: (entry: Pick<Entry, 'reference'>, folds: Folds) => Part[]): Part[][][] =>
    data.map(({ folds }) => entries.map((entry) => parts(entry, folds)));
  const first = each(({ reference }, folds) =>
    Array.from({ length: reference === undefined ? trials : 0 }, (_, t) => part(`trial ${t + 1}`, seeds[0]!, folds)),
  );
  const then = each(({ reference }, folds) =>
    reference === undefined
      ? seeds.map((seed) => part(`seed ${seed}`, seed, folds))
      : // Nothing in it is random.
        [part('', seeds[0]!, folds)],
  );
  return first.map((each, d) => each.map((tried, e) => ({ trials: tried, runs: then[d]![e]! })));
}

const numbersOf = (layout: ReturnType<typeof layoutOf>, kind: keyof EntryJobs): number =>
  layout.flat().reduce((sum, jobs) => sum + jobs[kind].reduce((n, { numbers }) => n + numbers.length, 0), 0);

/** The last job of each stage: of the trials, where there are any, and of the rest. */
export function stagesOf(shape: Shape): readonly number[] {
  const layout = layoutOf(shape);
  const trials = numbersOf(layout, 'trials');
  return [...(trials > 0 ? [trials] : []), trials + numbersOf(layout, 'runs')];
}
