/**
 * Prototypes of a modality: a Gaussian mixture fitted to its pooled unique features by EM (Section 3.2.1).
 *
 *   Eq. 2-3   P = {(μ^k, Σ^k)}, k = 1..K, with mixing weights π^k
 *   Eq. 4     w^n(k) = π^k N(x^n; μ^k, Σ^k) / Σ_j π^j N(x^n; μ^j, Σ^j)
 *
 * Posteriors use the diagonal of Σ and are computed in the log domain. The full Σ serves the cost (Eq. 6). Mixtures of
 * several modalities are fitted at once where nothing differs between them: shapes then have another axis in front.
 * The samples of a modality are those of the batch that have it; the others have weight 0 in every step of EM.
 */
import { constant, full, stack, type Tensor } from '../tensor/index.ts';
import { asRows, meanOver, onlyPresent, type Presence } from './presence.ts';

export interface Prototypes {
  /** π `[K]`. */
  readonly weights: Tensor;
  /** μ `[K, d]`. */
  readonly means: Tensor;
  /** The diagonals of Σ `[K, d]`. */
  readonly variances: Tensor;
  /** Σ `[K, d, d]`, where asked for. */
  readonly covariances?: Tensor;
  /** w `[N, K]`, rows summing to 1, and those of absent samples to 0. */
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

/**
 * Fits a mixture to pooled features `[N, d]`, of the samples that are `present` `[N]`, by default all. Any N >= 1, also
 * fewer samples than prototypes.
 */
export const fitPrototypes = (x: Tensor, options: PrototypeOptions, present?: Tensor): Prototypes =>
  fitAll([x], [options], [present])[0]!;

/** Fits each modality's mixture, those of equal shapes and options together. */
export function fitAll(
  xs: readonly Tensor[],
  options: readonly PrototypeOptions[],
  present: Presence = [],
): Prototypes[] {
  const alike = new Map<string, number[]>();
  for (const m of xs.keys()) {
    const key = JSON.stringify([xs[m]!.shape, options[m], present[m] !== undefined]);
    alike.set(key, [...(alike.get(key) ?? []), m]);
  }
  const fitted: Prototypes[] = [];
  for (const members of alike.values()) {
    const weights = members.flatMap((m) => present[m] ?? []);
    const together = fit(
      stack(members.map((m) => xs[m]!)),
      weights.length > 0 ? stack(weights) : undefined,
      options[members[0]!]!,
    );
    const [shares, means, variances, posterior] = [
      unstack(together.weights),
      unstack(together.means),
      unstack(together.variances),
      unstack(together.posterior),
    ];
    const covariances = together.covariances && unstack(together.covariances);
    for (const [i, m] of members.entries())
      fitted[m] = {
        weights: shares[i]!,
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
 * that owns a single sample or samples that are alike, or they own less than half a sample. 0 where no sample is present.
 */
export function collapsed(
  { weights, variances, posterior }: Prototypes,
  { varianceFloor }: Pick<PrototypeOptions, 'varianceFloor'>,
  present?: Tensor,
): Tensor {
  const point = variances.maximum([1]).lessOrEqual(varianceFloor);
  const dead = weights.less(present ? present.sum().max(1).reciprocal().mul(0.5) : 0.5 / posterior.shape[0]!);
  const share = point.or(dead).cast(weights.dtype).mean();
  return present ? share.mul(present.maximum()) : share;
}

const unstack = (x: Tensor): Tensor[] =>
  x.split(0, Array<number>(x.shape[0]!).fill(1)).map((part) => part.reshape(x.shape.slice(1)));

/** The samples `[N, d]` that a mixture is fitted to. */
interface Fitted {
  /** Zeros in the place of absent samples. */
  readonly x: Tensor;
  /** 1 for a sample that is present, else 0, `[N]`; undefined where all are. */
  readonly present: Tensor | undefined;
}

function fit(given: Tensor, present: Tensor | undefined, options: PrototypeOptions): Prototypes {
  const { iterations, gradient, varianceFloor, covariance } = options;
  const x = onlyPresent(given, present);
  const all = { x, present };
  const source = gradient === 'last' ? { x: x.detach(), present } : all;
  let mixture =
    options.initialization === 'principal-axis' ? spreadAlongAxis(source, options) : spacedSamples(source, options);
  for (let i = 1; i < iterations; i++)
    mixture = maximization(source, divide(logPosterior(source.x, mixture), source, options), options);
  const division = divide(logPosterior(source.x, mixture), source, options);
  mixture = maximization(all, division, options);
  const posterior = onlyPresent(logPosterior(x, mixture).exp(), present);
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

/** Added to the logarithm of an absent sample's share: next to that of any other it is 0, yet it is a number. */
const logOfNone = -1e30;

function divide(logAll: Tensor, { present }: Fitted, { initialization }: PrototypeOptions): Division {
  const posterior = onlyPresent(logAll.exp(), present);
  const counts = posterior.sum([-2]).max(countFloor);
  // Normalised in the log domain, a component that owns almost nothing still has a mean among the samples; the
  // authors' floor sends it to 0 instead.
  const logPosteriors = present ? logAll.add(asRows(present.neg().add(1).mul(logOfNone), logAll)) : logAll;
  if (initialization !== 'spaced-samples')
    return { counts, shares: logPosteriors.sub(logPosteriors.logSumExp([-2], true)).exp() };
  return { counts, shares: posterior.div(withAxis(counts, -2)) };
}

/** The M step: weights, means and variances of the samples as they are divided. */
function maximization(
  { x, present }: Fitted,
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
  const weights = present ? counts.div(present.sum([-1], true).max(1)) : counts.mul(1 / n);
  return { weights, means, variances: variances.max(varianceFloor) };
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

function batchVariances({ x, present }: Fitted, floor: number): Tensor {
  return meanOver(x.sub(meanOver(x, present, -2, true)).square(), present, -2, true).max(floor);
}

/** Means at the normal quantiles of the first principal axis; the sign of the axis is fixed by the features' order. */
function spreadAlongAxis(fitted: Fitted, { count, varianceFloor }: PrototypeOptions): Mixture {
  const { x, present } = fitted;
  const centre = meanOver(x, present, -2, true);
  const centred = onlyPresent(x.sub(centre), present);
  const variances = batchVariances(fitted, varianceFloor);
  // Power iterations from the deviations: precise enough for a start, and independent of the order of samples.
  let axis = unit(variances.sqrt());
  for (let i = 0; i < 8; i++)
    axis = unit(axis.matmul(centred, { transposeB: true }).matmul(centred).add(axis.mul(1e-12)));
  const along = centred.matmul(axis, { transposeB: true });
  const spread = meanOver(along.square(), present, -2, true).add(varianceFloor).sqrt();
  const quantiles = Array.from({ length: count }, (_, k) => normalQuantile((k + 0.5) / count));
  const steps = constant(quantiles, [count, 1], x.dtype).mul(spread);
  return { ...evenly(x, count, variances), means: centre.add(steps.mul(axis)) };
}

const unit = (v: Tensor): Tensor => v.div(v.square().sum([-1], true).max(1e-30).sqrt());

/** Means at samples round(linspace(0, N − 1, K)), halves to even, of those present; samples repeat where N < K. */
function spacedSamples(fitted: Fitted, { count, varianceFloor }: PrototypeOptions): Mixture {
  const { x, present } = fitted;
  const n = x.shape.at(-2)!;
  const rows = (of: number): number[] =>
    Array.from({ length: count }, (_, k) => (of >= count ? spacedIndex(k, count, of) : k % Math.max(of, 1)));
  const start = evenly(x, count, batchVariances(fitted, varianceFloor));
  if (!present) return { ...start, means: x.gather(constant(rows(n), [count], 'int64'), x.shape.length - 2) };
  // How many are present is known at run time alone: a table has the rows for each number, counted among those present.
  const table = Array.from({ length: n + 1 }, (_, of) => rows(of)).flat();
  const wanted = constant(table, [n + 1, count], x.dtype).gather(present.sum([-1]).cast('int64'));
  const upTo = Array.from({ length: n * n }, (_, i) => Number(Math.floor(i / n) <= i % n));
  const rank = present.matmul(constant(upTo, [n, n], x.dtype)).sub(1);
  const chosen = onlyPresent(withAxis(rank, -1).equal(withAxis(wanted, -2)).cast(x.dtype), present);
  return { ...start, means: chosen.matmul(x, { transposeA: true }) };
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
