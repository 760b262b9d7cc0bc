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

/** A job by its place in the shape: the feature file and the entry by index. */
export interface Place {
  readonly data: number;
  readonly entry: number;
  /** As in `seed 3`, `trial 2` or `seed 3 fold 1`; empty for a reference. */
  readonly what: string;
}

/** By feature file, the jobs of each entry; without `numberOf` they are counted in their order. */
export type Layout = readonly (readonly EntryJobs[])[];

export function layoutOf(
  { data, entries, seeds, trials }: Shape,
  numberOf: (place: Place) => number = counter(),
): Layout {
  const parts = (draw: (entry: Pick<Entry, 'reference'>) => Omit<Part, 'numbers'>[]): Part[][][] =>
    data.map(({ folds }, d) =>
      entries.map((entry, e) =>
        draw(entry).map((part) => ({
          ...part,
          numbers: Array.from({ length: folds?.count ?? 1 }, (_, fold) =>
            numberOf({ data: d, entry: e, what: folds ? `${part.what} fold ${fold + 1}`.trim() : part.what }),
          ),
        })),
      ),
    );
  const first = parts(({ reference }) =>
    Array.from({ length: reference === undefined ? trials : 0 }, (_, t) => ({
      ...{ what: `trial ${t + 1}`, seed: seeds[0]! },
    })),
  );
  const then = parts(({ reference }) =>
    reference === undefined
      ? seeds.map((seed) => ({ what: `seed ${seed}`, seed }))
      : // Nothing in it is random.
        [{ what: '', seed: seeds[0]! }],
  );
  return first.map((each, d) => each.map((tried, e) => ({ trials: tried, runs: then[d]![e]! })));
}

function counter(): () => number {
  let last = 0;
  return () => ++last;
}

/** The jobs of each stage, in ascending order: of the trials, where there are any, and of the rest. */
export function stagesOf(layout: Layout): readonly (readonly number[])[] {
  const jobs = layout.flat();
  return (['trials', 'runs'] as const)
    .map((kind) => jobs.flatMap((each) => each[kind].flatMap(({ numbers }) => numbers)).toSorted((a, b) => a - b))
    .filter(({ length }) => length > 0);
}
