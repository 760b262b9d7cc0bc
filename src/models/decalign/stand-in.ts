/**
 * What stands for the common features of a modality that a sample lacks: the mean of those of the modalities it has,
 *
 *   c_m^n = Σ_j p_j^n c_j^n / Σ_j p_j^n     where p_m^n = 0
 *
 * which the pairing term has made alike. Not of the paper, where it is the features of zeros.
 */
import { sumOf } from '../../alignment/index.ts';
import { masked, pool, withValue, type Sequence } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';

/** `[N, 1]` of each modality: 1 where any of a sample's features is not 0, as those of an absent modality all are. */
function presenceOf({ value }: Sequence): Tensor {
  const [n] = value.shape as [number];
  return value.abs().sum([1, 2]).reshape([n, 1]).greater(0).cast(value.dtype);
}

/**
 * The common features of every modality, those of absent ones replaced; `features` are the modalities' own, by which it is
 * known who has what. A sample that has none keeps its own.
 */
export function withStandIns(common: readonly Sequence[], features: readonly Sequence[]): Sequence[] {
  const present = features.map(presenceOf);
  const mean = sumOf(common.map((c, m) => pool(c).mul(present[m]!))).div(sumOf(present).max(1));
  const [n, d] = mean.shape as [number, number];
  return common.map((c, m) => {
    const p = present[m]!.reshape([n, 1, 1]);
    // An absent modality has one true step.
    return masked(withValue(c, c.value.mul(p).add(mean.reshape([n, 1, d]).mul(p.neg().add(1)))));
  });
}
