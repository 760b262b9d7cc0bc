/** Scores of predicted classes. One that is undefined (of a class without samples, say) is 0, never NaN: NaN is not JSON. */

export interface ClassScores {
  /** Share of the samples predicted to be of the class that are of it, 0..1. */
  readonly precision: number;
  /** Share of the samples of the class that are predicted to be of it, 0..1. */
  readonly recall: number;
  readonly f1: number;
  /** How many samples are of the class. */
  readonly support: number;
}

export interface ClassificationScores {
  /** Weighted accuracy: the share of all samples that are right. */
  readonly wacc: number;
  /** Unweighted accuracy: mean recall over the classes that occur. */
  readonly uacc: number;
  /** Mean F1, each class weighted by its samples. */
  readonly waf1: number;
  /** Mean F1 over the classes that occur in the truth or the prediction, as scikit-learn has it. */
  readonly macro_f1: number;
  readonly perClass: readonly ClassScores[];
}

/** Counts `[C][C]`: row = true class, column = predicted class. Classes are integers in 0..C-1. */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  if (truth.length !== predicted.length) {
    throw new RangeError(`Cannot compare ${predicted.length} predicted classes with ${truth.length} true ones.`);
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let n = 0; n < truth.length; n++) {
    counts[classIndex(truth[n]!, n, classes)]![classIndex(predicted[n]!, n, classes)]! += 1;
  }
  return counts;
}

/** Every score there is follows from the confusion matrix. */
export function classScores(counts: readonly (readonly number[])[]): ClassificationScores {
  const perClass = counts.map((row, c) => {
    const support = sum(row);
    const hits = row[c]!;
    const predicted = sum(counts.map((other) => other[c]!));
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted),
      support,
    };
  });
  const samples = sum(perClass.map(({ support }) => support));
  const seen = counts.filter((row, c) => sum(row) > 0 || counts.some((other) => other[c]! > 0));
  const occurring = perClass.filter(({ support }) => support > 0);
  return {
    wacc: ratio(sum(counts.map((row, c) => row[c]!)), samples),
    uacc: ratio(sum(occurring.map(({ recall }) => recall)), occurring.length),
    waf1: ratio(sum(perClass.map(({ f1, support }) => f1 * support)), samples),
    macro_f1: ratio(sum(perClass.map(({ f1 }) => f1)), seen.length),
    perClass,
  };
}

/** The highest of each row of scores or logits `[N * classes]`: class indices `[N]`. The first of equals wins. */
export function predictedClasses(scores: ArrayLike<number>, classes: number): Int32Array {
  if (!Number.isInteger(scores.length / classes)) {
    throw new RangeError(`Cannot split ${scores.length} scores into rows of ${classes}, one per class.`);
  }
  return Int32Array.from({ length: scores.length / classes }, (_, n) => {
    let best = 0;
    for (let c = 0; c < classes; c++) {
      const score = scores[n * classes + c]!;
      if (Number.isNaN(score)) throw new RangeError(`Cannot evaluate: score ${c} of sample ${n} is NaN.`);
      if (score > scores[n * classes + best]!) best = c;
    }
    return best;
  });
}

/** Scores of logits `[N * classes]` against class indices `[N]`. */
export function classification(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: number,
): ClassificationScores {
  return classScores(confusionMatrix(truth, predictedClasses(logits, classes), classes));
}

function classIndex(value: number, n: number, classes: number): number {
  if (Number.isInteger(value) && value >= 0 && value < classes) return value;
  throw new RangeError(
    `Class of sample ${n} is ${value}; with ${classes} classes it must be an integer in 0..${classes - 1}.`,
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
