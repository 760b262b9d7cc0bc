import fc from 'fast-check';
import { expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { bootstrapDifference, complementaryError, resampledRows, wilcoxon } from './significance.ts';

/** Row numbers from a stream of random numbers. */
const draws = (seed: number): ((n: number) => number) => {
  const source = random(seed, 'rows');
  return (n) => source.integer(n);
};
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const wave = (n: number, shift: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.round((Math.sin(i * 1.7) + shift) * 1e6) / 1e6);

test('resampled rows are rows, and the same for the same source', () => {
  const drawn = resampledRows(5, 40, draws(1));
  expect(drawn).toHaveLength(40);
  expect(new Set(drawn.flatMap((rows) => [...rows]))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(resampledRows(5, 40, draws(1))).toEqual(drawn);
  expect(() => resampledRows(0, 1, draws(1))).toThrow('Cannot resample 0 samples.');
});

test('the interval and p-value of replicates counted by hand', () => {
  const replicates = Array.from({ length: 101 }, (_, i) => i - 10);
  const found = bootstrapDifference(40, replicates, 0.5);
  expect(found).toMatchObject({ value: 40, low: 15, high: 65 });
  // 11 of 101 are at most 0, and the data themselves count once.
  expect(found.p).toBeCloseTo((2 * 12) / 102, 12);
  expect(bootstrapDifference(0, [0, 0, 0])).toEqual({ value: 0, low: 0, high: 0, p: 1 });
  expect(bootstrapDifference(1, [1, 2, 3]).p).toBe(0.5);
  expect(() => bootstrapDifference(0, [])).toThrow('no resamples');
  for (const confidence of [0, 1, 1.5, 95])
    expect(() => bootstrapDifference(0, [1], confidence)).toThrow(`between 0 and 1, got ${confidence}.`);
});

test('the bootstrap of a mean has the standard error of the mean, and finds a true difference', () => {
  const source = random(3, 'data');
  const errors = Array.from({ length: 400 }, () => source.normal());
  const mean = (rows: Iterable<number>): number => {
    let [sum, count] = [0, 0];
    for (const row of rows) [sum, count] = [sum + errors[row]!, count + 1];
    return sum / count;
  };
  const replicates = resampledRows(400, 4000, draws(4)).map(mean);
  const value = mean(errors.keys());
  const { low, high, p } = bootstrapDifference(value, replicates);
  expect((high - low) / 2).toBeCloseTo(1.96 / 20, 2);
  // For a mean of many, the z-test's p-value.
  expect(p).toBeCloseTo(complementaryError((Math.abs(value) * 20) / Math.SQRT2), 1);
  expect(
    bootstrapDifference(
      value + 0.5,
      replicates.map((d) => d + 0.5),
    ).p,
  ).toBeLessThan(0.001);
});

// The values of SciPy 1.17: stats.wilcoxon(d), its exact distribution below and its approximation above 50 pairs.
test.each([
  ['8 pairs', [0.8, -0.2, 1.1, 0.5, -0.4, 0.9, 1.3, 0.1], 5, 0.078125],
  ['ties', [1, 1, -1, 2, 2, 3, -2, 4, 1, 5], 8.5, 0.060546875],
  ['a zero and ties', [15, -7, 5, 20, 0, -9, 17, -12, 5, -10], 18, 0.6328125],
  ['30 pairs', wave(30, 0.3), 135, 0.044907208532094955],
  ['50 pairs', wave(50, 0.25), 384, 0.013686934524772099],
  ['51 pairs', wave(51, 0.25), 402, 0.014426086076265712],
  ['200 pairs', wave(200, 0.1), 8133, 0.01933200553342936],
  [
    'many zeros and ties',
    Array.from({ length: 100 }, (_, i) => Math.round(2 * Math.sin(i * 1.3) + 0.4)),
    1160,
    0.003996051737944896,
  ],
] as const)('Wilcoxon of %s', (_, differences, statistic, p) => {
  const found = wilcoxon(differences, zeros(differences.length));
  expect(found.statistic).toBeCloseTo(statistic, 9);
  expect(found.p / p).toBeCloseTo(1, 9);
  expect(found.exact).toBe(found.pairs <= 50);
});

test('Wilcoxon does not depend on order or side, and its approximation meets the exact count', () => {
  const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, (d) => {
      const none = zeros(d.length);
      const found = wilcoxon(d, none);
      expect(found.p).toBeGreaterThan(0);
      expect(found.p).toBeLessThanOrEqual(1);
      expect(wilcoxon(none, d)).toEqual(found);
      expect(wilcoxon(d.toReversed(), none).p).toBeCloseTo(found.p, 12);
    }),
  );
  expect(wilcoxon(wave(50, 0.25), zeros(50)).p).toBeCloseTo(wilcoxon(wave(51, 0.25), zeros(51)).p, 2);
});

test('nothing differs, or cannot be compared', () => {
  expect(wilcoxon([1, 2], [1, 2])).toEqual({ statistic: 0, pairs: 0, p: 1, exact: true });
  expect(wilcoxon([], [])).toMatchObject({ p: 1 });
  expect(() => wilcoxon([1], [1, 2])).toThrow('Cannot pair 1 values with 2.');
  expect(() => wilcoxon([1, NaN], [1, 2])).toThrow('pair 1: NaN less 2');
});

// The values of SciPy 1.17: special.erfc.
test.each([
  [0, 1],
  [0.1, 0.8875370839817152],
  [1, 0.15729920705028516],
  [1.99, 0.004888586800383002],
  [2.01, 0.004475150644751764],
  [5, 1.5374597944280347e-12],
  [10, 2.0884875837625446e-45],
])('erfc(%d)', (x, expected) => {
  expect(complementaryError(x) / expected).toBeCloseTo(1, 11);
});
