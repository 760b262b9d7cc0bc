/** Above which probability a label is predicted. */
import { checkLabels } from './multi-label.ts';
import { descend, ranked } from './ranking.ts';
import { column, sampleCountOf } from './several.ts';

/**
 * For each label the threshold with the highest F1 of its positives, `[labels]` in 0..1, from probabilities `[N, labels]`
 * and truth `[N, labels]` of a validation split (0, 1, or NaN where a label is absent). A label is predicted where its
 * probability is more than the threshold, which is halfway between two probabilities; of equal F1 that nearest to 0.5 is
 * taken, and the higher of two as near. It is 0.5 for a label without a positive. In O(N log N) for each label.
 */
export function thresholdsOnValidation(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: number,
): number[] {
  sampleCountOf(probabilities, truth, labels);
  checkLabels(probabilities, truth, labels);
  for (let i = 0; i < probabilities.length; i++)
    if (!(probabilities[i]! >= 0 && probabilities[i]! <= 1))
      throw new RangeError(`Cannot choose thresholds: ${probabilities[i]!} is no probability; give 0 to 1.`);
  return Array.from({ length: labels }, (_, l) =>
    bestThreshold(column(probabilities, l, labels), column(truth, l, labels)),
  );
}

function bestThreshold(probabilities: Float64Array, truth: Float64Array): number {
  const label = ranked(probabilities, truth);
  const steps: { readonly score: number; readonly f1: number }[] = [];
  descend(label, (score, hits, misses) => {
    steps.push({ score, f1: (2 * hits) / (hits + misses + label.positives.length) });
  });
  let best = { threshold: 0.5, f1: 0 };
  for (const [k, { score, f1 }] of steps.entries()) {
    // Nothing is more probable than what is next, or than 0 where nothing is.
    const threshold = between(steps[k + 1]?.score ?? 0, score);
    if (threshold === undefined) continue;
    if (f1 > best.f1 || (f1 === best.f1 && f1 > 0 && distance(threshold) < distance(best.threshold)))
      best = { threshold, f1 };
  }
  return best.threshold;
}

const distance = (threshold: number): number => Math.abs(threshold - 0.5);

/** A number of `low` or more and less than `high`: the middle, unless it rounds to `high`. Undefined where there is none. */
function between(low: number, high: number): number | undefined {
  if (low >= high) return undefined;
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}
