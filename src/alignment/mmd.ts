/**
 * Maximum mean discrepancy of the modalities' latents (Section 3.3.2; Gretton et al., 2012).
 *
 *   Eq. 11   L_MMD = 2/(M(M−1)) Σ_{i<j} (E k(x, x') + E k(y, y') − 2 E k(x, y))
 *   Eq. 12   k(x, y) = exp(−‖x − y‖² / (2σ²))
 */
import { concat, constant, type Tensor } from '../tensor/index.ts';
import { sumOf, unorderedPairs } from './pairs.ts';

export interface MmdOptions {
  /** σ; several are averaged over; 'median' is the median distance between samples of both together, held constant. */
  readonly bandwidth: number | readonly number[] | 'median';
  /** The unbiased estimator leaves each sample's product with itself out, and can be negative. */
  readonly estimator: 'biased' | 'unbiased';
}

/** ‖x − y‖² of all rows, `[N, d]` and `[L, d]` to `[N, L]`. */
export function squaredDistances(x: Tensor, y: Tensor): Tensor {
  const norms = (t: Tensor): Tensor => t.square().sum([1], true);
  const distance = norms(x)
    .add(norms(y).transpose())
    .sub(x.matmul(y, { transposeB: true }).mul(2));
  return distance.max(0);
}

/** Squared MMD of samples `[N, d]` and `[L, d]`. */
export function mmd(x: Tensor, y: Tensor, { bandwidth, estimator }: MmdOptions): Tensor {
  const xx = squaredDistances(x, x);
  const yy = squaredDistances(y, y);
  const xy = squaredDistances(x, y);
  const widths = bandwidth === 'median' ? [medianVariance(xx, xy, yy)] : [bandwidth].flat().map((sigma) => sigma ** 2);
  const terms = widths.map((variance) => {
    const kernel = (distance: Tensor): Tensor =>
      (typeof variance === 'number' ? distance.mul(-0.5 / variance) : distance.div(variance).mul(-0.5)).exp();
    const within = estimator === 'biased' ? (k: Tensor) => k.mean() : meanOffDiagonal;
    return within(kernel(xx))
      .add(within(kernel(yy)))
      .sub(kernel(xy).mean().mul(2));
  });
  return sumOf(terms).mul(1 / terms.length);
}

/** Eq. 11 of latents `[N, d]`, one per modality: the mean over pairs. */
export function mmdLoss(latents: readonly Tensor[], options: MmdOptions): Tensor {
  const pairs = unorderedPairs(latents.length);
  return sumOf(pairs.map(([i, j]) => mmd(latents[i]!, latents[j]!, options))).mul(1 / pairs.length);
}

/** Mean of `[N, N]` without its diagonal; 0 for a single sample, which has no other. */
function meanOffDiagonal(k: Tensor): Tensor {
  const [n] = k.shape as [number];
  if (n === 1) return k.sum().mul(0);
  const mask = constant(
    Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) !== 0)),
    [n, n],
    k.dtype,
  );
  return k
    .mul(mask)
    .sum()
    .mul(1 / (n * (n - 1)));
}

/** A median below this counts as this: what is left of distances that have collapsed is rounding. */
const bandwidthFloor = 1e-6;

/** σ² = the median squared distance of the samples of both together, every pair of two samples once. */
function medianVariance(xx: Tensor, xy: Tensor, yy: Tensor): Tensor {
  const all = [...aboveDiagonal(xx), xy.reshape([xy.shape[0]! * xy.shape[1]!]), ...aboveDiagonal(yy)];
  return concat(all, 0).median().detach().max(bandwidthFloor);
}

/** The entries of `[N, N]` above its diagonal; nothing for a single sample. */
function aboveDiagonal(distances: Tensor): Tensor[] {
  const [n] = distances.shape as [number];
  if (n === 1) return [];
  const at = unorderedPairs(n).map(([i, j]) => i * n + j);
  return [distances.reshape([n * n]).gather(constant(at, [at.length], 'int64'))];
}
