import { expect, test } from 'vitest';
import { evaluate } from '../runtime/testing.ts';
import { constant, input } from '../tensor/index.ts';
import { inStepsOf } from './steps.ts';

const of = (values: readonly number[], shape: readonly number[]): ReturnType<typeof constant> =>
  constant(values, shape, 'float64');
const steps = (n: number): { value: ReturnType<typeof input> } => ({ value: input('other', [2, n, 1], 'float64') });

test('a step is the mean over its share of the time', async () => {
  const value = of([1, 2, 3, 4, 5, 6], [2, 3, 1]);
  const found = inStepsOf(steps(2), { value });
  const { y } = await evaluate({ y: found.value });
  // Half of the middle step belongs to either.
  [4 / 3, 8 / 3, 13 / 3, 17 / 3].forEach((expected, i) => expect(y![i]).toBeCloseTo(expected, 12));
  expect(found.mask).toBeUndefined();
});

test('shares are of the true lengths, and the mask is that of the steps', async () => {
  const value = of([1, 2, 3, 4, 100, 5, 100, 100, 100, 100], [2, 5, 1]);
  const mask = of([1, 1, 1, 1, 0, 1, 0, 0, 0, 0], [2, 5]);
  const own = of([1, 1, 0, 1, 1, 1], [2, 3]);
  const found = inStepsOf({ ...steps(3), mask: own }, { value, mask });
  const { y } = await evaluate({ y: found.value.mul(own.reshape([2, 3, 1])) });
  [1.5, 3.5, 0, 5, 5, 5].forEach((expected, i) => expect(y![i]).toBeCloseTo(expected, 12));
  expect(found.mask).toBe(own);
});

test('a sequence without a true step gives zeros', async () => {
  const mask = of([0, 0, 1, 1], [2, 2]);
  const { y } = await evaluate({ y: inStepsOf(steps(3), { value: of([9, 9, 1, 1], [2, 2, 1]), mask }).value });
  expect(y!.slice(0, 3)).toEqual([0, 0, 0]);
  y!.slice(3).forEach((value) => expect(value).toBeCloseTo(1, 12));
});

test('as many steps stay as they are', () => {
  const sequence = { value: of([1, 2], [2, 1, 1]) };
  expect(inStepsOf(steps(1), sequence)).toBe(sequence);
});
