import { expect, test } from 'vitest';
import { layoutOf, stagesOf } from './layout.ts';

const entries = [{ reference: 'ridge' }, {}, {}] as const;
const data = [{}, { folds: { of: 3, count: 3, by: 'sample' } }] as const;

test('jobs count from 1 by feature file, entry, seed and fold; a reference is one', () => {
  const numbers = layoutOf({ data, entries, seeds: [5, 7], trials: 0 }).map((of) =>
    of.map(({ trials, runs }) => [...trials, ...runs].map((part) => [part.what, part.seed, ...part.numbers])),
  );
  expect(numbers).toEqual([
    [[['', 5, 1]], [['seed 5', 5, 2], ['seed 7', 7, 3]], [['seed 5', 5, 4], ['seed 7', 7, 5]]],
    [
      [['', 5, 6, 7, 8]],
      [['seed 5', 5, 9, 10, 11], ['seed 7', 7, 12, 13, 14]],
      [['seed 5', 5, 15, 16, 17], ['seed 7', 7, 18, 19, 20]],
    ],
  ]); // prettier-ignore
  expect(stagesOf(layoutOf({ data, entries, seeds: [5, 7], trials: 0 }))).toEqual([
    Array.from({ length: 20 }, (_, i) => i + 1),
  ]);
});

test('random trials of all come before the seeds of any, all with the first seed', () => {
  const shape = { data: [{}], entries, seeds: [5, 7], trials: 2 };
  const [of] = layoutOf(shape);
  expect(of!.map(({ trials }) => trials.map((part) => [part.what, part.seed, ...part.numbers]))).toEqual([
    [],
    [['trial 1', 5, 1], ['trial 2', 5, 2]],
    [['trial 1', 5, 3], ['trial 2', 5, 4]],
  ]); // prettier-ignore
  expect(of!.map(({ runs }) => runs.flatMap(({ numbers }) => numbers))).toEqual([[5], [6, 7], [8, 9]]);
  expect(stagesOf(layoutOf(shape))).toEqual([[1, 2, 3, 4], [5, 6, 7, 8, 9]]); // prettier-ignore
});

test('a single trial is a stage of its own', () => {
  expect(stagesOf(layoutOf({ data: [{}], entries: [{}], seeds: [1, 2], trials: 1 }))).toEqual([[1], [2, 3]]);
});
