/**
 * Attraction of samples to the other modalities' prototypes: the second term of Eq. 9 (Section 3.2.2).
 *
 *   L_Proto = (1/N) Σ_n Σ_k w_i^n(k) ‖F_i^n − μ_j^k‖²,  over ordered pairs j ≠ i
 *
 * Prototype k of one modality answers to prototype k of the others, which holds only where all have the same K;
 * where they differ, and where the fit has no order in common, the transport plan says which answers to which. The mean
 * over n is that of the samples that have modality i; none are attracted to a modality that no sample of the batch has.
 */
import type { Tensor } from '../tensor/index.ts';
import { orderedPairs, sumOf } from './pairs.ts';
import { meanOver, ofPair, type Presence } from './presence.ts';
import type { Prototypes } from './prototypes.ts';

export interface AttractionOptions {
  /** How squared differences of the d features are reduced: by their sum (Eq. 9) or mean. */
  readonly reduction: 'sum' | 'mean';
  /** How ordered pairs of modalities are reduced: by their sum (Eq. 9) or mean. */
  readonly pairs: 'sum' | 'mean';
  /** Squared differences are divided by the prototype's variance, floored at this. Default: they are not. */
  readonly mahalanobis?: { readonly floor: number };
  /** T* `[K_1, …, K_M]`: prototypes are matched by it instead of by index. */
  readonly plan?: Tensor;
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** L_Proto of pooled features `[N, d]` per modality and their prototypes. */
export function attraction(
  x: readonly Tensor[],
  prototypes: readonly Prototypes[],
  options: AttractionOptions,
): Tensor {
  const { present = [] } = options;
  const pairs = orderedPairs(x.length);
  const terms = pairs.map(([i, j]) => {
    const posterior = prototypes[i]!.posterior;
    const matched = options.plan ? posterior.matmul(matching(options.plan, i, j)) : posterior;
    const distance = distances(x[i]!, prototypes[j]!, options);
    if (String(matched.shape) !== String(distance.shape))
      throw new RangeError(
        `Attraction matches prototypes by index, but modality ${i} has ${matched.shape[1]} and modality ${j} has ${distance.shape[1]}; match them by the transport plan.`,
      );
    return ofPair(meanOver(matched.mul(distance).sum([1]), present[i], 0), present, i, j);
  });
  return options.pairs === 'sum' ? sumOf(terms) : sumOf(terms).mul(1 / terms.length);
}

/** ‖x^n − μ^k‖² `[N, K]`. */
function distances(x: Tensor, { means, variances }: Prototypes, { reduction, mahalanobis }: AttractionOptions): Tensor {
  const [n, d] = x.shape as [number, number];
  const [k] = means.shape as [number];
  const squared = x
    .reshape([n, 1, d])
    .sub(means.reshape([1, k, d]))
    .square();
  const scaled = mahalanobis ? squared.div(variances.max(mahalanobis.floor).reshape([1, k, d])) : squared;
  return reduction === 'sum' ? scaled.sum([2]) : scaled.mean([2]);
}

/** P(k_j | k_i) under the plan, `[K_i, K_j]`, rows summing to 1; held constant. */
function matching(plan: Tensor, i: number, j: number): Tensor {
  const rest = plan.shape.map((_, axis) => axis).filter((axis) => axis !== i && axis !== j);
  const joint = plan.detach().sum(rest);
  const oriented = i < j ? joint : joint.transpose();
  return oriented.div(oriented.sum([1], true).max(1e-30));
}
