/** What many timings come down to. */

/** The value that a share of the values lie below, from 0 (the smallest) to 1 (the largest), between neighbours. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('percentile() needs at least one value, got none.');
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  return below + (sorted[Math.ceil(position)]! - below) * (position % 1);
}

/** The middle value, or halfway between the middle two. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** For print: at most that many decimals. */
export const rounded = (value: number, decimals = 1): number => Number(value.toFixed(decimals));

/** p of the power law y = c xᵖ that fits best: least squares over logarithms. */
export function exponent(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [u, v] = [xs.map(Math.log), ys.map(Math.log)];
  const [meanU, meanV] = [mean(u), mean(v)];
  const covariance = u.reduce((sum, x, i) => sum + (x - meanU) * (v[i]! - meanV), 0);
  return covariance / u.reduce((sum, x) => sum + (x - meanU) ** 2, 0);
}
