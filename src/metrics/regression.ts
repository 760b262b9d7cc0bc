/**
 * Scores of real-valued predictions, by the conventions of the MOSI/MOSEI and CH-SIMS literature.
 * A score that is undefined is 0, never NaN (NaN is not JSON): the correlation with a constant, Acc-2 when every truth is neutral.
 */

import { classScores } from './classification.ts';
import type { ClassificationScores } from './classification.ts';

type Values = ArrayLike<number>;

export interface MosiScores {
  readonly mae: number;
  readonly corr: number;
  /** Negative against positive; samples whose truth is exactly 0 are dropped, a prediction of 0 counts as negative. */
  readonly acc2: number;
  /** Weighted F1 of the two classes of `acc2`. */
  readonly f1: number;
  /** Negative against non-negative, all samples. */
  readonly acc2_nonneg: number;
  readonly f1_nonneg: number;
  /** Share whose rounded values agree, both clipped to -1..1 (3), -2..2 (5), -3..3 (7). */
  readonly acc3: number;
  readonly acc5: number;
  readonly acc7: number;
}

/** Labels in -3..3. `acc2`/`f1` drop neutral samples. */
export function mosiRegression(prediction: Values, truth: Values): MosiScores {
  checkPairs(prediction, truth);
  const dropped = binary(prediction, truth, { isPositive: (x) => x > 0, isAsked: (x) => x !== 0 });
  const nonneg = binary(prediction, truth, { isPositive: (x) => x >= 0 });
  return {
    mae: meanAbsoluteError(prediction, truth),
    corr: correlation(prediction, truth),
    acc2: dropped.wacc,
    f1: dropped.waf1,
    acc2_nonneg: nonneg.wacc,
    f1_nonneg: nonneg.waf1,
    acc3: agreement(prediction, truth, (x) => roundedWithin(x, 1)),
    acc5: agreement(prediction, truth, (x) => roundedWithin(x, 2)),
    acc7: agreement(prediction, truth, (x) => roundedWithin(x, 3)),
  };
}

export interface SimsScores {
  readonly mae: number;
  readonly corr: number;
  /** Bins [-1, 0], (0, 1], non-positive against positive, all samples, as MMSA by the authors of CH-SIMS has it. */
  readonly acc2: number;
  /** Bins cut at -0.1 and 0.1, upper edge included. */
  readonly acc3: number;
  /** Bins cut at -0.7, -0.1, 0.1 and 0.7, upper edge included. */
  readonly acc5: number;
  /** Weighted F1 of the two bins of `acc2`. */
  readonly f1: number;
}

/** Labels in -1..1; everything, MAE and correlation too, is computed on values clipped to that range. */
export function simsRegression(prediction: Values, truth: Values): SimsScores {
  checkPairs(prediction, truth);
  const p = Float64Array.from(prediction, (x) => clip(x, 1));
  const t = Float64Array.from(truth, (x) => clip(x, 1));
  const two = binary(p, t, { isPositive: (x) => x > 0 });
  return {
    mae: meanAbsoluteError(p, t),
    corr: correlation(p, t),
    acc2: two.wacc,
    acc3: agreement(p, t, (x) => bin(x, simsThree)),
    acc5: agreement(p, t, (x) => bin(x, simsFive)),
    f1: two.waf1,
  };
}

export interface PlainScores {
  readonly mae: number;
  readonly corr: number;
  readonly rmse: number;
  /** 1 - squared error / squared deviation of the truth; 0 where the truth is constant. */
  readonly r2: number;
}

/** Labels of any range. */
export function plainRegression(prediction: Values, truth: Values): PlainScores {
  checkPairs(prediction, truth);
  const count = truth.length;
  const centre = mean(truth);
  let error = 0;
  let spread = 0;
  for (let n = 0; n < count; n++) {
    error += (prediction[n]! - truth[n]!) ** 2;
    spread += (truth[n]! - centre) ** 2;
  }
  return {
    mae: meanAbsoluteError(prediction, truth),
    corr: correlation(prediction, truth),
    rmse: Math.sqrt(error / count),
    r2: isConstant(truth) ? 0 : 1 - error / spread,
  };
}

/** The three classes of CH-SIMS, cut at ±0.1: 0 negative, 1 neutral, 2 positive. */
export const simsClass = (x: number): number => bin(x, simsThree);

/** The seven classes of MOSI: 0 for -3 and below, 6 for 3 and above. */
export const mosiClass = (x: number): number => roundedWithin(x, 3) + 3;

/** Pearson's correlation, -1..1. */
function correlation(a: Values, b: Values): number {
  // Constants are looked for outright, since a mean that is off by one rounding leaves them a tiny, meaningless variance.
  if (isConstant(a) || isConstant(b)) return 0;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    const [da, db] = [a[n]! - meanA, b[n]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  const scale = Math.sqrt(aa) * Math.sqrt(bb);
  return scale === 0 ? 0 : clip(ab / scale, 1);
}

function meanAbsoluteError(prediction: Values, truth: Values): number {
  let total = 0;
  for (let n = 0; n < truth.length; n++) total += Math.abs(prediction[n]! - truth[n]!);
  return total / truth.length;
}

interface Question {
  readonly isPositive: (x: number) => boolean;
  /** Whether a sample of that truth is asked. Default: all are. */
  readonly isAsked?: (x: number) => boolean;
}

/** Accuracy and F1 of a yes/no question. It makes no lists: resamples ask it many thousand times. */
function binary(
  prediction: Values,
  truth: Values,
  { isPositive, isAsked = () => true }: Question,
): ClassificationScores {
  const [no, yes]: [number[], number[]] = [
    [0, 0],
    [0, 0],
  ];
  for (let n = 0; n < truth.length; n++)
    if (isAsked(truth[n]!)) (isPositive(truth[n]!) ? yes : no)[Number(isPositive(prediction[n]!))]! += 1;
  return classScores([no, yes]);
}

function agreement(prediction: Values, truth: Values, classOf: (x: number) => number): number {
  let same = 0;
  for (let n = 0; n < truth.length; n++) same += Number(classOf(prediction[n]!) === classOf(truth[n]!));
  return same / truth.length;
}

// Labels and predictions are float32, so the cuts have to be too: as float64, -0.1 would fall above its own edge.
const cuts = (...edges: number[]): readonly number[] => edges.map(Math.fround);
const simsThree = cuts(-0.1, 0.1);
const simsFive = cuts(-0.7, -0.1, 0.1, 0.7);

/** How many edges lie strictly below `x`. */
const bin = (x: number, edges: readonly number[]): number => edges.filter((edge) => Math.fround(x) > edge).length;

const clip = (x: number, limit: number): number => Math.min(Math.max(x, -limit), limit);

/** Rounds half to even, as IEEE 754 and NumPy do, within -limit..limit. */
function roundedWithin(x: number, limit: number): number {
  const clipped = clip(x, limit);
  const below = Math.floor(clipped);
  const rest = clipped - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return up ? below + 1 : below;
}

function isConstant(values: Values): boolean {
  for (let n = 1; n < values.length; n++) if (values[n] !== values[0]) return false;
  return true;
}

function mean(values: Values): number {
  let total = 0;
  for (let n = 0; n < values.length; n++) total += values[n]!;
  return total / values.length;
}

function checkPairs(prediction: Values, truth: Values): void {
  if (prediction.length !== truth.length) {
    throw new RangeError(`Cannot compare ${prediction.length} predictions with ${truth.length} true values.`);
  }
  if (truth.length === 0) throw new RangeError('Cannot evaluate: there are no samples.');
  for (let n = 0; n < truth.length; n++) {
    if (!Number.isFinite(prediction[n])) throw new RangeError(`Cannot evaluate: prediction ${n} is ${prediction[n]!}.`);
    if (!Number.isFinite(truth[n]))
      throw new RangeError(`Cannot evaluate: the true value of sample ${n} is ${truth[n]!}.`);
  }
}
