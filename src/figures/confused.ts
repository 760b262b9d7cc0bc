/** Confusion matrices of what runs predict, by seed. */
import { confusion, type Confusion } from '../metrics/metric.ts';
import type { Predictions } from '../runs/record/predictions.ts';
import { CannotShow } from './figure.ts';
import { predictionsBySeed, type Shown, type Source } from './source.ts';

export interface Confused {
  readonly labels: readonly string[];
  /** By seed, counts `[C][C]`: row = true class, column = predicted class. */
  readonly seeds: readonly Confusion['counts'][];
}

/** The matrices of a run. Throws `CannotShow` where labels are no classes, and where all samples are of one class. */
export const confusedOf = async (each: Shown, source: Source): Promise<Confused> =>
  confusedIn(each, await predictionsBySeed(each, source));

/** As `confusedOf`, of predictions that are at hand. */
export function confusedIn(each: Pick<Shown, 'metrics' | 'classes'>, predictions: readonly Predictions[]): Confused {
  const matrices = predictions.flatMap(({ values, labels }) => {
    const known = labels.flatMap((label, n) => (Number.isNaN(label) ? [] : [n]));
    const width = values.length / labels.length;
    const rows = known.flatMap((n) => values.slice(n * width, (n + 1) * width));
    const truth = known.map((n) => labels[n]!);
    return confusion(each.metrics, rows, truth, each.classes) ?? [];
  });
  const [first] = matrices;
  if (!first) throw new CannotShow('labels are neither classes nor of sentiment, so that there is nothing to confuse');
  if (first.counts.filter((row) => row.some((n) => n > 0)).length < 2)
    throw new CannotShow('all test samples are of one class, so that nothing can be confused');
  // A minus is wider than a hyphen.
  const labels = first.labels.map((label) => label.replace(/^-(?=\d)/, '−'));
  return { labels, seeds: matrices.map(({ counts }) => counts) };
}
