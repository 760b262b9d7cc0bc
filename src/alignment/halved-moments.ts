/**
 * Agreement of moments without what sampling noise adds. Eq. 10 is above 0 for two samples of one distribution, the more
 * the smaller the batch, and grows with the scale of the latents; nearly all of what training lowers is that. Here each pair
 * of modalities is compared in two halves of the batch apart:
 *
 *   L = 2/(M(M−1)) Σ_{i<j} Σ_q ⟨q_i − q_j, q'_i − q'_j⟩ / size(q)        q: mean, covariance, skewness; q' of the second half
 *
 * of latents in units of the deviation of both modalities together, which takes no gradient. Noise of one half knows nothing
 * of that of the other, so for modalities that are distributed alike the mean over batches is 0, and single values may be
 * below it.
 */
import { concat, full, type Tensor } from '../tensor/index.ts';
import { moments } from './moments.ts';
import { sumOf, unorderedPairs } from './pairs.ts';
import { meanOver, ofPair, type Presence } from './presence.ts';

/** A variance below this counts as this where it divides. */
const varianceFloor = 1e-6;

/** L `[]` of latents `[N, d]`, one per modality; 0 for a batch of one, which has no halves. */
export function halvedMomentLoss(latents: readonly Tensor[], present: Presence = []): Tensor {
  const [n] = latents[0]!.shape as [number];
  const half = Math.floor(n / 2);
  if (half === 0) return latents[0]!.sum().mul(0);
  const pairs = unorderedPairs(latents.length);
  const terms = pairs.map(([i, j]) => {
    const sides = inOneUnit([latents[i]!, latents[j]!], [present[i], present[j]]);
    const [first, second] = [0, half].map((from) => {
      const part = (x: Tensor): Tensor => x.slice(0, from, from + half);
      const [a, b] = sides.map((z, side) => {
        const p = present[side === 0 ? i : j];
        return moments(part(z), p && part(p));
      });
      return [a!.mean.sub(b!.mean), a!.covariance.sub(b!.covariance), a!.skewness.sub(b!.skewness)];
    }) as [Tensor[], Tensor[]];
    return ofPair(sumOf(first.map((difference, q) => difference.mul(second[q]!).mean())), present, i, j);
  });
  return sumOf(terms).mul(1 / pairs.length);
}

/** Both less their common mean and over their common deviation, by feature, which take no gradient. */
function inOneUnit(both: readonly [Tensor, Tensor], present: Presence): readonly [Tensor, Tensor] {
  const all = concat(both, 0).detach();
  const counted =
    present[0] || present[1]
      ? concat(
          both.map((z, side) => present[side] ?? full([z.shape[0]!], 1, z.dtype)),
          0,
        )
      : undefined;
  const mean = meanOver(all, counted, 0);
  const deviation = meanOver(all.sub(mean).square(), counted, 0).max(varianceFloor).sqrt();
  const scaled = (z: Tensor): Tensor => z.sub(mean).div(deviation);
  return [scaled(both[0]), scaled(both[1])];
}
