/**
 * Dependence of two representations that need not be linear: the Hilbert-Schmidt independence criterion (Gretton et al.,
 * 2005) with Gaussian kernels (`kernel.ts`), normalised,
 *
 *   HSIC(u, c) = tr(K H L H) / N²     K, L kernels of u and of c, H = I − 11ᵀ/N
 *   figure     = HSIC(u, c) / √(HSIC(u, u) HSIC(c, c))
 *
 * from 0 to 1. This estimate is above 0 for samples that are independent, too: what it comes to by chance is told by
 * permutations, which match the u of one sample with the c of another.
 */
import { random } from '../data/random.ts';
import { middleOf, type Interval } from './interval.ts';
import { gaussian, medianVariance, squaredDistances } from './kernel.ts';
import { evenly, knownRows, rowsOf, type Part } from './part.ts';
import { momentsOf, standardised } from './standardised.ts';
import type { Matrix } from './matrix.ts';

export interface Dependence {
  /** Normalised HSIC, in 0..1. */
  readonly hsic: number;
  /** The middle 95 % of what it is where samples are permuted. */
  readonly chance: Interval;
}

export interface DependenceOptions {
  /** Samples at most, taken evenly: time grows with their square. */
  readonly most?: number;
  readonly permutations?: number;
  readonly seed?: number;
}

/**
 * Dependence of u and c on the samples that have both. Undefined for fewer than four of these, and where half of them are
 * alike or more, which leaves no distance to go by.
 */
export function dependence(
  u: Part,
  c: Part,
  { most = 500, permutations = 200, seed = 0 }: DependenceOptions = {},
): Dependence | undefined {
  const rows = evenly(knownRows([u, c]), most);
  if (rows.length < 4) return undefined;
  const [k, l] = [centredKernel(rowsOf(u, rows)), centredKernel(rowsOf(c, rows))];
  if (!k || !l) return undefined;
  const asTheyAre = Int32Array.from(rows.keys());
  const norm = Math.sqrt(product(k, k, asTheyAre) * product(l, l, asTheyAre));
  const stream = random(seed, 'dependence');
  const permuted = Array.from({ length: permutations }, () => product(k, l, stream.permutation(rows.length)) / norm);
  return { hsic: product(k, l, asTheyAre) / norm, chance: middleOf(permuted)! };
}

/** H K H of features that are standardised; undefined where half of the samples are alike. */
function centredKernel(x: Matrix): Matrix | undefined {
  const own = standardised(x, momentsOf(x));
  const distances = squaredDistances(own, own);
  const variance = medianVariance(distances);
  if (variance === undefined) return undefined;
  const kernel = gaussian(distances, variance);
  const means = momentsOf(kernel).mean;
  const mean = means.reduce((sum, value) => sum + value, 0) / x.rows;
  const { data } = kernel;
  for (let n = 0; n < x.rows; n++)
    for (let m = 0; m < x.rows; m++) data[n * x.rows + m]! += mean - means[n]! - means[m]!;
  return kernel;
}

/** Σ_nm K[n, m] L[π(n), π(m)], of which half and the diagonal will do, as both are symmetric. */
function product({ rows, data: k }: Matrix, { data: l }: Matrix, order: Int32Array): number {
  let [below, diagonal] = [0, 0];
  for (let n = 0; n < rows; n++) {
    const [own, other] = [n * rows, order[n]! * rows];
    diagonal += k[own + n]! * l[other + order[n]!]!;
    for (let m = 0; m < n; m++) below += k[own + m]! * l[other + order[m]!]!;
  }
  return 2 * below + diagonal;
}
