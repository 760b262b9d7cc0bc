import { expect, test } from 'vitest';
import { allocate } from './memory.ts';

test('allocated arrays are zero, as long as asked for, and apart', () => {
  const lengths = [5, 0, 1, 16, 17, 70_000];
  const arrays = allocate(lengths);
  expect(arrays.map(({ length }) => length)).toEqual(lengths);
  for (const array of arrays) expect(array.every((x) => x === 0)).toBe(true);
  for (const [i, array] of arrays.entries()) array.fill(i + 1);
  for (const [i, array] of arrays.entries()) expect(array.every((x) => x === i + 1)).toBe(true);
});

test('a later call leaves the arrays of an earlier one as they are', () => {
  const [first] = allocate([100]);
  first!.fill(7);
  allocate([1_000_000])[0]!.fill(8);
  expect(first).toEqual(new Float32Array(100).fill(7));
});
