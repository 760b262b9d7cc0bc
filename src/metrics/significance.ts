/**
 * Tests of whether two sets of predictions of the same samples differ by more than the luck of which samples there are.
 *
 * Samples of a group (the clips of a video, the visits of a person) are alike, so that a group, not a sample, is what is
 * drawn by luck. Paired bootstrap (Efron and Tibshirani 1993; by groups, Davison and Hinkley 1997, section 3.8): groups are
 * drawn anew with replacement, the same for both, and a metric's difference is taken on each draw. Wilcoxon's signed-rank
 * test (1945) asks of the mean errors, group by group, whether one is as often and as much above the other as below. All
 * p-values are two-sided.
 */

/** The rows of each group, groups in the order in which they first appear. */
export function rowsByGroup(groups: readonly string[]): readonly (readonly number[])[] {
  const rows = new Map<string, number[]>();
  for (const [row, group] of groups.entries()) {
    const known = rows.get(group);
    if (known) known.push(row);
    else rows.set(group, [row]);
  }
  return [...rows.values()];
}

/**
 * Row numbers drawn with replacement `resamples` times: as many groups as there are, each with all of its rows.
 * `draw(n)` is uniform in 0..n-1. Throws a RangeError where there are no groups.
 */
export function resampledRows(
  groups: readonly (readonly number[])[],
  resamples: number,
  draw: (n: number) => number,
): readonly Int32Array[] {
  const { length } = groups;
  if (length === 0) throw new RangeError('Cannot resample: there are no samples.');
  return Array.from({ length: resamples }, () => {
    const drawn = Array.from({ length }, () => groups[draw(length)]!);
    const rows = new Int32Array(drawn.reduce((count, group) => count + group.length, 0));
    let end = 0;
    for (const group of drawn) for (const row of group) rows[end++] = row;
    return rows;
  });
}

/**
 * P-values corrected for how many tests there are, as Holm (1979) has it: that no test of several is passed by luck alone
 * is as sure as of one. In the order given, each in 0..1 and no smaller than it was.
 */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((i, j) => p[i]! - p[j]!);
  const corrected = new Array<number>(p.length);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (p.length - rank) * p[i]!));
    corrected[i] = least;
  }
  return corrected;
}

export interface Difference {
  /** The difference on the samples as they are. */
  readonly value: number;
  /** The interval that holds the middle share of the resampled differences: 95 % unless something else was asked for. */
  readonly low: number;
  readonly high: number;
  /** Twice the smaller share of resampled differences on either side of 0: below 0.05 where the 95 % interval leaves 0 out. */
  readonly p: number;
}

/** What resampling says about a difference `value`, of which `resampled` holds one replicate per resample. */
export function bootstrapDifference(value: number, resampled: ArrayLike<number>, confidence = 0.95): Difference {
  const count = resampled.length;
  if (count === 0) throw new RangeError('Cannot test a difference: there are no resamples.');
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`A confidence lies between 0 and 1, got ${confidence}.`);
  const sorted = Float64Array.from(resampled).sort();
  const [below, above] = [sorted.filter((d) => d <= 0).length, sorted.filter((d) => d >= 0).length];
  // The data as they are count as one more replicate: no finite number of resamples shows that a p-value is 0.
  const p = Math.min(1, (2 * (Math.min(below, above) + 1)) / (count + 1));
  const tail = (1 - confidence) / 2;
  return { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail), p };
}

/** A quantile of sorted values, interpolated between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const before = Math.floor(position);
  const a = sorted[before]!;
  const b = sorted[Math.min(before + 1, sorted.length - 1)]!;
  return a + (b - a) * (position - before);
}

export interface SignedRank {
  /** The smaller of the rank sums of positive and of negative differences. */
  readonly statistic: number;
  /** Pairs that differ; those that do not are left out, as Wilcoxon did. */
  readonly pairs: number;
  readonly p: number;
  /** Whether `p` counts all assignments of signs, or is of the normal approximation. */
  readonly exact: boolean;
}

/** Up to this number of pairs every assignment of signs is counted. */
const exactPairs = 50;

/** Wilcoxon's signed-rank test of paired values `[N]` and `[N]`. Equal differences share their mean rank. */
export function wilcoxon(a: ArrayLike<number>, b: ArrayLike<number>): SignedRank {
  if (a.length !== b.length) throw new RangeError(`Cannot pair ${a.length} values with ${b.length}.`);
  const differences = Float64Array.from({ length: a.length }, (_, n) => a[n]! - b[n]!);
  const odd = differences.findIndex((d) => !Number.isFinite(d));
  if (odd >= 0) throw new RangeError(`Cannot rank the difference of pair ${odd}: ${a[odd]!} less ${b[odd]!}.`);
  const nonzero = differences.filter((d) => d !== 0);
  const pairs = nonzero.length;
  if (pairs === 0) return { statistic: 0, pairs, p: 1, exact: true };
  const { ranks, ties } = meanRanks(nonzero.map(Math.abs));
  const positive = ranks.reduce((sum, rank, n) => (nonzero[n]! > 0 ? sum + rank : sum), 0);
  const statistic = Math.min(positive, (pairs * (pairs + 1)) / 2 - positive);
  const exact = pairs <= exactPairs;
  return { statistic, pairs, p: exact ? exactP(ranks, statistic) : normalP(pairs, ties, statistic), exact };
}

/** Ranks from 1, and how many values share each rank. */
function meanRanks(values: Float64Array): { readonly ranks: Float64Array; readonly ties: readonly number[] } {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  const ties: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    ties.push(end - start);
    start = end;
  }
  return { ranks, ties };
}

/** Twice the probability of a rank sum of at most `statistic` when each sign is a coin's; mean ranks are whole halves. */
function exactP(ranks: Float64Array, statistic: number): number {
  const steps = Array.from(ranks, (rank) => 2 * rank);
  const total = steps.reduce((sum, step) => sum + step, 0);
  let chance = new Float64Array(total + 1);
  chance[0] = 1;
  for (const step of steps) chance = chance.map((x, sum) => (x + (chance[sum - step] ?? 0)) / 2);
  return Math.min(1, 2 * chance.subarray(0, 2 * statistic + 1).reduce((sum, x) => sum + x, 0));
}

/** The p-value by the normal distribution with the rank sum's mean and variance, ties taken off, no continuity correction. */
function normalP(pairs: number, ties: readonly number[], statistic: number): number {
  const mean = (pairs * (pairs + 1)) / 4;
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = (pairs * (pairs + 1) * (2 * pairs + 1)) / 24 - tied / 48;
  return complementaryError(Math.abs(statistic - mean) / Math.sqrt(2 * variance));
}

/** erfc(x) for x ≥ 0 to about 14 digits: 2 (1 − Φ(x √2)), the two tails of the normal distribution. */
export function complementaryError(x: number): number {
  const root = Math.sqrt(Math.PI);
  if (x < 2) {
    // erf x = 2/√π exp(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, all terms positive.
    let [term, sum] = [x, x];
    for (let n = 1; term > sum * 1e-17; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return 1 - (2 / root) * Math.exp(-x * x) * sum;
  }
  // erfc x = exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), from the inside out.
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (root * fraction);
}
