import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multiLabel, type MultiLabelScores } from './multi-label.ts';
import { sigmoid } from './probabilities.ts';
import { flat, golden } from './testing.ts';

const overall = ['map', 'macro_f1', 'micro_f1', 'wacc', 'waf1', 'auc', 'exact_match', 'hamming'] as const;
const byLabel = ['acc', 'wacc', 'f1', 'waf1', 'ap', 'auc'] as const;

test.each(Object.entries(golden.labels))('scikit-learn gives the same for %s', (_, { truth, logits, ...given }) => {
  const labels = given.thresholds.length;
  const found = multiLabel(Float32Array.from(logits.flat()), flat(truth), labels, { thresholds: given.thresholds });
  for (const name of overall) expect(found[name], name).toBeCloseTo(Number(given.sklearn[name]), 12);
  for (const name of byLabel)
    for (const [l, scores] of found.perLabel.entries()) {
      const expected = given.sklearn.by_label[name]![l];
      if (expected === undefined) expect(scores[name], `${name} of ${l}`).toBeUndefined();
      else expect(scores[name], `${name} of ${l}`).toBeCloseTo(expected, 12);
    }
});

test('weighted accuracy is that of the papers, TP N / P and TN over 2 N', () => {
  // Of two positives one is found, of four negatives three are left alone.
  const [label] = multiLabel([1, -1, -1, -1, -1, 1], [1, 1, 0, 0, 0, 0], 1).perLabel;
  expect(label).toMatchObject({ wacc: (1 * (4 / 2) + 3) / (2 * 4), acc: 4 / 6, positives: 2, negatives: 4 });
  expect(label).toMatchObject({ f1: 0.5, waf1: (2 * 0.5 + 4 * 0.75) / 6 });
});

test('a label that is never true, or always, is left out of the means that it would spoil', () => {
  const found = multiLabel(
    [1, -1, 1, 1, -1, 1],
    [1, 0, 1, 0, 0, 1].flatMap((x, n) => (n % 2 === 0 ? [x] : [0])),
    2,
  );
  expect(found.perLabel[1]).toMatchObject({ positives: 0, wacc: undefined, f1: undefined, ap: undefined, acc: 1 / 3 });
  expect(found).toMatchObject({ map: 1, macro_f1: 1, wacc: 1, auc: 1 });
  // What was found wrongly still counts where labels are counted together.
  expect(found).toMatchObject({ micro_f1: 2 / 3, exact_match: 1 / 3, hamming: 1 / 3 });
  const always = multiLabel([1, -1], [1, 1], 1);
  expect(always.perLabel[0]).toMatchObject({ wacc: undefined, auc: undefined, ap: 1, f1: 2 / 3 });
});

test('nothing that is defined scores 0, never NaN', () => {
  expect(multiLabel([1, -1], [NaN, NaN], 1)).toEqual({
    ...Object.fromEntries(overall.map((name) => [name, 0])),
    perLabel: [{ ...Object.fromEntries(byLabel.map((name) => [name, undefined])), positives: 0, negatives: 0 }],
  });
});

test('a label that is absent is left out alone: the others of its sample count', () => {
  const found = multiLabel([1, 1, -1, -1], [1, NaN, 0, 0], 2);
  expect(found).toMatchObject({ exact_match: 1, hamming: 0, micro_f1: 1 });
  expect(found.perLabel.map(({ positives, negatives }) => [positives, negatives])).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

const entry = fc.record({ logit: fc.float({ noNaN: true, min: -30, max: 30 }), truth: fc.constantFrom(0, 1, NaN) });
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((labels) =>
    fc.array(fc.array(entry, { minLength: labels, maxLength: labels }), { minLength: 1, maxLength: 20 }),
  );
type Table = readonly (readonly { readonly logit: number; readonly truth: number }[])[];
const scored = (rows: Table, thresholds?: readonly number[]): MultiLabelScores =>
  multiLabel(
    rows.flat().map(({ logit }) => logit),
    rows.flat().map(({ truth }) => truth),
    rows[0]!.length,
    thresholds && { thresholds },
  );

test('neither the order of samples nor that of labels matters', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const { perLabel, ...means } = scored(rows);
      expect(scored(rows.toReversed())).toEqual({ perLabel, ...means });
      const turned = scored(rows.map((row) => row.toReversed()));
      expect(turned.perLabel.toReversed()).toEqual(perLabel);
      for (const name of overall) expect(turned[name]).toBeCloseTo(means[name], 12);
    }),
  );
});

test('a perfect prediction is perfect wherever something is defined, and all scores are shares', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const perfect = scored(rows.map((row) => row.map(({ truth }) => ({ truth, logit: truth === 1 ? 3 : -3 }))));
      for (const label of perfect.perLabel) for (const name of byLabel) expect([1, undefined]).toContain(label[name]);
      expect(perfect.hamming).toBe(0);
      const { perLabel, ...means } = scored(rows);
      for (const value of [
        ...Object.values(means),
        ...perLabel.flatMap((label) => byLabel.map((x) => label[x] ?? 0)),
      ]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
      }
    }),
  );
});

test('above 1 there is no probability: no label is predicted; above 0 there is every one', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const labels = rows[0]!.length;
      const none = scored(rows, new Array<number>(labels).fill(1));
      const all = scored(rows, new Array<number>(labels).fill(0));
      for (const [l, { positives, negatives }] of none.perLabel.entries()) {
        if (positives + negatives === 0) continue;
        expect(none.perLabel[l]!.acc).toBeCloseTo(negatives / (positives + negatives), 12);
        expect(all.perLabel[l]!.acc).toBeCloseTo(positives / (positives + negatives), 12);
      }
    }),
  );
});

test('probabilities give what their logits give', () => {
  const [logits, truth] = [
    [2, -1, 0.5, -3, 0, 4],
    [1, 0, 0, 1, 1, 1],
  ] as const;
  expect(multiLabel(sigmoid(logits), truth, 2, { predictions: 'probabilities' })).toEqual(multiLabel(logits, truth, 2));
  // A probability of exactly the threshold is not above it.
  expect(multiLabel([0, 0], [1, 0], 1).perLabel[0]).toMatchObject({ acc: 0.5, f1: 0 });
});

test('logits of any size are ranked, also where their probabilities round to the same', () => {
  expect(multiLabel([800, 900, -900, -800], [0, 1, 0, 1], 1)).toMatchObject({ auc: 0.75 });
  expect(multiLabel([Infinity, -Infinity], [1, 0], 1)).toMatchObject({ auc: 1, hamming: 0 });
});

test('what cannot be scored is refused, with its place', () => {
  expect(() => multiLabel([], [], 2)).toThrow('there are no samples');
  expect(() => multiLabel([1], [1], 0)).toThrow('without their names');
  expect(() => multiLabel([1, 2, 3], [1, 0, 1], 2)).toThrow('Cannot compare 3 predictions with 3 true values of 2');
  expect(() => multiLabel([1, 2], [1, 0, 1, 1], 2)).toThrow('Cannot compare 2 predictions with 4 true values');
  expect(() => multiLabel([1, 2, 3, NaN], [1, 0, 1, 1], 2)).toThrow('the prediction of label 1 of sample 1 is NaN');
  expect(() => multiLabel([1, 2], [1, 0.5], 2)).toThrow('label 1 of sample 0 is 0.5; a label is 0, 1, or NaN');
  expect(() => multiLabel([1, 2], [1, 0], 2, { thresholds: [0.5] })).toThrow('2 labels with 1 thresholds');
  expect(() => multiLabel([1], [1], 1, { thresholds: [1.5] })).toThrow('between 0 and 1, got 1.5');
  expect(() => multiLabel([1], [1], 1, { thresholds: [NaN] })).toThrow('between 0 and 1, got NaN');
});
