/**
 * Decoupling of unique and common features (Section 3.1).
 *
 *   Eq. 1   L_dec = Σ_m ⟨F_uni^(m), F_com^(m)⟩ / (‖F_uni^(m)‖ ‖F_com^(m)‖)
 *
 * One cosine per sample, over width and time together, averaged over the samples of the batch that have the modality.
 */
import type { Tensor } from '../tensor/index.ts';
import { size } from '../tensor/index.ts';
import { sumOf } from './pairs.ts';
import { meanOver, type Presence } from './presence.ts';

/** Norms below this count as this: a zero feature has cosine 0, not NaN. */
const normFloor = 1e-8;

/** Cosine of each sample's flattened features, `[N, ...]` and `[N, ...]` to `[N]`. */
export function cosine(x: Tensor, y: Tensor): Tensor {
  const [n] = x.shape as [number];
  const [a, b] = [x, y].map((t) => t.reshape([n, size(t.shape.slice(1))])) as [Tensor, Tensor];
  // The floor acts on the squared norm, where its gradient is finite at 0.
  const norm = (t: Tensor): Tensor =>
    t
      .square()
      .sum([1])
      .max(normFloor ** 2)
      .sqrt();
  return a.dot(b).div(norm(a).mul(norm(b)));
}

export interface DecouplingOptions {
  /** 'cosine', summed over modalities (Eq. 1), or 'squared': the mean of its square over modalities (the authors' code). */
  readonly form: 'cosine' | 'squared';
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** Eq. 1 of unique and common features, one pair `[N, T, d]` per modality, padding at zero. */
export function decouplingLoss(
  unique: readonly Tensor[],
  common: readonly Tensor[],
  { form, present = [] }: DecouplingOptions,
): Tensor {
  const terms = unique.map((f, m) => {
    const similarity = cosine(f, common[m]!);
    return meanOver(form === 'cosine' ? similarity : similarity.square(), present[m], 0);
  });
  return form === 'cosine' ? sumOf(terms) : sumOf(terms).mul(1 / terms.length);
}
