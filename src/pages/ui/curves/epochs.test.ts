import { expect, test } from 'vitest';
import { isWithin, wholeEpochs, type Epochs } from './epochs.ts';

test.each<[Epochs, Epochs]>([
  [
    [30.7, 36.7],
    [31, 37],
  ],
  [
    [2, 5],
    [2, 5],
  ],
  [
    [3.6, 4.2],
    [3, 5],
  ],
])('a pointer from %j chooses %j', (range, whole) => {
  expect(wholeEpochs(range)).toEqual(whole);
});

test('both ends are of a range', () => {
  expect([1, 2, 3, 4].map((epoch) => isWithin(epoch, [2, 3]))).toEqual([false, true, true, false]);
  expect(isWithin(9, undefined)).toBe(true);
});
