import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeOf, ticks } from './ticks.ts';

test.each<[number, number, number, readonly number[]]>([
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.05, 0.31, 3, [0.1, 0.2, 0.3]],
  [-3, 3, 6, [-3, -2, -1, 0, 1, 2, 3]],
  [0, 137, 4, [0, 50, 100]],
  [0.0012, 0.0031, 4, [0.0015, 0.002, 0.0025, 0.003]],
  [5, 5, 4, [5]],
])('from %d to %d in some %d steps', (low, high, count, expected) => {
  expect(ticks(low, high, count)).toEqual(expected);
});

test('lie within the range, evenly, as many as were asked for or fewer', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      value,
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      (low, size, count) => {
        const high = low + size;
        const found = ticks(low, high, count);
        expect(found.length).toBeLessThanOrEqual(count + 1);
        const step = found[1]! - found[0]! || size;
        for (const tick of found) {
          expect(tick).toBeGreaterThanOrEqual(low - step * 1e-6);
          expect(tick).toBeLessThanOrEqual(high + step * 1e-6);
        }
      },
    ),
  );
});

test('a range is wider than its values, and there is one of no value and of one', () => {
  expect(rangeOf([0, 10, NaN, Infinity], 0.1)).toEqual([-1, 11]);
  expect(rangeOf([])).toEqual([0, 1]);
  expect(rangeOf([2, 2])).toEqual([1, 3]);
});
