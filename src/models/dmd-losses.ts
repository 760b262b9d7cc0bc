/** Losses of DMD (Li et al., CVPR 2023): what decouples the features, and distillation on a graph of the modalities. */
import { linear, type Scope, type Sequence } from '../nn/index.ts';
import { concat, constant, stack, type Tensor } from '../tensor/index.ts';

/** Mean over the true steps and features of the squared difference of two sequences `[N, T, d]` of one mask. */
export function sequenceError(a: Sequence, b: Sequence): Tensor {
  return stepMean(a, a.value.sub(b.value).square().mean([2]));
}

/** max(0, cos(a_t, b_t)), the mean over the true steps: of two sequences `[N, T, d]` of one mask. */
export function overlap(a: Sequence, b: Sequence): Tensor {
  return stepMean(a, cosine(a.value, b.value).relu());
}

/** The mean of `[N, T]` over the true steps of all samples. */
function stepMean({ mask }: Sequence, x: Tensor): Tensor {
  return mask ? x.mul(mask).sum().div(mask.sum().max(1)) : x.mean();
}

/** Cosine over the last axis; 0 of zeros. */
function cosine(a: Tensor, b: Tensor): Tensor {
  const length = (x: Tensor): Tensor => x.square().sum([-1]).add(1e-12).sqrt();
  return a
    .mul(b)
    .sum([-1])
    .div(length(a).mul(length(b)));
}

/**
 * Common features of one label are to be closer than those of another, by a margin α |y_i − y_k| (for classes α):
 *
 *   mean over i of the mean over j, k, with y_j = y_i ≠ y_k and j ≠ i, of max(0, α |y_i − y_k| − cos_ij + cos_ik)
 *
 * over the features `[N, F]` of every modality, which share their labels `[N]`. Anchors without a j or a k do not count.
 */
export function marginLoss(
  features: readonly Tensor[],
  label: Tensor,
  { margin, classes }: { readonly margin: number; readonly classes: boolean },
): Tensor {
  const x = concat(features, 0);
  const y = concat(
    features.map(() => label),
    0,
  );
  const count = y.shape[0]!;
  const normal = x.div(x.square().sum([1], true).add(1e-8).sqrt());
  const similarity = normal.matmul(normal, { transposeB: true });
  const distance = y
    .reshape([count, 1])
    .sub(y.reshape([1, count]))
    .abs();
  const other = distance.greater(0).cast(y.dtype);
  const self = constant(
    Array.from({ length: count * count }, (_, i) => Number(i % (count + 1) === 0)),
    [count, count],
    y.dtype,
  );
  const same = self.add(other).neg().add(1);

  const gap = (classes ? other : distance).mul(margin).add(similarity);
  // [i, j, k]
  const hinge = gap
    .reshape([count, 1, count])
    .sub(similarity.reshape([count, count, 1]))
    .relu();
  const pairs = same.reshape([count, count, 1]).mul(other.reshape([count, 1, count]));
  const perAnchor = hinge
    .mul(pairs)
    .sum([1, 2])
    .div(pairs.sum([1, 2]).max(1));
  const counted = same.maximum([1]).mul(other.maximum([1]));
  return perAnchor.sum().div(counted.sum().max(1));
}

export interface Distillation {
  /** The strength of each edge, `[N, edges]`; they sum to 1. */
  readonly edges: Tensor;
  /** Σ (mean edge − prior)². */
  readonly regularity: Tensor;
  /** Σ over edges of its weight times the absolute difference of the logits. */
  readonly logit: Tensor;
  /** Σ over edges of its mean weight times the mean of max(0, cos) of the representations. */
  readonly representation: Tensor;
}

/**
 * Graph distillation: on the edge from modality i to modality j, j learns from i. With z_m = [W l_m; W r_m] of the logits
 * and representations,
 *
 *   e_{i→j} = softmax over all edges of (w · [z_j; z_i]) / 8,      weight of the edge: e_{i→j} + prior_{i→j}
 *
 * The teacher's side of a difference is constant.
 */
export function distil(
  scope: Scope,
  logits: readonly Tensor[],
  representations: readonly Tensor[],
  { width, prior }: { readonly width: number; readonly prior: (teacher: number, student: number) => number },
): Distillation {
  const shared = scope.shared();
  const nodes = logits.map((l, m) =>
    concat([linear(shared.at('logit'), l, width), linear(shared.at('representation'), representations[m]!, width)], 1),
  );
  const pairs = logits.flatMap((_, student) =>
    logits.flatMap((__, teacher) => (teacher === student ? [] : [{ teacher, student }])),
  );
  const scores = pairs.map(({ teacher, student }) =>
    linear(shared.at('edge'), concat([nodes[student]!, nodes[teacher]!], 1), 1),
  );
  const edges = concat(scores, 1)
    .mul(1 / 8)
    .softmax();
  const expected = softmaxOf(pairs.map(({ teacher, student }) => prior(teacher, student) / priorTemperature));
  const priors = constant(expected, [1, pairs.length], edges.dtype);
  const weights = edges.add(priors);

  const differences = pairs.map(({ teacher, student }) =>
    logits[student]!.sub(logits[teacher]!.detach()).abs().sum([1], true),
  );
  const likeness = pairs.map(({ teacher, student }) =>
    cosine(representations[student]!, representations[teacher]!.detach()).relu().mean(),
  );
  return {
    edges,
    regularity: edges.mean([0], true).sub(priors).square().sum(),
    logit: concat(differences, 1).mul(weights).mean([0]).sum(),
    representation: stack(likeness)
      .mul(weights.mean([0]))
      .sum(),
  };
}

const priorTemperature = 0.25;

function softmaxOf(values: readonly number[]): number[] {
  const powers = values.map((value) => Math.exp(value - Math.max(...values)));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
