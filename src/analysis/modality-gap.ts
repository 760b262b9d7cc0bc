/**
 * How far the common features of modalities are apart as distributions, sample by sample or not. For each pair of
 * modalities, on the samples that have both:
 *
 *   centroid gap  ‖μ_i − μ_j‖ / spread    spread: the root of the mean squared distance to the own centroid μ, of both
 *   moments       Eq. 10, ½ (‖μ_i − μ_j‖² + ‖Σ_i − Σ_j‖² + ‖Γ_i − Γ_j‖²), each feature in units of the deviation of both together
 *   MMD           squared, unbiased, with the Gaussian kernel of `kernel.ts` on the same features
 *
 * Samples are finite, so that none of these is 0 for two samples of one distribution. What they come to then is told by
 * splits: the samples of both modalities are put together and dealt anew into two halves.
 */
import { random } from '../data/random.ts';
import { meanOf } from './determination.ts';
import { middleOf, type Interval } from './interval.ts';
import { gaussian, medianVariance, squaredDistances } from './kernel.ts';
import { timesTransposed, transposed, type Matrix } from './matrix.ts';
import { evenly, knownRows, rowsOf, type ModalityParts, type Part } from './part.ts';
import { momentsOf, standardised, type Moments } from './standardised.ts';

export interface Gap {
  readonly value: number;
  /** The middle 95 % of what two samples of one distribution come to. */
  readonly noise: Interval;
}

/** Means over pairs of modalities. */
export interface ModalityGap {
  readonly centroids: Gap;
  readonly moments: Gap;
  readonly mmd: Gap;
}

export interface GapOptions {
  /** Samples at most, taken evenly: time grows with their square. */
  readonly most?: number;
  readonly splits?: number;
  readonly seed?: number;
}

/**
 * Undefined where no pair of modalities has features of one width that vary, on four samples or more; a pair that has not is
 * left out.
 */
export function modalityGap(
  parts: readonly ModalityParts[],
  { most = 300, splits = 100, seed = 0 }: GapOptions = {},
): ModalityGap | undefined {
  const pairs = parts.flatMap(({ common: a }, i) =>
    parts.slice(i + 1).flatMap(({ common: b }) => comparison(a.test, b.test, most) ?? []),
  );
  if (pairs.length === 0) return undefined;
  const stream = random(seed, 'modality-gap');
  const asTheyAre = pairs.map((compare) => compare((count) => Int32Array.from({ length: count }, (_, n) => n)));
  const dealt = Array.from({ length: splits }, () => pairs.map((compare) => compare((n) => stream.permutation(n))));
  const gap = (name: keyof Distances): Gap => {
    const mean = (all: readonly Distances[]): number => meanOf(all.map(({ [name]: value }) => value))!;
    return { value: mean(asTheyAre), noise: middleOf(dealt.map(mean))! };
  };
  return { centroids: gap('centroids'), moments: gap('moments'), mmd: gap('mmd') };
}

interface Distances {
  readonly centroids: number;
  readonly moments: number;
  readonly mmd: number;
}

/** Distances of two halves of the samples of both modalities, which are told by an order of the numbers 0..n-1. */
type Compare = (orderOf: (n: number) => Int32Array) => Distances;

function comparison(a: Part, b: Part, most: number): Compare | undefined {
  const rows = evenly(knownRows([a, b]), most);
  if (a.columns !== b.columns || rows.length < 4) return undefined;
  const raw = stacked(rowsOf(a, rows), rowsOf(b, rows));
  const scaled = standardised(raw, momentsOf(raw));
  const distances = squaredDistances(scaled, scaled);
  const variance = medianVariance(distances);
  if (variance === undefined) return undefined;
  const kernel = gaussian(distances, variance);
  const features = transposed(scaled);
  const products = timesTransposed(features, features).data;
  return (orderOf) => {
    const order = orderOf(raw.rows);
    const [first, second] = [order.subarray(0, rows.length), order.subarray(rows.length)];
    return {
      centroids: centroidGap(rowsOf(raw, first), rowsOf(raw, second)),
      moments: momentDistance(rowsOf(scaled, first), rowsOf(scaled, second), products),
      mmd: discrepancy(kernel, first),
    };
  };
}

const stacked = (a: Matrix, b: Matrix): Matrix => {
  const data = new Float64Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { rows: a.rows + b.rows, columns: a.columns, data };
};

function centroidGap(a: Matrix, b: Matrix): number {
  const [first, second] = [momentsOf(a), momentsOf(b)];
  const spread = (squaredLength(first.deviation) + squaredLength(second.deviation)) / 2;
  return Math.sqrt(squaredDistance(first.mean, second.mean) / spread);
}

/** Eq. 10 of one pair, with Σ normalised by N − 1 and Γ 0 for a constant feature. */
function momentDistance(a: Matrix, b: Matrix, products: Float64Array): number {
  const [first, second] = [momentsOf(a), momentsOf(b)];
  const { rows, columns: width } = a;
  const features = transposed(a);
  const own = timesTransposed(features, features).data;
  // Of Σ of the second, the products are those of both less those of the first: half of the work.
  let covariance = 0;
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) {
      const at = i * width + j;
      const means = first.mean[i]! * first.mean[j]! - second.mean[i]! * second.mean[j]!;
      covariance += ((2 * own[at]! - products[at]! - rows * means) / (rows - 1)) ** 2;
    }
  return (
    (squaredDistance(first.mean, second.mean) + covariance + squaredDistance(skewness(a, first), skewness(b, second))) /
    2
  );
}

function skewness({ rows, columns, data }: Matrix, { mean, deviation }: Moments): Float64Array {
  const cubes = new Float64Array(columns);
  for (let n = 0; n < rows; n++)
    for (let d = 0; d < columns; d++) {
      const x = data[n * columns + d]! - mean[d]!;
      cubes[d]! += (x * x * x) / rows;
    }
  return cubes.map((cube, d) => (deviation[d] === 0 ? 0 : cube / deviation[d]! ** 3));
}

/**
 * The unbiased squared MMD of two halves of as many samples, of which `first` names one. With s = 1 for its samples and −1 for the
 * others, W the sum of the kernel over two samples of one half and C that over one of each (each sum without a sample with
 * itself): sᵀ K s = W − 2 C, 1ᵀ K 1 = W + 2 C.
 */
function discrepancy({ rows, data }: Matrix, first: Int32Array): number {
  const sign = new Float64Array(rows).fill(-1);
  for (const n of first) sign[n] = 1;
  let [signed, all] = [0, 0];
  for (let n = 0; n < rows; n++) {
    let [own, plain] = [0, 0];
    for (let m = 0; m < n; m++) {
      const k = data[n * rows + m]!;
      own += sign[m]! * k;
      plain += k;
    }
    signed += 2 * sign[n]! * own;
    all += 2 * plain;
  }
  const count = first.length;
  return (all + signed) / 2 / (count * (count - 1)) - (all - signed) / 2 / count ** 2;
}

const squaredLength = (x: Float64Array): number => x.reduce((sum, value) => sum + value ** 2, 0);

const squaredDistance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
