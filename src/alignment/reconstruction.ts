/**
 * Reconstruction of each modality from its parts, so that what neither the label nor the other modalities need is kept in
 * the unique features too. Not of the paper.
 *
 *   L_rec = mean over (m, j) of mean_n ‖x_m^n − D_m[u_m^n, c_j^n]‖² / d_m
 *
 * over j = m, or over all j: the common features of one modality must then serve to rebuild any other. Each error is over the
 * samples of the batch that have both modalities.
 */
import type { Tensor } from '../tensor/index.ts';
import { sumOf } from './pairs.ts';
import { both, meanOver, ofPair, type Presence } from './presence.ts';

export interface ReconstructionOptions {
  /** Whether common features of the other modalities rebuild a modality as well. */
  readonly crossed: boolean;
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/**
 * L_rec `[]` of features `[N, d_m]`, one per modality. `rebuilt(m, j)` `[N, d_m]` is modality m from its unique features and
 * the common ones of modality j.
 */
export function reconstructionLoss(
  features: readonly Tensor[],
  rebuilt: (m: number, j: number) => Tensor,
  { crossed, present = [] }: ReconstructionOptions,
): Tensor {
  const errors = features.flatMap((x, m) =>
    features.flatMap((_, j) => {
      if (j !== m && !crossed) return [];
      const error = meanOver(rebuilt(m, j).sub(x).square().mean([1]), both(present[m], present[j]), 0);
      return [ofPair(error, present, m, j)];
    }),
  );
  return sumOf(errors).mul(1 / errors.length);
}
