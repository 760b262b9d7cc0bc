/**
 * Agreement of the modalities' latent distributions in position, shape and symmetry (Section 3.3.1).
 *
 *   Eq. 10   L_sem = 1/(M(M−1)) Σ_{i<j} (‖μ_i − μ_j‖² + ‖Σ_i − Σ_j‖²_F + ‖Γ_i − Γ_j‖²)
 *
 * with the mean μ, covariance Σ and skewness Γ of the common features' latent z, over the samples of the batch that have
 * the modality.
 */
import { size, type Tensor } from '../tensor/index.ts';
import { sumOf, unorderedPairs } from './pairs.ts';
import { meanOver, ofPair, onlyPresent, type Presence } from './presence.ts';

export interface Moments {
  /** μ `[d]`. */
  readonly mean: Tensor;
  /** Σ `[d, d]`, normalised by N − 1. */
  readonly covariance: Tensor;
  /** Γ `[d]`, the standardised third moment of each feature. */
  readonly skewness: Tensor;
}

/** Below this a variance counts as this where it divides: a constant feature has skewness 0. */
const varianceFloor = 1e-6;

/** Moments of `[N, d]`, N >= 1, over the samples that are `present` `[N]`, by default all. */
export function moments(z: Tensor, present?: Tensor): Moments {
  const [n] = z.shape as [number];
  const mean = meanOver(z, present, 0);
  const centred = onlyPresent(z.sub(mean), present);
  const products = centred.matmul(centred, { transposeA: true });
  const covariance = present ? products.div(present.sum().sub(1).max(1)) : products.mul(1 / Math.max(n - 1, 1));
  const variance = meanOver(centred.square(), present, 0).max(varianceFloor);
  const skewness = meanOver(centred.square().mul(centred), present, 0).div(variance.mul(variance.sqrt()));
  return { mean, covariance, skewness };
}

export interface MomentsOptions {
  /** 'norms': squared norms over M(M−1) (Eq. 10); 'means': mean squared errors over the pairs (the authors' code). */
  readonly form: 'norms' | 'means';
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** Eq. 10 of latents `[N, d]`, one per modality. */
export function momentLoss(latents: readonly Tensor[], { form, present = [] }: MomentsOptions): Tensor {
  const all = latents.map((z, m) => moments(z, present[m]));
  const count = latents.length;
  const pairs = unorderedPairs(count);
  const distance = (a: Tensor, b: Tensor): Tensor => {
    const squared = a.sub(b).square().sum();
    return form === 'norms' ? squared : squared.mul(1 / size(a.shape));
  };
  const terms = pairs.map(([i, j]) => {
    const [a, b] = [all[i]!, all[j]!];
    const distances = [
      distance(a.mean, b.mean),
      distance(a.covariance, b.covariance),
      distance(a.skewness, b.skewness),
    ];
    return ofPair(sumOf(distances), present, i, j);
  });
  return sumOf(terms).mul(form === 'norms' ? 1 / (count * (count - 1)) : 1 / pairs.length);
}
