/**
 * Supervised contrastive loss on the fused representation (Khosla et al., 2020): the term "CT" of Table 4, for which the
 * paper gives no formula. With u the L2-normalised features and P(n) the other samples of n's class,
 *
 *   L_CT = −mean over n with P(n) ≠ ∅ of (1/|P(n)|) Σ_{p ∈ P(n)} log( exp(u_n·u_p/τ) / Σ_{a ≠ n} exp(u_n·u_a/τ) )
 */
import { constant, type Tensor } from '../tensor/index.ts';

export interface ContrastiveOptions {
  /** τ. */
  readonly temperature: number;
}

/** Norms below this count as this (PyTorch's normalize). */
const normFloor = 1e-12;
/** Sums over a sample's others below this count as this (the authors' code). */
const sumFloor = 1e-8;

/** L_CT of features `[N, D]` and class indices `[N]` (as floats); 0 where no sample has another of its class. */
export function contrastiveLoss(features: Tensor, classes: Tensor, { temperature }: ContrastiveOptions): Tensor {
  const [n] = features.shape as [number];
  const norm = features
    .square()
    .sum([1], true)
    .max(normFloor ** 2)
    .sqrt();
  const unit = features.div(norm);
  const logits = unit.matmul(unit, { transposeB: true }).mul(1 / temperature);

  const others = constant(
    Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) !== 0)),
    [n, n],
    features.dtype,
  );
  const alike = classes
    .reshape([n, 1])
    .equal(classes.reshape([1, n]))
    .cast(features.dtype)
    .mul(others);
  const positives = alike.sum([1]);

  const shifted = logits.sub(logits.maximum([1], true).detach());
  const logSum = shifted.exp().mul(others).sum([1], true).max(sumFloor).log();
  const perSample = alike.mul(shifted.sub(logSum)).sum([1]).div(positives.max(1));
  const counted = positives.greater(0).cast(features.dtype);
  return perSample.mul(counted).sum().neg().div(counted.sum().max(1));
}

export interface LabelClassesOptions {
  /** In ascending order: a label is of class k where k of them are below it. */
  readonly boundaries?: readonly number[] | undefined;
  /** Without boundaries labels are clamped to ±limit and rounded (the authors' seven classes). */
  readonly limit?: number;
}

/** Regression labels `[N]` as the classes of the loss, `[N]`. */
export function labelClasses(labels: Tensor, { boundaries, limit = 3 }: LabelClassesOptions = {}): Tensor {
  if (!boundaries) return labels.clamp({ low: -limit, high: limit }).round();
  if (boundaries.length === 0) return labels.mul(0);
  const [n] = labels.shape as [number];
  const ends = constant([...boundaries], [1, boundaries.length], labels.dtype);
  return labels.reshape([n, 1]).greater(ends).cast(labels.dtype).sum([1]);
}
