import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitLabels, quantileBoundaries, roundedBoundaries, standardisedLabel } from './label-statistics.ts';

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
/** How many labels each class has, the classes in order. */
function sizes(labels: Float32Array, boundaries: readonly number[]): number[] {
  const counts = Array<number>(boundaries.length + 1).fill(0);
  for (const y of labels) counts[boundaries.filter((end) => y > end).length]! += 1;
  return counts;
}

describe('mean and deviation', () => {
  test('are those of the labels', () => {
    expect(fitLabels(floats(2, 4, 4, 4, 5, 5, 7, 9))).toEqual({ mean: 5, deviation: 2 });
  });

  test('of labels far from zero lose nothing', () => {
    const { mean, deviation } = fitLabels(Float32Array.from({ length: 1000 }, (_, i) => 1_000_000 + (i % 2)));
    expect(mean).toBe(1_000_000.5);
    expect(deviation).toBe(0.5);
  });

  test.each([
    ['alike', floats(7, 7, 7), { mean: 7, deviation: 1 }],
    ['as small as float32 is precise', floats(2 ** -126, -(2 ** -126)), { mean: 0, deviation: 2 ** -126 }],
    ['smaller than that', floats(2 ** -127, -(2 ** -127)), { mean: 0, deviation: 1 }],
    ['alike but for rounding', floats(0.1, 0.1, 0.1 + 2 ** -27), { mean: Math.fround(0.1), deviation: 1 }],
    ['a single one', floats(50), { mean: 50, deviation: 1 }],
    ['none', floats(), { mean: 0, deviation: 1 }],
    ['no numbers in part', floats(1, NaN, 3, Infinity), { mean: 2, deviation: 1 }],
    ['small', floats(1e-20, 3e-20), { mean: Math.fround(2e-20), deviation: Math.fround(1e-20) }],
  ])('of labels that are %s', (_, labels, expected) => {
    const { mean, deviation } = fitLabels(labels);
    expect(mean).toBeCloseTo(expected.mean, 6);
    expect(deviation / expected.deviation).toBeCloseTo(1, 5);
  });

  test('make mean 0 and deviation 1 of what they were taken from', () => {
    const labels = Float32Array.from({ length: 500 }, (_, i) => 50 + 30 * Math.sin(i));
    const { mean, deviation } = fitLabels(labels.map((y) => standardisedLabel(y, fitLabels(labels))));
    expect(mean).toBeCloseTo(0, 6);
    expect(deviation).toBeCloseTo(1, 6);
  });
});

test('boundaries of rounded labels are in the middle between the values that they are rounded to', () => {
  roundedBoundaries(7, 3).forEach((end, k) => expect(end).toBeCloseTo(k - 2.5, 12));
  expect(roundedBoundaries(7, 3)).toHaveLength(6);
  expect(roundedBoundaries(3, 1)).toEqual([-0.5, 0.5]);
  expect(roundedBoundaries(2, 4)).toEqual([0]);
});

describe('boundaries by quantiles', () => {
  test('make classes of the same size, wherever labels lie', () => {
    const labels = Float32Array.from({ length: 700 }, (_, i) => Math.exp((i * 9) / 700));
    expect(sizes(labels, quantileBoundaries(labels, 7))).toEqual([100, 100, 100, 100, 100, 100, 100]);
    expect(sizes(labels, quantileBoundaries(labels, 2))).toEqual([350, 350]);
  });

  test('are in the middle between two labels', () => {
    expect(quantileBoundaries(floats(10, 40, 20, 90), 2)).toEqual([30]);
  });

  test('never part labels that are alike: the nearest step is taken, of two the lower', () => {
    expect(quantileBoundaries(floats(0, 0, 0, 0, 0, 0, 0, 1, 2, 3), 2)).toEqual([0.5]);
    expect(quantileBoundaries(floats(0, 1, 1, 1, 1, 1, 2, 3), 2)).toEqual([1.5]);
    expect(quantileBoundaries(floats(0, 0, 1, 1, 1, 1, 2, 2), 2)).toEqual([0.5]);
  });

  test.each<[string, Float32Array, number[]]>([
    ['few values have a class each', floats(1, 5, 5, 9, 1, 1, 1), [3, 7]],
    ['fewer samples than classes have a class each', floats(4, 2), [3]],
    ['labels that are all alike are one class', floats(5, 5, 5), []],
    ['a single label is one class', floats(5), []],
    ['no label makes no boundary', floats(), []],
    ['labels that are no numbers are left out', floats(NaN, 1, NaN, 3), [2]],
  ])('%s', (_, labels, boundaries) => {
    expect(quantileBoundaries(labels, 7)).toEqual(boundaries);
  });

  test('part neighbouring numbers too', () => {
    for (const [low, high] of [
      [1, 1 + 2 ** -23],
      [1 + 2 ** -23, 1 + 2 ** -22],
    ] as const) {
      const labels = floats(low, high);
      expect(sizes(labels, quantileBoundaries(labels, 7))).toEqual([1, 1]);
    }
  });

  test('ascend, leave no class empty, are as many as asked for at most, and follow the unit', () => {
    const values = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 9 }), (given, count) => {
        const labels = Float32Array.from(given);
        const boundaries = quantileBoundaries(labels, count);
        expect(boundaries).toEqual(boundaries.toSorted((a, b) => a - b));
        expect(boundaries.length).toBe(Math.min(new Set(boundaries).size, count - 1));
        expect(Math.min(...sizes(labels, boundaries))).toBeGreaterThan(0);
        if (new Set(given).size <= count) expect(boundaries).toHaveLength(new Set(given).size - 1);
        const moved = labels.map((y) => 8 * y + 3);
        expect(quantileBoundaries(moved, count)).toEqual(boundaries.map((y) => 8 * y + 3));
      }),
    );
  });
});
