import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import type { Predictions } from '../runs/record/predictions.ts';
import { metricIntervals } from './metric-intervals.ts';

const of = { metrics: 'regression', classes: [] } as const;

/** Predictions of `groups` groups of `each` samples, whose errors are normal and all alike within a group. */
function made(groups: number, each: number, seed = 1): Predictions & { readonly groups: readonly string[] } {
  const draws = random(seed, 'test');
  const errors = Array.from({ length: groups }, () => 1 + 0.2 * draws.normal());
  const rows = Array.from({ length: groups * each }, (_, n) => Math.floor(n / each));
  return {
    ids: rows.map((_, n) => `s${n}`),
    groups: rows.map((g) => `g${g}`),
    labels: rows.map((_, n) => n % 7),
    values: rows.map((g, n) => (n % 7) + errors[g]!),
  };
}
const widthOf = (seeds: readonly Predictions[]): number => {
  const { low, high } = metricIntervals(of, seeds)!.intervals['mae']!;
  return high - low;
};

describe('the interval of a mean error', () => {
  test('is 2 · 1.96 · 0.2 / √groups wide, however many samples a group has', () => {
    for (const each of [1, 5]) {
      const expected = (2 * 1.96 * 0.2) / Math.sqrt(100);
      expect(widthOf([made(100, each)]) / expected).toBeGreaterThan(0.8);
      expect(widthOf([made(100, each)]) / expected).toBeLessThan(1.2);
    }
  });

  test('is too narrow by the root of their number where samples of a group are taken for strangers', () => {
    const { groups, ...alone } = made(100, 5);
    expect(groups).toHaveLength(500);
    expect(widthOf([made(100, 5)]) / widthOf([alone])).toBeCloseTo(Math.sqrt(5), 0);
    expect(metricIntervals(of, [alone])).toMatchObject({ by: 'sample', units: 500 });
  });

  test('holds the luck of seeds too: it reaches from one to the other', () => {
    const first = made(100, 1);
    const second = { ...first, values: first.values.map((x) => x + 3) };
    const { low, high } = metricIntervals(of, [first, second])!.intervals['mae']!;
    expect(low).toBeLessThan(1.2);
    expect(high).toBeGreaterThan(3.8);
  });

  test('is the same in whatever order the samples of a seed stand', () => {
    const first = made(20, 2);
    const turned = {
      ...first,
      ...{ ids: first.ids.toReversed(), groups: first.groups.toReversed() },
      ...{ labels: first.labels.toReversed(), values: first.values.toReversed() },
    };
    const { low } = metricIntervals(of, [first, first])!.intervals['mae']!;
    expect(metricIntervals(of, [first, turned])!.intervals['mae']!.low).toBeCloseTo(low, 12);
  });

  test('is none where all samples are of one group', () => {
    expect(metricIntervals(of, [made(1, 30)])).toBeUndefined();
  });
});
