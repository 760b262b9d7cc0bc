import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multiLabel } from './multi-label.ts';
import { sigmoid } from './probabilities.ts';
import { flat, golden } from './testing.ts';
import { thresholdsOnValidation } from './thresholds.ts';

const f1At = (probabilities: readonly number[], truth: readonly number[], threshold: number): number =>
  multiLabel(probabilities, truth, 1, { thresholds: [threshold], predictions: 'probabilities' }).perLabel[0]!.f1 ?? 0;

test.each(Object.entries(golden.labels))('no threshold has a better F1 for %s', (_, { truth, logits, thresholds }) => {
  const labels = thresholds.length;
  const probabilities = sigmoid(Float32Array.from(logits.flat()));
  const chosen = thresholdsOnValidation(probabilities, flat(truth), labels);
  const scores = multiLabel(probabilities, flat(truth), labels, { thresholds: chosen, predictions: 'probabilities' });
  const best = golden.labels[_]!.sklearn.by_label['best_f1']!;
  expect(Object.keys(best).length).toBeGreaterThan(0);
  for (const [l, f1] of Object.entries(best)) expect(scores.perLabel[Number(l)]!.f1).toBeCloseTo(f1, 12);
});

test('a threshold is halfway between probabilities, and of equal ones that nearest to 0.5', () => {
  expect(thresholdsOnValidation([0.2, 0.3, 0.8, 0.9], [0, 0, 1, 1], 1)).toEqual([0.55]);
  // Whether 0.9 alone is predicted or both, F1 is 2/3: 0.6 is nearer than 0.15.
  expect(thresholdsOnValidation([0.9, 0.3, 0.25, 0.2], [1, 0, 0, 1], 1)[0]).toBeCloseTo(0.6, 12);
});

test('a label without a positive, or of which all is absent, keeps 0.5; one that is always true is always predicted', () => {
  expect(thresholdsOnValidation([0.2, 0.7], [0, 0], 1)).toEqual([0.5]);
  expect(thresholdsOnValidation([0.2, 0.7], [NaN, NaN], 1)).toEqual([0.5]);
  expect(thresholdsOnValidation([0.2, 0.7], [1, 1], 1)).toEqual([0.1]);
  expect(thresholdsOnValidation([0, 0], [1, 1], 1)).toEqual([0.5]);
});

test('probabilities that are neighbours as numbers are still told apart', () => {
  const next = 0.5 + Number.EPSILON / 2;
  const [threshold] = thresholdsOnValidation([0.5, next], [0, 1], 1);
  expect(f1At([0.5, next], [0, 1], threshold!)).toBe(1);
});

test('it is the best of all thresholds, whatever the order of the samples', () => {
  const share = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(share, fc.nat(1)), { minLength: 1, maxLength: 25 }), (rows) => {
      const probabilities = rows.map(([p]) => p);
      const truth = rows.map(([, t]) => t);
      const [chosen] = thresholdsOnValidation(probabilities, truth, 1);
      expect(thresholdsOnValidation(probabilities.toReversed(), truth.toReversed(), 1)).toEqual([chosen]);
      const best = Math.max(...[0, ...probabilities].map((each) => f1At(probabilities, truth, each)));
      expect(f1At(probabilities, truth, chosen!)).toBeCloseTo(best, 12);
    }),
  );
});

test('many samples take no longer than their sorting', () => {
  const count = 200_000;
  const probabilities = Float64Array.from({ length: count }, (_, n) => ((n * 7919) % count) / count);
  const truth = Float64Array.from(probabilities, (p, n) => Number(p + ((n * 31) % 100) / 200 > 0.7));
  const start = performance.now();
  const [threshold] = thresholdsOnValidation(probabilities, truth, 1);
  // Trying every threshold on every sample would be 40 billion comparisons.
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(threshold).toBeGreaterThan(0.2);
});

test('what cannot be a probability of a label is refused', () => {
  expect(() => thresholdsOnValidation([0.5, NaN], [0, 1], 1)).toThrow('the prediction of label 0 of sample 1 is NaN');
  expect(() => thresholdsOnValidation([0.5], [2], 1)).toThrow('label 0 of sample 0 is 2');
  expect(() => thresholdsOnValidation([0.5, 0.5, 0.5], [0, 1, 1], 2)).toThrow('Cannot compare 3 predictions');
  expect(() => thresholdsOnValidation([0.5, -3], [0, 1], 1)).toThrow('-3 is no probability');
});
