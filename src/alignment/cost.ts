/**
 * What it costs to match prototypes (Section 3.2.2).
 *
 *   Eq. 6   C_ij(k_i, k_j) = ‖μ_i − μ_j‖² + Tr(Σ_i + Σ_j − 2 (Σ_i^½ Σ_j Σ_i^½)^½)
 *   Eq. 5   C(k_1, …, k_M) = Σ_{i<j} C_ij(k_i, k_j)
 *
 * Eq. 6 is the squared 2-Wasserstein (Bures) distance of two Gaussians; with diagonal Σ its second term is ‖σ_i − σ_j‖².
 */
import type { Tensor } from '../tensor/index.ts';
import type { Prototypes } from './prototypes.ts';
import { unorderedPairs, sumOf } from './pairs.ts';
import { squareRoot, trace } from './square-root.ts';

export interface CostOptions {
  /** Which Σ counts: its diagonal, or all of it, for prototypes that have full covariances. */
  readonly covariance: 'diagonal' | 'full';
  /** How squared differences of the d features are reduced: by their sum (Eq. 6) or mean. */
  readonly reduction: 'sum' | 'mean';
  /** Added under the root of the diagonal form, so that its gradient stays finite; the authors' 1e-8. */
  readonly rootFloor?: number;
}

/** Eq. 6 between all prototypes of two modalities: `[K_i, K_j]`. */
export function pairwiseCost(
  a: Prototypes,
  b: Prototypes,
  { covariance, reduction, rootFloor = 0 }: CostOptions,
): Tensor {
  const [rows, d] = a.means.shape as [number, number];
  const [columns] = b.means.shape as [number];
  const left = (x: Tensor): Tensor => x.reshape([rows, 1, d]);
  const right = (x: Tensor): Tensor => x.reshape([1, columns, d]);
  const overFeatures = (x: Tensor): Tensor => (reduction === 'sum' ? x.sum([2]) : x.mean([2]));

  const location = overFeatures(left(a.means).sub(right(b.means)).square());
  if (covariance === 'full') {
    const spread = buresDistance(needed(a.covariances), needed(b.covariances));
    return location.add(reduction === 'sum' ? spread : spread.mul(1 / d));
  }
  if (rootFloor === 0)
    return location.add(overFeatures(left(a.variances.sqrt()).sub(right(b.variances.sqrt())).square()));
  const [va, vb] = [left(a.variances), right(b.variances)];
  return location.add(overFeatures(va.add(vb).sub(va.mul(vb).add(rootFloor).sqrt().mul(2))));
}

/** Tr(A + B − 2 (A^½ B A^½)^½) between all of `[K_i, d, d]` and `[K_j, d, d]`: `[K_i, K_j]`. */
export function buresDistance(a: Tensor, b: Tensor): Tensor {
  const [rows, d] = a.shape as [number, number];
  const [columns] = b.shape as [number];
  const root = squareRoot(a).reshape([rows, 1, d, d]);
  const inner = root.matmul(b.reshape([1, columns, d, d])).matmul(root);
  const cross = trace(squareRoot(inner));
  return trace(a)
    .reshape([rows, 1])
    .add(trace(b).reshape([1, columns]))
    .sub(cross.mul(2));
}

/** Eq. 5 from the costs of all pairs i < j: one axis per modality. */
export function jointCost(pairwise: (i: number, j: number) => Tensor, modalities: number): Tensor {
  if (modalities < 2) throw new RangeError(`Transport needs at least two modalities, got ${modalities}.`);
  return sumOf(
    unorderedPairs(modalities).map(([i, j]) => {
      const cost = pairwise(i, j);
      const axes = Array.from({ length: modalities }, (_, m) =>
        m === i ? cost.shape[0]! : m === j ? cost.shape[1]! : 1,
      );
      return cost.reshape(axes);
    }),
  );
}

function needed(covariances: Tensor | undefined): Tensor {
  if (!covariances) throw new TypeError("A cost with covariance 'full' needs prototypes fitted with full covariances.");
  return covariances;
}
