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
  const { columns, data } = truth;
  const [sums, squares, errors] = [new Float64Array(columns), new Float64Array(columns), new Float64Array(columns)];
  let total = 0;
  for (let n = 0; n < rows.length; n++) {
    const weight = weights === undefined ? 1 : weights[rows[n]!]!;
    // Of samples that are drawn anew, a third is not drawn.
    if (weight === 0) continue;
    total += weight;
    for (let c = 0; c < columns; c++) {
      const at = n * columns + c;
      // Sums of squares are taken about a value of the column, which keeps the digits of one far from 0.
      const y = data[at]! - data[c]!;
      const error = data[at]! - predicted.data[at]!;
      sums[c]! += weight * y;
      squares[c]! += weight * y * y;
      errors[c]! += weight * error * error;
    }
  }
  return meanOf(
    varying.map((c) => {
      const spread = squares[c]! - sums[c]! ** 2 / total;
      return spread > 1e-12 * squares[c]! ? 1 - errors[c]! / spread : undefined;
    }),
  );
}

/** The mean of the figures that are there; undefined where none is. */
export function meanOf(figures: readonly (number | undefined)[]): number | undefined {
  const there = figures.filter((figure) => figure !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, figure) => sum + figure, 0) / there.length;
}
