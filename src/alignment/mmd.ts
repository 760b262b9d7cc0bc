/**
 * Maximum mean discrepancy of the modalities' latents (Section 3.3.2; Gretton et al., 2012).
 *
 *   Eq. 11   L_MMD = 2/(M(M−1)) Σ_{i<j} (E k(x, x') + E k(y, y') − 2 E k(x, y))
 *   Eq. 12   k(x, y) = exp(−‖x − y‖² / (2σ²))
 *
 * Expectations are means over the samples of the batch that have the modality, and so is the median distance.
 */
import { concat, constant, full, type Tensor } from '../tensor/index.ts';
import { sumOf, unorderedPairs } from './pairs.ts';
import { ofPair, type Presence } from './presence.ts';

export interface MmdOptions {
  /** σ; several are averaged over; 'median' is the median distance between samples of both together, held constant. */
  readonly bandwidth: number | readonly number[] | 'median';
  /** The unbiased estimator leaves each sample's product with itself out, and can be negative. */
  readonly estimator: 'biased' | 'unbiased';
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** ‖x − y‖² of all rows, `[N, d]` and `[L, d]` to `[N, L]`. */
export function squaredDistances(x: Tensor, y: Tensor): Tensor {
  const norms = (t: Tensor): Tensor => t.square().sum([1], true);
  const distance = norms(x)
    .add(norms(y).transpose())
    .sub(x.matmul(y, { transposeB: true }).mul(2));
  return distance.max(0);
}

/** Squared MMD of samples `[N, d]` and `[L, d]`, of which those that are `present` count. */
export function mmd(x: Tensor, y: Tensor, { bandwidth, estimator, present = [] }: MmdOptions): Tensor {
  const [xx, xy, yy] = [
    between(x, x, [present[0], present[0]]),
    between(x, y, present),
    between(y, y, [present[1], present[1]]),
  ];
  const widths = bandwidth === 'median' ? [medianVariance(xx, xy, yy)] : [bandwidth].flat().map((sigma) => sigma ** 2);
  const terms = widths.map((variance) => {
    const kernel = ({ values: distance, weights }: Pairs): Pairs => ({
      values: (typeof variance === 'number' ? distance.mul(-0.5 / variance) : distance.div(variance).mul(-0.5)).exp(),
      weights,
    });
    const within = estimator === 'biased' ? mean : meanOffDiagonal;
    return within(kernel(xx))
      .add(within(kernel(yy)))
      .sub(mean(kernel(xy)).mul(2));
  });
  return sumOf(terms).mul(1 / terms.length);
}

/** Eq. 11 of latents `[N, d]`, one per modality: the mean over pairs. */
export function mmdLoss(latents: readonly Tensor[], { present = [], ...options }: MmdOptions): Tensor {
  const pairs = unorderedPairs(latents.length);
  const terms = pairs.map(([i, j]) => {
    const both = { ...options, present: [present[i], present[j]] };
    return ofPair(mmd(latents[i]!, latents[j]!, both), present, i, j);
  });
  return sumOf(terms).mul(1 / pairs.length);
}

/** What is known of all pairs of two samples. */
interface Pairs {
  /** Squared distances, or the kernel of them, `[N, L]`. */
  readonly values: Tensor;
  /** 1 where both samples are present, else 0, `[N, L]`; undefined where all are. */
  readonly weights: Tensor | undefined;
}

function between(x: Tensor, y: Tensor, [p, q]: Presence): Pairs {
  const [n, l] = [x.shape[0]!, y.shape[0]!];
  const column = (p ?? full([n], 1, x.dtype)).reshape([n, 1]);
  const weights = p || q ? column.mul((q ?? full([l], 1, x.dtype)).reshape([1, l])) : undefined;
  return { values: squaredDistances(x, y), weights };
}

/** The mean over the pairs of samples that are present; 0 where there are none. */
const mean = ({ values, weights }: Pairs): Tensor =>
  weights ? values.mul(weights).sum().div(weights.sum().max(1)) : values.mean();

/** Mean of `[N, N]` without its diagonal; 0 for a single sample, which has no other. */
function meanOffDiagonal({ values, weights }: Pairs): Tensor {
  const [n] = values.shape as [number];
  if (n === 1) return values.sum().mul(0);
  const others = constant(
    Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) !== 0)),
    [n, n],
    values.dtype,
  );
  if (weights) return mean({ values, weights: weights.mul(others) });
  return values
    .mul(others)
    .sum()
    .mul(1 / (n * (n - 1)));
}

/** A median below this counts as this: what is left of distances that have collapsed is rounding. */
const bandwidthFloor = 1e-6;

/** σ² = the median squared distance of the samples of both together, every pair of two samples once. */
function medianVariance(xx: Pairs, xy: Pairs, yy: Pairs): Tensor {
  const flat = (x: Tensor): Tensor => x.reshape([x.shape[0]! * x.shape[1]!]);
  const all = (of: (pairs: Pairs) => Tensor): Tensor =>
    concat([...aboveDiagonal(of(xx)), flat(of(xy)), ...aboveDiagonal(of(yy))], 0);
  const among = [xx, xy, yy].some(({ weights }) => weights)
    ? all(({ values, weights }) => weights ?? full(values.shape, 1, values.dtype))
    : undefined;
  return all(({ values }) => values)
    .median(among)
    .detach()
    .max(bandwidthFloor);
}

/** The entries of `[N, N]` above its diagonal; nothing for a single sample. */
function aboveDiagonal(square: Tensor): Tensor[] {
  const [n] = square.shape as [number];
  if (n === 1) return [];
  const at = unorderedPairs(n).map(([i, j]) => i * n + j);
  return [square.reshape([n * n]).gather(constant(at, [at.length], 'int64'))];
}
