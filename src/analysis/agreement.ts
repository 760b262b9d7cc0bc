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
 * (default: once); copies of one sample are no strangers. Undefined for fewer than two samples, and where strangers do not
 * differ.
 */
export function pairRatio(a: Part, b: Part, weights?: ArrayLike<number>): number | undefined {
  if (a.columns !== b.columns) return undefined;
  const rows = knownRows([a, b]);
  const { columns } = a;
  const [sumA, sumB] = [new Float64Array(columns), new Float64Array(columns)];
  let [count, counts, squares, matched, own] = [0, 0, 0, 0, 0];
  for (const n of rows) {
    const weight = weights === undefined ? 1 : weights[n]!;
    let [apart, lengths] = [0, 0];
    for (let d = 0; d < columns; d++) {
      const [x, y] = [a.data[n * columns + d]!, b.data[n * columns + d]!];
      sumA[d]! += weight * x;
      sumB[d]! += weight * y;
      apart += (x - y) ** 2;
      lengths += x ** 2 + y ** 2;
    }
    count += weight;
    counts += weight ** 2;
    squares += weight * lengths;
    matched += weight * apart;
    own += weight ** 2 * apart;
  }
  // Σ over n, m of w w ‖x − y‖² = Σ w · Σ w (‖x‖² + ‖y‖²) − 2 (Σ w x)·(Σ w y), of which those of a sample with itself are left out.
  const all = count * squares - 2 * sumA.reduce((sum, x, d) => sum + x * sumB[d]!, 0);
  const strangers = (all - own) / (count ** 2 - counts);
  return strangers > 1e-12 * (squares / count) ? matched / count / strangers : undefined;
}
