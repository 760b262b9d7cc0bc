/**
 * What stands for the common features of a modality that a sample lacks: the mean of those of the modalities it has,
 *
 *   c_m^n = Σ_j p_j^n c_j^n / Σ_j p_j^n     where p_m^n = 0
 *
 * which the pairing term has made alike; 0 where it has none. Not of the paper, where it is what zeros give.
 */
import { sumOf, type Presence } from '../../alignment/index.ts';
import { pool, withValue, type Sequence } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';

/**
 * p `[N, 1]`: 1 where any of a sample's features is not 0, as those of an absent modality all are. `present` alone would not
 * do: there is none where every training sample has the modality and new ones lack it, and modality dropout is not in it.
 * But what an encoder makes of absent tokens is not 0, and only `present` knows of it.
 */
function presenceOf({ value }: Sequence, present: Tensor | undefined): Tensor {
  const [n] = value.shape as [number];
  const isAny = value.abs().sum([1, 2]).reshape([n, 1]).greater(0).cast(value.dtype);
  return present ? isAny.mul(present.reshape([n, 1])) : isAny;
}

/** The common features `[N, T, d]` of every modality, those of absent ones replaced; `features` and `present` say who has what. */
export function withStandIns(
  common: readonly Sequence[],
  features: readonly Sequence[],
  present: Presence,
): Sequence[] {
  const has = features.map((x, m) => presenceOf(x, present[m]));
  const mean = sumOf(common.map((c, m) => pool(c).mul(has[m]!))).div(sumOf(has).max(1));
  const [n, d] = mean.shape as [number, number];
  return common.map((c, m) => {
    const p = has[m]!.reshape([n, 1, 1]);
    return withValue(c, c.value.mul(p).add(mean.reshape([n, 1, d]).mul(p.neg().add(1))));
  });
}
