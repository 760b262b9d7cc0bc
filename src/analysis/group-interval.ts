/**
 * An interval of a figure over the luck of which test samples there are: groups of samples are drawn anew with replacement
 * (bootstrap), and the figure is measured on what was drawn; nothing is fitted again.
 */
import { random } from '../data/random.ts';
import { middleOf, type Interval } from './interval.ts';
import { resampledRows, rowsByGroup } from '../metrics/significance.ts';

/**
 * The middle 95 % of the resampled figures. `groups` `[N]` names the group of each test sample; `measure` is given how often each sample was drawn, `[N]`. Undefined
 * where the figure cannot be measured, or there are fewer than two groups.
 */
export function groupInterval(
  groups: readonly string[],
  measure: (weights: Float64Array) => number | undefined,
  { resamples = 500, seed = 0 } = {},
): Interval | undefined {
  const rows = rowsByGroup(groups);
  if (rows.length < 2) return undefined;
  const stream = random(seed, 'group-interval');
  const figures = resampledRows(rows, resamples, (n) => stream.integer(n)).flatMap((drawn) => {
    const weights = new Float64Array(groups.length);
    for (const row of drawn) weights[row]! += 1;
    return measure(weights) ?? [];
  });
  return middleOf(figures);
}
