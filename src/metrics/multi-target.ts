/**
 * Scores of several real-valued targets at once. A score that a target's truth leaves undefined is `undefined`, and left
 * out of the means: all of a target without a value, correlation and R² of one that is constant.
 */
import { plainRegression, type PlainScores } from './regression.ts';
import { column, meanOfDefined, sampleCountOf } from './several.ts';

export type TargetScores = { readonly [name in keyof PlainScores]: number | undefined };

export interface MultiTargetScores extends PlainScores {
  readonly perTarget: readonly TargetScores[];
}

/**
 * Scores of predictions `[N, targets]` against truth `[N, targets]`, and their means over the targets. A truth that is NaN
 * is absent, and left out by itself. Throws a RangeError for other shapes, or where a prediction or a truth is infinite or a
 * prediction is NaN.
 */
export function multiTarget(
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  targets: number,
): MultiTargetScores {
  sampleCountOf(prediction, truth, targets);
  for (let i = 0; i < truth.length; i++) {
    const place = `target ${i % targets} of sample ${Math.floor(i / targets)}`;
    if (!Number.isFinite(prediction[i]))
      throw new RangeError(`Cannot evaluate: the prediction of ${place} is ${prediction[i]!}.`);
    if (Math.abs(truth[i]!) === Infinity) throw new RangeError(`Cannot evaluate: ${place} is ${truth[i]!}.`);
  }
  const perTarget = Array.from({ length: targets }, (_, t) =>
    scoresOf(column(prediction, t, targets), column(truth, t, targets)),
  );
  const mean = (name: keyof PlainScores): number => meanOfDefined(perTarget.map((scores) => scores[name]));
  return { mae: mean('mae'), corr: mean('corr'), rmse: mean('rmse'), r2: mean('r2'), perTarget };
}

function scoresOf(prediction: Float64Array, truth: Float64Array): TargetScores {
  const isPresent = (n: number): boolean => !Number.isNaN(truth[n]);
  const values = truth.filter((_, n) => isPresent(n));
  if (values.length === 0) return { mae: undefined, corr: undefined, rmse: undefined, r2: undefined };
  const scores = plainRegression(
    prediction.filter((_, n) => isPresent(n)),
    values,
  );
  const isConstant = values.every((value) => value === values[0]);
  return isConstant ? { ...scores, corr: undefined, r2: undefined } : scores;
}
