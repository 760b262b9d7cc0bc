import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { random } from '../data/random.ts';
import { bootstrapDifference, complementaryError, holm, resampledRows, rowsByGroup, wilcoxon } from './significance.ts';
import { allRows, clustered, meanOf } from './testing.ts';

/** Row numbers from a stream of random numbers. */
const draws = (seed: number): ((n: number) => number) => {
  const source = random(seed, 'rows');
  return (n) => source.integer(n);
};
/** So many samples, each a group of its own. */
const alone = (count: number): number[][] => Array.from({ length: count }, (_, n) => [n]);
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const wave = (n: number, shift: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.round((Math.sin(i * 1.7) + shift) * 1e6) / 1e6);

test('resampled rows are rows, and the same for the same source', () => {
  const drawn = resampledRows(alone(5), 40, draws(1));
  expect(drawn).toHaveLength(40);
  expect(drawn.every(({ length }) => length === 5)).toBe(true);
  expect(new Set(drawn.flatMap((rows) => [...rows]))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(resampledRows(alone(5), 40, draws(1))).toEqual(drawn);
  expect(() => resampledRows([], 1, draws(1))).toThrow('Cannot resample: there are no samples.');
});

test('groups are drawn whole, as many as there are', () => {
  const groups = rowsByGroup(['b', 'a', 'b', 'c', 'a', 'b']);
  expect(groups).toEqual([[0, 2, 5], [1, 4], [3]]);
  const next = [2, 0, 0, 1, 1, 2];
  const drawn = resampledRows(groups, 2, (n) => {
    expect(n).toBe(3);
    return next.shift()!;
  });
  expect(drawn.map((rows) => [...rows])).toEqual([
    [3, 0, 2, 5, 0, 2, 5],
    [1, 4, 1, 4, 3],
  ]);
});

test('p-values are corrected as Holm has it', () => {
  // 4 × 0.01, 3 × 0.02, then no smaller than the one before: 2 × 0.03 and 0.04.
  expect(holm([0.04, 0.01, 0.03, 0.02]).map((p) => Number(p.toFixed(12)))).toEqual([0.06, 0.04, 0.06, 0.06]);
  expect(holm([0.5, 0.9])).toEqual([1, 1]);
  expect(holm([0.3])).toEqual([0.3]);
  expect(holm([])).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) => {
      const corrected = holm(p);
      corrected.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(p[i]!);
        expect(value).toBeLessThanOrEqual(1);
        // Stepping down: a test that is passed at α is one of the k smallest, each of which is within α / (n − k + 1).
        const smaller = p.filter((other) => other < p[i]!).length;
        expect(value).toBeGreaterThanOrEqual(Math.min(1, (p.length - smaller) * p[i]!));
      });
    }),
  );
});

describe('samples that are alike in groups', () => {
  test('the standard error is that of a ratio of sums over groups, by its own formula', () => {
    const { values, groups } = clustered(1, 80);
    const units = rowsByGroup(groups);
    const mean = meanOf(values);
    const replicates = resampledRows(units, 6000, draws(2)).map(mean);
    const centre = mean(allRows(values));
    const deviation = Math.sqrt(replicates.reduce((sum, x) => sum + (x - centre) ** 2, 0) / replicates.length);
    // Cochran (1977), 6.13: the variance of a mean over clusters of unequal size.
    const residuals = units.map((rows) => rows.reduce((sum, row) => sum + values[row]! - centre, 0));
    const expected = Math.sqrt(residuals.reduce((sum, x) => sum + x * x, 0)) / values.length;
    expect(deviation / expected).toBeGreaterThan(0.96);
    expect(deviation / expected).toBeLessThan(1.04);
  });
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
  const replicates = resampledRows(alone(400), 4000, draws(4)).map(mean);
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

describe('against SciPy, by test/fixtures/significance/make.py', () => {
  const numbers = z.array(z.number());
  const interval = { low: z.number(), high: z.number(), error: z.number() };
  const golden = z
    .object({
      wilcoxon: z.record(
        z.string(),
        z.object({ kind: z.string(), differences: numbers, statistic: z.number(), p: z.number() }),
      ),
      holm: z.record(z.string(), z.object({ p: numbers, corrected: numbers })),
      bootstrap: z.record(
        z.string(),
        z.object({ a: numbers, b: numbers, groups: z.array(z.string()).optional(), ...interval }),
      ),
    })
    .parse(JSON.parse(readFileSync(new URL('../../test/fixtures/significance/golden.json', import.meta.url), 'utf8')));

  test.each(Object.entries(golden.wilcoxon))('Wilcoxon: %s', (_, { kind, differences, statistic, p }) => {
    const found = wilcoxon(differences, zeros(differences.length));
    expect(found.exact).toBe(kind !== 'approximate');
    expect(found.statistic).toBeCloseTo(statistic, 9);
    expect(found.p / p).toBeCloseTo(1, 9);
  });

  test.each(Object.entries(golden.holm))('Holm: %s', (_, { p, corrected }) => {
    holm(p).forEach((value, i) => expect(value).toBeCloseTo(corrected[i]!, 12));
  });

  test.each(Object.entries(golden.bootstrap))('paired bootstrap of %s', (_, { a, b, groups, low, high, error }) => {
    const units = groups ? rowsByGroup(groups) : alone(a.length);
    const meanError = (rows: Int32Array): number => meanOf(a.map(Math.abs))(rows) - meanOf(b.map(Math.abs))(rows);
    const replicates = resampledRows(units, 20_000, draws(5)).map(meanError);
    const found = bootstrapDifference(meanError(allRows(a)), replicates);
    // Each quantile of 20,000 replicates is off by √(0.025 · 0.975 / 20,000) / φ(1.96) = 0.019 standard errors; two of them,
    // SciPy's and ours, differ by √2 of that, and four times as much is not met by chance.
    const tolerance = 4 * Math.SQRT2 * 0.019 * error;
    expect(Math.abs(found.low - low)).toBeLessThan(tolerance);
    expect(Math.abs(found.high - high)).toBeLessThan(tolerance);
    // Alone, samples of groups that are alike would have an interval that is off by more than that.
    if (!groups) return;
    const wrong = bootstrapDifference(0, resampledRows(alone(a.length), 20_000, draws(6)).map(meanError));
    expect(high - low - (wrong.high - wrong.low)).toBeGreaterThan(2 * tolerance);
  });
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
