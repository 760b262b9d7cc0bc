import { expect, test } from 'vitest';
import { orderedPairs, sumOf, unorderedPairs } from './pairs.ts';

test('pairs of modalities', () => {
  expect(unorderedPairs(3)).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  expect(orderedPairs(2)).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(orderedPairs(4)).toHaveLength(12);
  expect(unorderedPairs(1)).toEqual([]);
});

test('a sum of nothing is an error', () => {
  expect(() => sumOf([])).toThrow('A sum needs at least one term.');
});
