import { expect, test } from 'vitest';
import { deviationsOf } from './deviations.ts';

const usual = (width: number): { centre: number[]; deviation: number[]; isMean: boolean } => ({
  ...{
    centre: Array.from({ length: width }, () => 1),
    deviation: Array.from({ length: width }, () => 2),
    isMean: true,
  },
});

test('numbers become deviations, step by step; what is missing stays so, and a constant is none', () => {
  const statistics = { centre: [1, 5, 0], deviation: [2, 0, 1], isMean: true };
  const steps = [
    [5, 9, null],
    [1, 5, -3],
  ];
  expect(deviationsOf(steps, statistics)).toEqual({ columns: 2, rows: 3, values: [2, 0, Number.NaN, 0, 0, -3] });
});

test('a single step lies from left to right', () => {
  expect(deviationsOf([[3, 1, -1]], usual(3))).toEqual({ columns: 3, rows: 1, values: [1, 0, -1] });
});

test('many features are means of neighbours, and of many steps some are shown', () => {
  const steps = Array.from({ length: 500 }, (_, t) => Array.from({ length: 48 }, (__, d) => 1 + 2 * (d % 2) + 4 * t));
  const { columns, rows, values } = deviationsOf(steps, usual(48));
  expect([columns, rows, values.length]).toEqual([96, 24, 96 * 24]);
  expect(values.slice(0, 2)).toEqual([0.5, 0.5]);
  expect(values.at(-1)).toBe(0.5 + 2 * Math.floor((95 * 500) / 96));
});

test('of nothing there is nothing', () => {
  expect(deviationsOf([], usual(3))).toEqual({ columns: 0, rows: 3, values: [] });
});
