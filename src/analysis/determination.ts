/** The coefficient of determination of predictions that were fitted on other samples. */
import type { Matrix } from './matrix.ts';

/** Predictions of some of the test samples. */
export interface Probed {
  /** `[n]`: the rows of the test samples that are predicted. */
  readonly rows: Int32Array;
  /** `[n, C]` each. */
  readonly predicted: Matrix;
  readonly truth: Matrix;
  /** The targets that vary in training, of which alone anything can be learnt. */
  readonly varying: readonly number[];
}

/**
 * R² = 1 − Σ w (y − ŷ)² / Σ w (y − ȳ)², the mean over targets that vary; at most 1, and below 0 for predictions that are
 * worse than the mean of the test samples. `weights` `[N]`, by row of the test samples, say how often each counts (default:
 * once). Undefined where no target varies.
 */
export function determination(
  { rows, predicted, truth, varying }: Probed,
  weights?: ArrayLike<number>,
): number | undefined {
  const { columns } = truth;
  const found: number[] = [];
  for (const c of varying) {
    let [total, sum, squares, errors] = [0, 0, 0, 0];
    // Sums of squares are taken about a value of the column, which keeps the digits of one far from 0.
    const origin = truth.data[c]!;
    // Intervals come here thousands of times: a plain loop takes a third of the time of one over entries.
    for (let n = 0; n < rows.length; n++) {
      const weight = weights === undefined ? 1 : weights[rows[n]!]!;
      const y = truth.data[n * columns + c]!;
      total += weight;
      sum += weight * (y - origin);
      squares += weight * (y - origin) ** 2;
      errors += weight * (y - predicted.data[n * columns + c]!) ** 2;
    }
    const spread = squares - sum ** 2 / total;
    if (spread > 1e-12 * squares) found.push(1 - errors / spread);
  }
  return meanOf(found);
}

/** The mean of the figures that are there; undefined where none is. */
export function meanOf(figures: readonly (number | undefined)[]): number | undefined {
  const there = figures.filter((figure) => figure !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, figure) => sum + figure, 0) / there.length;
}
