import { expect, test } from 'vitest';
import { shadeOf, shadesOf, turnsOf } from './shades.ts';

test('one outlier does not pale all others', () => {
  const values = [...Array.from({ length: 99 }, (_, n) => (n % 2 === 0 ? 1 : -1)), null, 50];
  const shades = shadesOf(values)!;
  expect(shades).toEqual({ low: -1, high: 50, full: 1 });
  expect([-1, -0.25, 0, 50].map((value) => shadeOf(value, shades))).toEqual([1, 0.25, 0, 1]);
});

test.each<[string, readonly (number | null)[], ReturnType<typeof shadesOf>]>([
  ['none', [null], undefined],
  ['none far from the others', [1, 2, 3, 3, -4], { low: -4, high: 3, full: 4 }],
  ['only 0', [0, 0], { low: 0, high: 0, full: 1 }],
  ['almost only 0', [...Array.from({ length: 99 }, () => 0), -3], { low: -3, high: 0, full: 3 }],
])('%s', (_, values, shades) => {
  expect(shadesOf(values)).toEqual(shades);
});

test.each<[string, Parameters<typeof turnsOf>[0], readonly (readonly [number, number])[]]>([
  [
    'both signs',
    { low: -1, high: 3, full: 2 },
    [
      [-1, 0],
      [0, 0.25],
      [2, 0.75],
      [3, 1],
    ],
  ],
  [
    'shares',
    { low: 0, high: 0.5, full: 0.5 },
    [
      [0, 0],
      [0.5, 1],
    ],
  ],
  [
    'all above 0',
    { low: 2, high: 6, full: 4 },
    [
      [2, 0],
      [4, 0.5],
      [6, 1],
    ],
  ],
  [
    'one number',
    { low: 2, high: 2, full: 2 },
    [
      [2, 0],
      [2, 1],
    ],
  ],
])('shades change evenly between turns: %s', (_, shades, turns) => {
  expect(turnsOf(shades).map(({ value, at }) => [value, at])).toEqual(turns);
});
