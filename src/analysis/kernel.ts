/**
 * The Gaussian kernel of samples,
 *
 *   k(x, y) = exp(−‖x − y‖² / (2σ²))
 *
 * with σ the median distance between two samples, so that neither all are alike to it nor each like itself alone.
 */
import { timesTransposed, type Matrix } from './matrix.ts';

/** ‖x − y‖² of all rows, `[N, D]` and `[L, D]` to `[N, L]`. */
export function squaredDistances(x: Matrix, y: Matrix): Matrix {
  const products = timesTransposed(x, y);
  const [own, other] = [squaredLengths(x), x === y ? undefined : squaredLengths(y)];
  const { data, columns } = products;
  for (let n = 0; n < own.length; n++)
    for (let l = 0; l < columns; l++) {
      const at = n * columns + l;
      data[at] = Math.max(0, own[n]! + (other ?? own)[l]! - 2 * data[at]!);
    }
  return products;
}

function squaredLengths({ rows, columns, data }: Matrix): Float64Array {
  const lengths = new Float64Array(rows);
  for (const [i, x] of data.entries()) lengths[Math.floor(i / columns)]! += x ** 2;
  return lengths;
}

/** σ²: the median of the squared distances `[N, N]` between two different samples; undefined where half of them are 0. */
export function medianVariance({ rows, data }: Matrix): number | undefined {
  const among = new Float64Array((rows * (rows - 1)) / 2);
  let count = 0;
  for (let n = 0; n < rows; n++) for (let m = 0; m < n; m++) among[count++] = data[n * rows + m]!;
  const sorted = among.sort();
  const half = count / 2;
  const median = count === 0 ? 0 : (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  return median > 0 ? median : undefined;
}

/** k of samples that are `distances` apart, `[N, L]` squared, with σ² = `variance`. */
export const gaussian = (distances: Matrix, variance: number): Matrix => ({
  ...distances,
  data: distances.data.map((distance) => Math.exp((-0.5 * distance) / variance)),
});
