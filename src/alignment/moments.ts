/**
 * Agreement of the modalities' latent distributions in position, shape and symmetry (Section 3.3.1).
 *
 *   Eq. 10   L_sem = 1/(M(M−1)) Σ_{i<j} (‖μ_i − μ_j‖² + ‖Σ_i − Σ_j‖²_F + ‖Γ_i − Γ_j‖²)
 *
 * with the batch's mean μ, covariance Σ and skewness Γ of the common features' latent z.
 */
import { size, type Tensor } from '../tensor/index.ts';
import { sumOf, unorderedPairs } from './pairs.ts';

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

/** Moments of `[N, d]`, N >= 1. */
export function moments(z: Tensor): Moments {
  const [n] = z.shape as [number];
  const mean = z.mean([0]);
  const centred = z.sub(mean);
  const covariance = centred.matmul(centred, { transposeA: true }).mul(1 / Math.max(n - 1, 1));
  const variance = centred.square().mean([0]).max(varianceFloor);
  const skewness = centred.square().mul(centred).mean([0]).div(variance.mul(variance.sqrt()));
  return { mean, covariance, skewness };
}

export interface MomentsOptions {
  /** 'norms': squared norms over M(M−1) (Eq. 10); 'means': mean squared errors over the pairs (the authors' code). */
  readonly form: 'norms' | 'means';
}

/** Eq. 10 of latents `[N, d]`, one per modality. */
export function momentLoss(latents: readonly Tensor[], { form }: MomentsOptions): Tensor {
  const all = latents.map(moments);
  const count = latents.length;
  const pairs = unorderedPairs(count);
  const distance = (a: Tensor, b: Tensor): Tensor => {
    const squared = a.sub(b).square().sum();
    return form === 'norms' ? squared : squared.mul(1 / size(a.shape));
  };
  const terms = pairs.map(([i, j]) => {
    const [a, b] = [all[i]!, all[j]!];
    return sumOf([distance(a.mean, b.mean), distance(a.covariance, b.covariance), distance(a.skewness, b.skewness)]);
  });
  return sumOf(terms).mul(form === 'norms' ? 1 / (count * (count - 1)) : 1 / pairs.length);
}
