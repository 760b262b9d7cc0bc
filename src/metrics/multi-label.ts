/**
 * Scores of several labels at once, each of which is true of a sample or not, by the conventions of CMU-MOSEI's emotions
 * and of scikit-learn.
 *
 * A score that a label's truth leaves undefined is `undefined`, and left out of the means: without a positive those of
 * finding positives (F1, average precision), without a positive or a negative those of telling the two apart (weighted
 * accuracy, ROC area). scikit-learn gives 0 there, or an error.
 */
import { classScores } from './classification.ts';
import { sigmoid } from './probabilities.ts';
import { averagePrecision, ranked, rocArea } from './ranking.ts';
import { column, meanOfDefined, sampleCountOf } from './several.ts';

export interface LabelScores {
  /** Share of the samples of which the label is predicted as it is, 0..1. */
  readonly acc: number | undefined;
  /**
   * Weighted accuracy, 0..1: (TP · N / P + TN) / 2N with P positives and N negatives, the mean recall of the two (Tong et
   * al. 2017, https://aclanthology.org/P17-1142; Zadeh et al. 2018, https://aclanthology.org/P18-1208).
   */
  readonly wacc: number | undefined;
  /** F1 of the positives, 0..1. */
  readonly f1: number | undefined;
  /** F1 of positives and of negatives, weighted by how many there are, as papers on CMU-MOSEI report it. */
  readonly waf1: number | undefined;
  /** Average precision, 0..1. */
  readonly ap: number | undefined;
  /** Area under the ROC curve, 0..1. */
  readonly auc: number | undefined;
  readonly positives: number;
  readonly negatives: number;
}

export interface MultiLabelScores {
  /** Mean average precision over the labels. */
  readonly map: number;
  /** Mean F1 of the positives over the labels. */
  readonly macro_f1: number;
  /** F1 of the positives of all labels together. */
  readonly micro_f1: number;
  /** Mean weighted accuracy over the labels. */
  readonly wacc: number;
  /** Mean over the labels of their weighted F1. */
  readonly waf1: number;
  /** Mean ROC area over the labels. */
  readonly auc: number;
  /** Share of the samples all of whose labels are predicted as they are. */
  readonly exact_match: number;
  /** Hamming loss: share of all labels that are predicted wrongly. */
  readonly hamming: number;
  readonly perLabel: readonly LabelScores[];
}

export interface MultiLabelOptions {
  /** `[L]`, each in 0..1: a label is predicted where its probability is more. Default: 0.5 for each. */
  readonly thresholds?: readonly number[];
  /** What predictions are. Default: `logits`. */
  readonly predictions?: 'logits' | 'probabilities';
}

/**
 * Scores of predictions `[N, labels]` against truth `[N, labels]` of 0 and 1. A truth that is NaN is absent, and left out
 * by itself. Throws a RangeError for other shapes, a prediction that is NaN, or a truth that is none of these.
 */
export function multiLabel(
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: number,
  { thresholds = new Array<number>(labels).fill(0.5), predictions = 'logits' }: MultiLabelOptions = {},
): MultiLabelScores {
  const samples = sampleCountOf(prediction, truth, labels);
  checkLabels(prediction, truth, labels);
  checkThresholds(thresholds, labels);
  const probability = predictions === 'logits' ? sigmoid(prediction) : prediction;
  const predicted = Uint8Array.from({ length: truth.length }, (_, i) =>
    Number(probability[i]! > thresholds[i % labels]!),
  );
  const all = Array.from({ length: labels }, (_, l) => countsOf(predicted, truth, l, labels));
  const perLabel = all.map((counts, l): LabelScores => {
    // Logits rank as their probabilities do, and differ where those round to the same.
    const ranking = ranked(column(prediction, l, labels), column(truth, l, labels));
    return scoresOf(counts, { ap: averagePrecision(ranking), auc: rocArea(ranking) });
  });
  const pooled = [0, 1].map((t) => [0, 1].map((p) => sum(all.map((counts) => counts[t]![p]!))));
  const wrong = pooled[0]![1]! + pooled[1]![0]!;
  const mean = (name: 'wacc' | 'f1' | 'waf1' | 'ap' | 'auc'): number =>
    meanOfDefined(perLabel.map((scores) => scores[name]));
  return {
    map: mean('ap'),
    macro_f1: mean('f1'),
    micro_f1: classScores(pooled).perClass[1]!.f1,
    wacc: mean('wacc'),
    waf1: mean('waf1'),
    auc: mean('auc'),
    exact_match: exactMatch(predicted, truth, { samples, labels }),
    hamming: wrong === 0 ? 0 : wrong / sum(pooled.flat()),
    perLabel,
  };
}

/** Counts `[2][2]` of one label: row = true or not, column = predicted or not. */
function countsOf(predicted: Uint8Array, truth: ArrayLike<number>, label: number, labels: number): number[][] {
  const counts = [
    [0, 0],
    [0, 0],
  ];
  for (let i = label; i < truth.length; i += labels)
    if (!Number.isNaN(truth[i])) counts[truth[i]!]![predicted[i]!]! += 1;
  return counts;
}

function scoresOf(counts: readonly (readonly number[])[], ranks: Pick<LabelScores, 'ap' | 'auc'>): LabelScores {
  const { wacc, uacc, waf1, perClass } = classScores(counts);
  const [negatives, positives] = perClass.map(({ support }) => support) as [number, number];
  const where = (defined: boolean, score: number): number | undefined => (defined ? score : undefined);
  const some = positives + negatives > 0;
  return {
    ...{ acc: where(some, wacc), wacc: where(positives > 0 && negatives > 0, uacc) },
    ...{ f1: where(positives > 0, perClass[1]!.f1), waf1: where(some, waf1) },
    ...ranks,
    ...{ positives, negatives },
  };
}

/** Of the samples with some label that is not absent, the share that has no wrong one; 0 where there is no such sample. */
function exactMatch(
  predicted: Uint8Array,
  truth: ArrayLike<number>,
  { samples, labels }: { readonly samples: number; readonly labels: number },
): number {
  let [known, right] = [0, 0];
  for (let n = 0; n < samples; n++) {
    const entries = Array.from({ length: labels }, (_, l) => n * labels + l).filter((i) => !Number.isNaN(truth[i]));
    if (entries.length === 0) continue;
    known++;
    if (entries.every((i) => truth[i] === predicted[i])) right++;
  }
  return known === 0 ? 0 : right / known;
}

/** Throws unless predictions are numbers and labels are 0, 1 or absent. */
export function checkLabels(prediction: ArrayLike<number>, truth: ArrayLike<number>, labels: number): void {
  for (let i = 0; i < truth.length; i++) {
    const place = `label ${i % labels} of sample ${Math.floor(i / labels)}`;
    if (Number.isNaN(prediction[i])) throw new RangeError(`Cannot evaluate: the prediction of ${place} is NaN.`);
    const value = truth[i]!;
    if (value !== 0 && value !== 1 && !Number.isNaN(value))
      throw new RangeError(`Cannot evaluate: ${place} is ${value}; a label is 0, 1, or NaN where it is absent.`);
  }
}

function checkThresholds(thresholds: readonly number[], labels: number): void {
  if (thresholds.length !== labels)
    throw new RangeError(`Cannot evaluate ${labels} labels with ${thresholds.length} thresholds.`);
  const odd = thresholds.find((threshold) => !(threshold >= 0 && threshold <= 1));
  if (odd !== undefined) throw new RangeError(`A threshold is a probability between 0 and 1, got ${odd}.`);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
