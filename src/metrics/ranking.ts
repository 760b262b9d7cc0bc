/** How well scores rank the positives of a label above its negatives. Only their order counts; equal scores are one step. */

/** The scores of a label's samples, apart by whether the label is true of them. */
export interface Ranked {
  /** `[P]`, ascending. */
  readonly positives: Float64Array;
  /** `[N]`, ascending. */
  readonly negatives: Float64Array;
}

/** Scores `[N]` by their truth `[N]` of 0 and 1; a sample whose truth is NaN is in neither. */
export function ranked(scores: ArrayLike<number>, truth: ArrayLike<number>): Ranked {
  const of = (value: number): Float64Array => Float64Array.from(scores).filter((_, n) => truth[n] === value);
  return { positives: of(1).sort(), negatives: of(0).sort() };
}

/**
 * Goes down the ranking: calls `visit` for each different score, the highest first, with how many positives and negatives
 * score at least as much.
 */
export function descend(
  { positives, negatives }: Ranked,
  visit: (score: number, truePositives: number, falsePositives: number) => void,
): void {
  let p = positives.length;
  let n = negatives.length;
  while (p > 0 || n > 0) {
    const score = Math.max(positives[p - 1] ?? -Infinity, negatives[n - 1] ?? -Infinity);
    while (p > 0 && positives[p - 1] === score) p--;
    while (n > 0 && negatives[n - 1] === score) n--;
    visit(score, positives.length - p, negatives.length - n);
  }
}

/**
 * Average precision, 0..1: Σ (Rₖ − Rₖ₋₁) Pₖ over the different scores k, with recall R and precision P of what scores at
 * least as much (scikit-learn's `average_precision_score`). Undefined without a positive.
 */
export function averagePrecision(label: Ranked): number | undefined {
  const { length } = label.positives;
  if (length === 0) return undefined;
  let sum = 0;
  let before = 0;
  descend(label, (_, hits, misses) => {
    sum += ((hits - before) * hits) / (hits + misses);
    before = hits;
  });
  return sum / length;
}

/**
 * Area under the ROC curve, 0..1: how often a positive scores more than a negative, half where they score the same.
 * Undefined without a positive or without a negative.
 */
export function rocArea(label: Ranked): number | undefined {
  const pairs = label.positives.length * label.negatives.length;
  if (pairs === 0) return undefined;
  let area = 0;
  let [hitsBefore, missesBefore] = [0, 0];
  descend(label, (_, hits, misses) => {
    area += ((misses - missesBefore) * (hits + hitsBefore)) / 2;
    [hitsBefore, missesBefore] = [hits, misses];
  });
  return area / pairs;
}
