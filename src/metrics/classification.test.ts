import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classScores, classification, confusionMatrix, predictedClasses } from './classification.ts';

test('a small matrix worked out by hand', () => {
  const counts = confusionMatrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], 3);
  expect(counts).toEqual([
    [2, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ]);
  const scores = classScores(counts);
  expect(scores.wacc).toBeCloseTo(3 / 5, 12);
  expect(scores.uacc).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
  expect(scores.waf1).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 2)) / 5, 12);
  expect(scores.macro_f1).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
  expect(scores.perClass[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
});

test('Macro-F1 is over the classes in truth or prediction, as scikit-learn has it', () => {
  // sklearn.metrics.f1_score([0, 0, 1, 1, 4], [0, 1, 1, 2, 4], average='macro') of four classes: .6667, .5, 0 and 1.
  const counts = confusionMatrix([0, 0, 1, 1, 4], [0, 1, 1, 2, 4], 6);
  expect(classScores(counts).macro_f1).toBeCloseTo((2 / 3 + 1 / 2 + 0 + 1) / 4, 12);
});

test('of equal logits the first class wins', () => {
  expect([...predictedClasses([1, 1, 0, 0, 2, 2], 3)]).toEqual([0, 1]);
});

test('no samples at all score 0', () => {
  expect(classification([], [], 2)).toMatchObject({ wacc: 0, uacc: 0, waf1: 0, macro_f1: 0 });
});

test('scores do not depend on the order of samples, and balanced classes make wacc equal uacc', () => {
  const pair = fc.tuple(fc.nat(3), fc.nat(3));
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 40 }), (pairs) => {
      const of = (rows: typeof pairs): number[][] =>
        confusionMatrix(
          rows.map(([t]) => t),
          rows.map(([, p]) => p),
          4,
        );
      expect(classScores(of(pairs))).toEqual(classScores(of(pairs.toReversed())));
    }),
  );
  const balanced = classScores(confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 2));
  expect(balanced.wacc).toBe(balanced.uacc);
});

test('what cannot be a class is refused, with the sample', () => {
  expect(() => confusionMatrix([0, 3], [0, 0], 3)).toThrow('Class of sample 1 is 3; with 3 classes');
  expect(() => confusionMatrix([0.5], [0], 3)).toThrow('Class of sample 0 is 0.5');
  expect(() => confusionMatrix([0], [0, 1], 3)).toThrow('Cannot compare 2 predicted classes with 1 true ones.');
  expect(() => predictedClasses([1, 2, 3], 2)).toThrow('Cannot split 3 scores into rows of 2');
  expect(() => predictedClasses([1, NaN], 2)).toThrow('score 1 of sample 0 is NaN');
});
