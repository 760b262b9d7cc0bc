import { expect, test } from 'vitest';
import { wilson } from './wilson.ts';

test('intervals are those of Newcombe (1998), table I', () => {
  const rounded = (hits: number, count: number): readonly number[] =>
    Object.values(wilson(hits, count)).map((x: number) => Number(x.toFixed(4)));
  expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
  expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
  expect(rounded(0, 20)).toEqual([0, 0.1611]);
  expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
});

test('all right is not certain, and no sample says nothing', () => {
  expect(wilson(3, 3).high).toBe(1);
  expect(wilson(3, 3).low).toBeLessThan(0.5);
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
});
