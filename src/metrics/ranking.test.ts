import fc from 'fast-check';
import { expect, test } from 'vitest';
import { averagePrecision, ranked, rocArea } from './ranking.ts';

const pairs = fc.array(
  fc.record({ score: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true })), truth: fc.nat(1) }),
  { minLength: 1, maxLength: 30 },
);
const of = (rows: readonly { score: number; truth: number }[]): ReturnType<typeof ranked> =>
  ranked(
    rows.map(({ score }) => score),
    rows.map(({ truth }) => truth),
  );

test('a ranking worked out by hand', () => {
  const label = ranked([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]);
  expect(averagePrecision(label)).toBeCloseTo((1 + 2 / 3) / 2, 15);
  expect(rocArea(label)).toBe(3 / 4);
});

test('samples that score the same are one step, in whatever order they stand', () => {
  expect(averagePrecision(ranked([1, 1, 1, 0], [0, 1, 0, 1]))).toBeCloseTo((1 / 3 + 2 / 4) / 2, 15);
  expect(rocArea(ranked([1, 1, 1, 0], [0, 1, 0, 1]))).toBe((0.5 + 0.5) / 4);
  expect(rocArea(ranked([0, -0], [1, 0]))).toBe(0.5);
});

test('without a positive there is no average precision, without one of both no area', () => {
  expect([averagePrecision(ranked([1, 2], [0, 0])), rocArea(ranked([1, 2], [0, 0]))]).toEqual([undefined, undefined]);
  expect([averagePrecision(ranked([1, 2], [1, 1])), rocArea(ranked([1, 2], [1, 1]))]).toEqual([1, undefined]);
});

test('the area is the share of pairs in which the positive scores more, half for a tie', () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const [positives, negatives] = [1, 0].map((value) => rows.filter(({ truth }) => truth === value));
      const wins = positives!.flatMap((p) =>
        negatives!.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0) as number),
      );
      const area = rocArea(of(rows));
      if (wins.length === 0) expect(area).toBeUndefined();
      else expect(area).toBeCloseTo(wins.reduce((sum, x) => sum + x, 0) / wins.length, 12);
    }),
  );
});

test('only the order of scores counts, and not that of samples', () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const [ap, area] = [averagePrecision(of(rows)), rocArea(of(rows))];
      const levels = [...new Set(rows.map(({ score }) => (score === 0 ? 0 : score)))].sort((a, b) => a - b);
      const ranks = rows.map(({ score, truth }) => ({ score: levels.indexOf(score === 0 ? 0 : score), truth }));
      expect([averagePrecision(of(ranks.toReversed())), rocArea(of(ranks.toReversed()))]).toEqual([ap, area]);
    }),
  );
});
