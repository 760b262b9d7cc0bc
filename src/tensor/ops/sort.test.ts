import { expect, test } from 'vitest';
import { evaluate } from '../../runtime/testing.ts';
import { constant, gradients, input } from '../index.ts';

const medianOf = async (values: readonly number[], among?: readonly number[]): Promise<number> => {
  const x = input('x', [values.length], 'float64');
  const kept = among && constant([...among], [among.length], 'float64');
  return (await evaluate({ y: x.median(kept) }, { x: values }))['y']![0]!;
};

test.each([
  [[3], undefined, 3],
  [[5, 1, 3], undefined, 3],
  [[5, 1, 3, 9], undefined, 3],
  [[5, 1, 3, 9], [1, 1, 1, 1], 3],
  [[5, 1, 3, 9], [1, 0, 1, 1], 5],
  [[5, 1, 3, 9], [0, 1, 0, 1], 1],
  [[5, 1, 3, 9], [0, 0, 0, 1], 9],
  [[-5, -1, -3, -9], [1, 1, 0, 0], -5],
  [[5, 1], [0, 0], Infinity],
] as const)('median of %j among %j', async (values, among, expected) => {
  expect(await medianOf(values, among)).toBe(expected);
});

test('a median is held constant', () => {
  const x = input('x', [3]);
  expect(gradients(x.mul(x.median()).sum(), [x])[0]).toBeDefined();
  expect(gradients(x.median(), [x])[0]).toBeUndefined();
});
