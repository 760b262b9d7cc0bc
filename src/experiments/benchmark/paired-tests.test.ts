import { expect, test } from 'vitest';
import { multiTarget } from '../../metrics/multi-target.ts';
import { pairedTests, type Contender } from './paired-tests.ts';

const count = 120;
const classes = ['steps', 'share'];
const ids = Array.from({ length: count }, (_, n) => String(n));
/** `[N, 2]`: a target in thousands and one within −1..1. */
const labels = ids.flatMap((_, n) => [5000 * Math.sin(n * 1.7), Math.sin(n * 2.9)]);

/** Predictions off by that much in each target, in a way of its own by sample. */
const offBy = (id: string, errors: readonly [number, number]): Contender => ({
  id,
  seeds: [{ ids, labels, values: labels.map((label, i) => label + errors[i % 2]! * Math.sin(i * 0.7)) }],
});

test('of several targets the mean R² decides, and not the MAE of the target with the widest range', () => {
  const base = offBy('base', [400, 0.05]);
  const other = offBy('other', [200, 0.9]);
  const on = { metrics: 'multitarget', classes, hash: 'several' } as const;
  const [tested] = pairedTests(on, base, [other]);
  const [ours, theirs] = [base, other].map(({ seeds }) => multiTarget(seeds[0]!.values, labels, 2));
  // By MAE, which the thousands rule, the other is the better one.
  expect(ours!.mae).toBeGreaterThan(theirs!.mae);
  expect(ours!.r2).toBeGreaterThan(theirs!.r2);
  expect(Object.keys(tested!.bootstrap)[0]).toBe('r2');
  expect(tested!.bootstrap['r2']!.value).toBeCloseTo(ours!.r2 - theirs!.r2, 12);
  // Resamples are of whole rows: of the first target alone the other would be the better one.
  const { value, low, high } = tested!.bootstrap['r2']!;
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(tested!.verdict).toBe('wins');
  expect(pairedTests(on, other, [base])[0]!.verdict).toBe('loses');
});
