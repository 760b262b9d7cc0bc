/** The rows of `npm run claims`: that all of them can be run, and how their intervals are made. */
import { expect, test } from 'vitest';
import { estimate } from '../bench/claims/interval.ts';
import { rows } from '../bench/claims/rows.ts';
import { resolveConfig } from '../src/config/index.ts';

test('an interval is that of Student’s t, as SciPy has it', () => {
  // scipy.stats.t.interval(.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4]))
  const { mean, low, high } = estimate([1, 2, 3, 4]);
  expect(mean).toBe(2.5);
  expect(low).toBeCloseTo(0.445739743239121, 3);
  expect(high).toBeCloseTo(4.554260256760879, 3);
});

test('one figure has no interval', () => {
  expect(estimate([0.25])).toEqual({ mean: 0.25 });
});

test.each(rows.map((row) => [row.name, row] as const))('%s: every setting is one that there is', (_, { arms }) => {
  for (const { name, runs } of arms({ data: 'synthetic', seeds: [1, 2] })) {
    expect(runs.length, name).toBeGreaterThan(0);
    expect(new Set(runs.map((run) => JSON.stringify(run))).size, name).toBe(runs.length);
    for (const { recipe, set, without = [] } of runs)
      expect(() => resolveConfig({ recipe, set: [...set, `model.without=[${without.join(',')}]`] })).not.toThrow();
  }
});
