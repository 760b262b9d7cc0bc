/**
 * Independence of unique and common features: what the one tells of the other is taken out of it. Not of the paper, whose
 * Eq. 1 is lowest where both are copies of each other (docs/decoupling.md).
 *
 *   L_ind    = mean_m I(sg u_m ; c_m) + mean_{m ≠ j} I(u_m ; sg c_j)
 *   I(u ; c) = ½ (log det R_u + log det R_c − log det R_uc)
 *
 * I is the mutual information of Gaussians, in nats, with the correlation matrices R of the batch plus a small multiple of
 * the identity; sg lets no gradient through. So c_m gives up what its own modality alone shows, while u_m gives up what the
 * other modalities show too: without these stops the shared factors are sometimes driven out of c instead. Logarithms
 * keep a gradient where a leak is large, which squared correlations do not.
 *
 * Each I is over the samples of the batch that have both modalities. It sees linear dependence alone, and nothing where
 * the widths of u and c together reach the number of samples.
 */
import { concat, constant, full, stack, type Tensor } from '../tensor/index.ts';
import { logDeterminant } from './log-determinant.ts';
import { both, meanOver, type Presence } from './presence.ts';

export interface IndependenceOptions {
  /** Added to the diagonal of every correlation matrix, above 0. Default 1e-3. */
  readonly ridge?: number;
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** A variance below this counts as this: a constant feature correlates with nothing. */
const varianceFloor = 1e-8;

/** L_ind `[]` of pooled features, `[N, d_u]` and `[N, d_c]` per modality; all modalities have the same widths. */
export function independenceLoss(
  unique: readonly Tensor[],
  common: readonly Tensor[],
  { ridge = 1e-3, present = [] }: IndependenceOptions = {},
): Tensor {
  const count = unique.length;
  const pairs = unique.flatMap((u, m) =>
    common.map((c, j) => {
      const own = m === j;
      return {
        features: concat(own ? [u.detach(), c] : [u, c.detach()], 1),
        present: both(present[m], present[j]),
        weight: own ? 1 / count : 1 / (count * (count - 1)),
      };
    }),
  );
  const information = gaussianInformation(stack(pairs.map(({ features }) => features)), unique[0]!.shape[1]!, {
    ridge,
    present: presenceOf(pairs),
  });
  const weights = pairs.map(({ weight }) => weight);
  return information.mul(constant(weights, [weights.length], information.dtype)).sum();
}

/** `[P, N]`, where any of the pairs lacks samples. */
function presenceOf(pairs: readonly { readonly features: Tensor; readonly present: Tensor | undefined }[]) {
  if (pairs.every(({ present }) => !present)) return undefined;
  return stack(pairs.map(({ present, features }) => present ?? full([features.shape[0]!], 1, features.dtype)));
}

/**
 * Gaussian mutual information `[P]`, in nats, of the first `width` features of `[P, N, d]` and the others, over the samples
 * that are `present` `[P, N]`.
 */
export function gaussianInformation(
  features: Tensor,
  width: number,
  { ridge, present }: { readonly ridge: number; readonly present?: Tensor | undefined },
): Tensor {
  const [, n, d] = features.shape as [number, number, number];
  const centred = features.sub(meanOver(features, present, 1, true));
  const variance = meanOver(centred.square(), present, 1, true).max(varianceFloor);
  const standard = centred.div(variance.sqrt());
  const counted = present ? standard.mul(present.reshape([...present.shape, 1])) : standard;
  const products = standard.matmul(counted, { transposeA: true });
  const correlation = present
    ? products.div(present.sum([1]).max(1).reshape([present.shape[0]!, 1, 1]))
    : products.mul(1 / n);

  const at = (of: (i: number, j: number) => number): Tensor =>
    constant(
      Array.from({ length: d * d }, (_, i) => of(Math.floor(i / d), i % d)),
      [d, d],
      features.dtype,
    );
  const floor = at((i, j) => (i === j ? ridge : 0));
  const within = at((i, j) => Number(i < width === j < width));
  // log det R_u + log det R_c is that of R without the correlations between both.
  const [apart, joint] = logDeterminant(stack([correlation.mul(within).add(floor), correlation.add(floor)])).split(
    0,
    [1, 1],
  );
  return apart!.sub(joint!).mul(0.5).reshape([features.shape[0]!]);
}
