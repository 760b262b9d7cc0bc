/**
 * Prototypes of a modality: a Gaussian mixture fitted to its pooled unique features by EM (Section 3.2.1).
 *
 *   Eq. 2-3   P = {(μ^k, Σ^k)}, k = 1..K, with mixing weights π^k
 *   Eq. 4     w^n(k) = π^k N(x^n; μ^k, Σ^k) / Σ_j π^j N(x^n; μ^j, Σ^j)
 *
 * Posteriors use the diagonal of Σ and are computed in the log domain. The full Σ serves the cost (Eq. 6). Mixtures of
 * several modalities are fitted at once where nothing differs between them: shapes then have another axis in front.
 */
import { constant, full, stack, type Tensor } from '../tensor/index.ts';

export interface Prototypes {
  /** π `[K]`. */
  readonly weights: Tensor;
  /** μ `[K, d]`. */
  readonly means: Tensor;
  /** The diagonals of Σ `[K, d]`. */
  readonly variances: Tensor;
  /** Σ `[K, d, d]`, where asked for. */
  readonly covariances?: Tensor;
  /** w `[N, K]`, rows summing to 1. */
  readonly posterior: Tensor;
}

export interface PrototypeOptions {
  /** K. */
  readonly count: number;
  /** EM iterations, from scratch on every batch. */
  readonly iterations: number;
  /** The smallest variance of a feature; also added to the diagonal of full covariances. */
  readonly varianceFloor: number;
  /**
   * 'principal-axis': means spread along the batch's first principal axis, whatever the order of samples.
   * 'spaced-samples': evenly spaced samples of the batch (the authors' code).
   */
  readonly initialization: 'principal-axis' | 'spaced-samples';
  /**
   * 'last': through the last iteration only, the earlier ones being held constant: what remains of the gradient once EM
   * has settled. 'all': through every iteration (the authors' code).
   */
  readonly gradient: 'last' | 'all';
  /** Share of the mean variance mixed into full covariances, which makes those of few samples invertible. */
  readonly covariance?: { readonly shrinkage: number };
}

interface Mixture {
  readonly weights: Tensor;
  readonly means: Tensor;
  readonly variances: Tensor;
}

/** Mixing weights below this count as this in the log. */
const weightFloor = 1e-8;
/** A component's share of samples, below which its moments are no longer normalised (the authors' floor). */
const countFloor = 1e-6;

/** Fits a mixture to pooled features `[N, d]`. Any N >= 1, also fewer samples than prototypes. */
export const fitPrototypes = (x: Tensor, options: PrototypeOptions): Prototypes => fitAll([x], [options])[0]!;

/** Fits each modality's mixture, those of equal shapes and options together. */
export function fitAll(xs: readonly Tensor[], options: readonly PrototypeOptions[]): Prototypes[] {
  const alike = new Map<string, number[]>();
  for (const m of xs.keys()) {
    const key = JSON.stringify([xs[m]!.shape, options[m]]);
    alike.set(key, [...(alike.get(key) ?? []), m]);
  }
  const fitted: Prototypes[] = [];
  for (const members of alike.values()) {
    const together = fit(stack(members.map((m) => xs[m]!)), options[members[0]!]!);
    const [weights, means, variances, posterior] = [
      unstack(together.weights),
      unstack(together.means),
      unstack(together.variances),
      unstack(together.posterior),
    ];
    const covariances = together.covariances && unstack(together.covariances);
    for (const [i, m] of members.entries())
      fitted[m] = {
        weights: weights[i]!,
        means: means[i]!,
        variances: variances[i]!,
        posterior: posterior[i]!,
        ...(covariances && { covariances: covariances[i]! }),
      };
  }
  return fitted;
}

/**
 * The share of a mixture's components that have collapsed, `[]`: all their variances are at the floor, as is so of one
 * that owns a single sample or samples that are alike, or they own less than half a sample.
 */
export function collapsed(
  { weights, variances, posterior }: Prototypes,
  { varianceFloor }: Pick<PrototypeOptions, 'varianceFloor'>,
): Tensor {
  const point = variances.maximum([1]).lessOrEqual(varianceFloor);
  const dead = weights.less(0.5 / posterior.shape[0]!);
  return point.or(dead).cast(weights.dtype).mean();
}

const unstack = (x: Tensor): Tensor[] =>
  x.split(0, Array<number>(x.shape[0]!).fill(1)).map((part) => part.reshape(x.shape.slice(1)));

function fit(x: Tensor, options: PrototypeOptions): Prototypes {
  const { iterations, gradient, varianceFloor, covariance } = options;
  const source = gradient === 'last' ? x.detach() : x;
  let mixture =
    options.initialization === 'principal-axis' ? spreadAlongAxis(source, options) : spacedSamples(source, options);
  for (let i = 1; i < iterations; i++)
    mixture = maximization(source, divide(logPosterior(source, mixture), options), options);
  const division = divide(logPosterior(source, mixture), options);
  mixture = maximization(x, division, options);
  const posterior = logPosterior(x, mixture).exp();
  if (!covariance) return { ...mixture, posterior };
  return { ...mixture, posterior, covariances: covariances(x, mixture, division, covariance.shrinkage, varianceFloor) };
}

/** An axis of length 1 put in at a position counted from the end: -1 is the last. */
const withAxis = (x: Tensor, at: number): Tensor => x.reshape(x.shape.toSpliced(x.shape.length + 1 + at, 0, 1));

/** All samples' deviations from all means: `[N, K, d]`. */
const deviations = (x: Tensor, means: Tensor): Tensor => withAxis(x, -2).sub(withAxis(means, -3));

/** log w^n(k) of Eq. 4, `[N, K]`. */
export function logPosterior(x: Tensor, { weights, means, variances }: Mixture): Tensor {
  const d = x.shape.at(-1)!;
  const mahalanobis = deviations(x, means).square().div(withAxis(variances, -3)).sum([-1]);
  const logDeterminant = withAxis(variances.log().sum([-1]), -2);
  const logDensity = mahalanobis
    .add(logDeterminant)
    .add(d * Math.log(2 * Math.PI))
    .mul(-0.5);
  return withAxis(weights.max(weightFloor).log(), -2).add(logDensity).logSoftmax();
}

/** How the posteriors divide the samples among the components. */
interface Division {
  /** Samples that each component owns `[K]`. */
  readonly counts: Tensor;
  /** Each component's weights over the samples `[N, K]`, columns summing to 1 but for the authors' floor. */
  readonly shares: Tensor;
}

function divide(logPosteriors: Tensor, { initialization }: PrototypeOptions): Division {
  const posterior = logPosteriors.exp();
  const counts = posterior.sum([-2]).max(countFloor);
  // Normalised in the log domain, a component that owns almost nothing still has a mean among the samples; the
  // authors' floor sends it to 0 instead.
  if (initialization !== 'spaced-samples')
    return { counts, shares: logPosteriors.sub(logPosteriors.logSumExp([-2], true)).exp() };
  return { counts, shares: posterior.div(withAxis(counts, -2)) };
}

/** The M step: weights, means and variances of the samples as they are divided. */
function maximization(
  x: Tensor,
  { counts, shares }: Division,
  { varianceFloor, initialization }: PrototypeOptions,
): Mixture {
  const n = x.shape.at(-2)!;
  const means = shares.matmul(x, { transposeA: true });
  // The authors' E[x²] − μ² keeps fewer digits, and differs where their floor left shares short of 1.
  const variances =
    initialization === 'spaced-samples'
      ? shares.matmul(x.square(), { transposeA: true }).sub(means.square())
      : withAxis(shares, -1).mul(deviations(x, means).square()).sum([-3]);
  return { weights: counts.mul(1 / n), means, variances: variances.max(varianceFloor) };
}

/** The M step of Σ^k `[K, d, d]`: weighted outer products, drawn towards a multiple of the identity. */
function covariances(x: Tensor, { means }: Mixture, { shares }: Division, shrinkage: number, floor: number): Tensor {
  const d = x.shape.at(-1)!;
  const deviation = withAxis(x, -3).sub(withAxis(means, -2));
  const sample = deviation.mul(withAxis(shares.transpose(), -1)).matmul(deviation, { transposeA: true });
  const identity = eye(d, x);
  const scale = sample
    .mul(identity)
    .sum([-2, -1], true)
    .mul(1 / d);
  return sample.mul(1 - shrinkage).add(identity.mul(scale.mul(shrinkage).add(floor)));
}

const eye = (d: number, like: Tensor): Tensor =>
  constant(
    Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0)),
    [d, d],
    like.dtype,
  );

function batchVariances(x: Tensor, floor: number): Tensor {
  return x
    .sub(x.mean([-2], true))
    .square()
    .mean([-2], true)
    .max(floor);
}

/** Means at the normal quantiles of the first principal axis; the sign of the axis is fixed by the features' order. */
function spreadAlongAxis(x: Tensor, { count, varianceFloor }: PrototypeOptions): Mixture {
  const centre = x.mean([-2], true);
  const centred = x.sub(centre);
  const variances = batchVariances(x, varianceFloor);
  // Power iterations from the deviations: precise enough for a start, and independent of the order of samples.
  let axis = unit(variances.sqrt());
  for (let i = 0; i < 8; i++)
    axis = unit(axis.matmul(centred, { transposeB: true }).matmul(centred).add(axis.mul(1e-12)));
  const along = centred.matmul(axis, { transposeB: true });
  const spread = along.square().mean([-2], true).add(varianceFloor).sqrt();
  const quantiles = Array.from({ length: count }, (_, k) => normalQuantile((k + 0.5) / count));
  const steps = constant(quantiles, [count, 1], x.dtype).mul(spread);
  return { ...evenly(x, count, variances), means: centre.add(steps.mul(axis)) };
}

const unit = (v: Tensor): Tensor => v.div(v.square().sum([-1], true).max(1e-30).sqrt());

/** Means at samples round(linspace(0, N − 1, K)), halves to even; samples repeat where N < K. */
function spacedSamples(x: Tensor, { count, varianceFloor }: PrototypeOptions): Mixture {
  const n = x.shape.at(-2)!;
  const rows = Array.from({ length: count }, (_, k) => (n >= count ? spacedIndex(k, count, n) : k % n));
  const means = x.gather(constant(rows, [count], 'int64'), x.shape.length - 2);
  return { ...evenly(x, count, batchVariances(x, varianceFloor)), means };
}

/** Components of equal weights, and of the variances of all samples. */
function evenly(x: Tensor, count: number, variances: Tensor): Pick<Mixture, 'weights' | 'variances'> {
  const shape = x.shape.with(-2, count);
  return { weights: full(shape.slice(0, -1), 1 / count, x.dtype), variances: variances.expand(shape) };
}

/** PyTorch's linspace in float32, from whichever end is nearer, then rounded half to even. */
function spacedIndex(k: number, count: number, n: number): number {
  if (count === 1) return 0;
  const step = Math.fround((n - 1) / (count - 1));
  const at =
    k < Math.floor(count / 2) ? Math.fround(step * k) : Math.fround(n - 1 - Math.fround(step * (count - k - 1)));
  const nearest = Math.round(at);
  return Math.abs(at % 1) === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}

/** Inverse of the standard normal distribution function, by bisection: a handful of constants, once per graph. */
function normalQuantile(p: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(x) to 1e-7 (Abramowitz and Stegun, 26.2.17). */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x > 0 ? 1 - tail : tail;
}
