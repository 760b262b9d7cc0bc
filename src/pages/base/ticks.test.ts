import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { around, isPoint, logTicks, rangeOf, ticks } from './ticks.ts';

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

test.each<[string, number, number, number, readonly number[]]>([
  ['1, 2 and 5 where they fit', 0.01949, 0.23, 6, [0.02, 0.05, 0.1, 0.2]],
  ['powers alone where they are more', 0.01949, 230, 6, [0.1, 1, 10, 100]],
  ['some powers of many', 1e-9, 1.1, 5, [1e-9, 1e-7, 1e-5, 1e-3, 0.1]],
  ['round numbers of a narrow range', 1.41, 1.49, 6, [1.42, 1.44, 1.46, 1.48]],
  ['powers at the ends', 1, 10, 6, [1, 2, 5, 10]],
])('an axis of powers of ten has %s', (_, low, high, most, expected) => {
  expect(logTicks(low, high, most)).toEqual(expected);
});

test('a constant has a small range around it', () => {
  expect([around(0), around(5), around(-5)]).toEqual([
    [-0.1, 0.1],
    [4.5, 5.5],
    [-5.5, -4.5],
  ]);
  expect([isPoint(0, 0), isPoint(0.3, 0.1 + 0.2), isPoint(1, 1.0001), isPoint(-1, 1)]).toEqual([
    ...[true, true, false, false],
  ]);
});

test('a range is wider than its values, and there is one of no value and of one', () => {
  expect(rangeOf([0, 10, NaN, Infinity], 0.1)).toEqual([-1, 11]);
  expect(rangeOf([])).toEqual([0, 1]);
  expect(rangeOf([2, 2])).toEqual([1, 3]);
});
