import { expect, test } from 'vitest';
import { aligned, bandOf, smoothed } from './smooth.ts';

test('a curve is smoothed without a bias at its start, and past what is missing', () => {
  expect(smoothed([3, null, 3], 0.9)).toEqual([3, null, expect.closeTo(3)]);
  // (0.5 × 0.5 × 2 + 0.5 × 4) / 0.75
  expect(smoothed([2, 4], 0.5)).toEqual([2, expect.closeTo(10 / 3)]);
  expect(smoothed([2, 4], 0)).toEqual([2, 4]);
});

test('curves of one beginning share its places', () => {
  expect(
    aligned([
      { x: [1, 2, 3], y: [1, 2, 3] },
      { x: [1, 2], y: [5, 6] },
    ]),
  ).toEqual({
    x: [1, 2, 3],
    ys: [
      [1, 2, 3],
      [5, 6, null],
    ],
  });
});

test('curves of different places are laid over all of them', () => {
  expect(
    aligned([
      { x: [1, 3], y: [1, 3] },
      { x: [2, 3], y: [5, null] },
    ]),
  ).toEqual({
    x: [1, 2, 3],
    ys: [
      [1, null, 3],
      [null, 5, null],
    ],
  });
  expect(aligned([])).toEqual({ x: [], ys: [] });
});

test('a band goes as far as every curve', () => {
  expect(
    bandOf([
      { x: [1, 2, 3], y: [1, 2, 3] },
      { x: [1, 2], y: [3, 6] },
    ]),
  ).toEqual({
    x: [1, 2],
    y: [2, 4],
    low: [1, 2],
    high: [3, 6],
  });
});
