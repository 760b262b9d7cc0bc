/**
 * Whether the common features of one sample are alike across modalities:
 *
 *   pair ratio = mean over samples n of ‖c_i(n) − c_j(n)‖²  /  mean over strangers n ≠ m of ‖c_i(n) − c_j(m)‖²
 *
 * 0 where a sample's features are the same in both modalities, 1 where they are as far apart as those of strangers.
 */
import { knownRows, type Part } from './part.ts';

/**
 * The pair ratio of two modalities on the samples that have both. `weights` `[N]` say how often each sample counts
 * (default: once); copies of one sample are no strangers. Undefined for fewer than two samples, for different widths, and
 * where one of the two is constant, which nothing can be said to agree with.
 */
export function pairRatio(a: Part, b: Part, weights?: ArrayLike<number>): number | undefined {
  if (a.columns !== b.columns) return undefined;
  const rows = knownRows([a, b]);
  const { columns } = a;
  const [sumA, sumB] = [new Float64Array(columns), new Float64Array(columns)];
  let [count, counts, squaresA, squaresB, matched, own] = [0, 0, 0, 0, 0, 0];
  for (const n of rows) {
    const weight = weights === undefined ? 1 : weights[n]!;
    let [apart, lengthA, lengthB] = [0, 0, 0];
    for (let d = 0; d < columns; d++) {
      const [x, y] = [a.data[n * columns + d]!, b.data[n * columns + d]!];
      sumA[d]! += weight * x;
      sumB[d]! += weight * y;
      apart += (x - y) ** 2;
      lengthA += x ** 2;
      lengthB += y ** 2;
    }
    count += weight;
    counts += weight ** 2;
    squaresA += weight * lengthA;
    squaresB += weight * lengthB;
    matched += weight * apart;
    own += weight ** 2 * apart;
  }
  const varies = (squares: number, sums: Float64Array): boolean =>
    squares - squaredLength(sums) / count > constant * squares;
  if (!varies(squaresA, sumA) || !varies(squaresB, sumB)) return undefined;
  // Σ over n, m of w w ‖x − y‖² = Σ w · Σ w (‖x‖² + ‖y‖²) − 2 (Σ w x)·(Σ w y), of which those of a sample with itself are left out.
  const all = count * (squaresA + squaresB) - 2 * sumA.reduce((sum, x, d) => sum + x * sumB[d]!, 0);
  return matched / count / ((all - own) / (count ** 2 - counts));
}

/** A variance of this share of the mean square is the rounding of float32. */
const constant = 1e-12;

const squaredLength = (x: Float64Array): number => x.reduce((sum, value) => sum + value ** 2, 0);
