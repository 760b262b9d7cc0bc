/**
 * Agreement of the common features of one sample across modalities. Not of the paper, whose Eq. 10 and 11 compare the
 * distributions of modalities, and are as low where the samples of one are shuffled (docs/decoupling.md).
 *
 *   L_pair = mean over i < j of −½ mean_n ( log e^{s_nn} / Σ_l e^{s_nl}  +  log e^{s_nn} / Σ_l e^{s_ln} )
 *   s_nl   = ⟨ĉ_i^n, ĉ_j^l⟩ / τ,   ĉ = c / ‖c‖
 *
 * the symmetric InfoNCE loss (van den Oord et al., 2018; Radford et al., 2021), over the samples of the batch that have both
 * modalities. A sample that stands in a batch more than once is none that it is to be told from.
 */
import { constant, full, stack, type Tensor } from '../tensor/index.ts';
import { unorderedPairs } from './pairs.ts';
import { both, type Presence } from './presence.ts';

export interface PairingOptions {
  /** τ. */
  readonly temperature: number;
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
  /** `[N]` int64, which sample each is, where a batch may hold one more than once. */
  readonly rows?: Tensor | undefined;
}

/** Norms below this count as this: a zero feature is as near to every other. */
const normFloor = 1e-6;
/** Taken off the similarity of samples that do not count: their share is 0 in float32 at any temperature. */
const excluded = 1e9;

/** L_pair `[]` of pooled common features `[N, d]`, one per modality, M >= 2; 0 for a batch of one. */
export function pairingLoss(common: readonly Tensor[], { temperature, present = [], rows }: PairingOptions): Tensor {
  const [n] = common[0]!.shape as [number];
  const pairs = unorderedPairs(common.length);
  const unit = common.map(unitLength);
  const [left, right] = [0, 1].map((side) => stack(pairs.map((pair) => unit[pair[side]!]!))) as [Tensor, Tensor];
  const similarity = left.matmul(right, { transposeB: true }).mul(1 / temperature);
  const matched = left.dot(right).mul(1 / temperature);

  const counted = pairs.map(([i, j]) => both(present[i], present[j]));
  const weights = counted.some((p) => p) ? stack(counted.map((p) => p ?? full([n], 1, left.dtype))) : undefined;
  const told = withoutRepeats(withoutAbsent(similarity, weights), rows);
  const surprise = told
    .logSumExp([2])
    .add(told.logSumExp([1]))
    .mul(0.5)
    .sub(matched);
  if (!weights) return surprise.mean();
  return surprise
    .mul(weights)
    .sum([1])
    .div(weights.sum([1]).max(1))
    .mean();
}

function unitLength(x: Tensor): Tensor {
  const norm = x
    .square()
    .sum([1], true)
    .max(normFloor ** 2)
    .sqrt();
  return x.div(norm);
}

/** `[P, N, N]` less a large number wherever one of the two samples lacks a modality of the pair, but for the diagonal. */
function withoutAbsent(similarity: Tensor, weights: Tensor | undefined): Tensor {
  if (!weights) return similarity;
  const [p, n] = weights.shape as [number, number];
  const counted = weights.reshape([p, n, 1]).mul(weights.reshape([p, 1, n]));
  return exclude(similarity, counted.neg().add(1));
}

/** `[P, N, N]` less a large number wherever two places of the batch hold one sample, but for the diagonal. */
function withoutRepeats(similarity: Tensor, rows: Tensor | undefined): Tensor {
  if (!rows) return similarity;
  const [n] = rows.shape as [number];
  return exclude(
    similarity,
    rows
      .reshape([n, 1])
      .equal(rows.reshape([1, n]))
      .cast(similarity.dtype),
  );
}

/** Less a large number where `what` `[..., N, N]` is 1, off the diagonal. */
function exclude(similarity: Tensor, what: Tensor): Tensor {
  const [n] = similarity.shape.slice(-1) as [number];
  const apart = constant(
    Array.from({ length: n * n }, (_, i) => excluded * Number(i % (n + 1) !== 0)),
    [n, n],
    similarity.dtype,
  );
  return similarity.sub(what.mul(apart));
}
