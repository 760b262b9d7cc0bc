import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mosiClass, mosiRegression, plainRegression, simsClass, simsRegression } from './regression.ts';

test('acc2 drops neutral truths, acc2_nonneg counts them as non-negative', () => {
  const scores = mosiRegression([-1, 1, 0.5, -0.5], [-2, 2, 0, 0]);
  expect(scores.acc2).toBe(1);
  expect(scores.acc2_nonneg).toBe(0.75);
});

test('a prediction of exactly 0 is negative for acc2 and non-negative for acc2_nonneg', () => {
  const scores = mosiRegression([0, 0], [-1, 1]);
  expect(scores.acc2).toBe(0.5);
  expect(mosiRegression([0], [-1])).toMatchObject({ acc2: 1, acc2_nonneg: 0 });
  expect(mosiRegression([-0], [1])).toMatchObject({ acc2: 0, acc2_nonneg: 1 });
});

test('halves round to even, and values beyond the range count as its end', () => {
  expect([-9, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 9].map((x) => mosiClass(x) - 3)).toEqual([-3, -2, -2, 0, 0, 2, 2, 3]);
  expect(mosiRegression([7], [3]).acc7).toBe(1);
});

test('CH-SIMS bins include their upper edge, in float32 and in float64', () => {
  expect([-1, -0.1, -0.09, 0.1, 0.11, 1].map(simsClass)).toEqual([0, 0, 1, 1, 2, 2]);
  expect([-0.1, 0.1].map(Math.fround).map(simsClass)).toEqual([0, 1]);
  expect(simsRegression([5], [1]).mae).toBe(0);
});

test('nothing but neutral truths leaves acc2 and f1 at 0', () => {
  expect(mosiRegression([1, -1], [0, 0])).toMatchObject({ acc2: 0, f1: 0, corr: 0, acc2_nonneg: 0.5 });
});

test('a constant that is no binary fraction has correlation 0, not the correlation of its rounding errors', () => {
  const truth = Array.from({ length: 100 }, (_, n) => Math.sin(n));
  expect(plainRegression(new Array<number>(100).fill(0.1), truth).corr).toBe(0);
});

test('plain regression against numbers worked out by hand', () => {
  const scores = plainRegression([1, 2, 4], [1, 2, 3]);
  expect(scores.mae).toBeCloseTo(1 / 3, 12);
  expect(scores.rmse).toBeCloseTo(Math.sqrt(1 / 3), 12);
  expect(scores.r2).toBeCloseTo(0.5, 12);
  expect(scores.corr).toBeCloseTo(3 / Math.sqrt((14 / 3) * 2), 12);
});

test('every score is finite, accuracies and F1 are within 0..1, a perfect prediction is perfect', () => {
  const value = fc.float({ noNaN: true, min: -5, max: 5 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }), (pairs) => {
      const prediction = pairs.map(([p]) => p);
      const truth = pairs.map(([, t]) => t);
      for (const scores of [mosiRegression(prediction, truth), simsRegression(prediction, truth)]) {
        const { mae, corr, ...shares }: Record<string, number> = { ...scores };
        expect(mae).toBeGreaterThanOrEqual(0);
        expect(Math.abs(corr)).toBeLessThanOrEqual(1);
        for (const share of Object.values(shares)) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-12);
        }
      }
      expect(Object.values(plainRegression(prediction, truth)).every(Number.isFinite)).toBe(true);
      expect(mosiRegression(truth, truth)).toMatchObject({ mae: 0, acc3: 1, acc5: 1, acc7: 1, acc2_nonneg: 1 });
      expect(simsRegression(truth, truth)).toMatchObject({ mae: 0, acc2: 1, acc3: 1, acc5: 1 });
    }),
  );
});

test('unequal lengths, no samples and values that are not finite are refused', () => {
  expect(() => mosiRegression([1], [1, 2])).toThrow('Cannot compare 1 predictions with 2 true values.');
  expect(() => simsRegression([], [])).toThrow('there are no samples');
  expect(() => mosiRegression([0, NaN], [1, 2])).toThrow('prediction 1 is NaN');
  expect(() => plainRegression([0], [Infinity])).toThrow('true value of sample 0 is Infinity');
});
