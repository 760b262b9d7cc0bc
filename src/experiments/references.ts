/**
 * References, which a trained model has to beat: predictors that know nothing but the labels, or only a linear map of
 * features averaged over time. They take samples already standardised with training statistics.
 */

import { sampleCount } from '../data/dataset.ts';
import { hasSeveral, labelColumn, scoredNames, type SeveralLabels } from '../data/task.ts';
import type { Samples, Task } from '../data/dataset.ts';
import { timeAverages } from '../data/time-averages.ts';
import { defaultSelection, evaluate, metrics } from '../metrics/metric.ts';
import { thresholdsOnValidation } from '../metrics/thresholds.ts';
import { timesTransposed, type Matrix } from '../analysis/matrix.ts';
import { ridgePath } from '../analysis/ridge.ts';

export interface Reference {
  readonly name: string;
  /** How it predicts, in a few words. */
  readonly describe: string;
  /** How many numbers were fitted. */
  readonly parameters: number;
  /** Values `[N]`; for classification one score per class, `[N * C]`, the highest wins. */
  predict(samples: Samples): Float32Array;
}

/** The best constant: the median label (no constant has a smaller absolute error), or the shares of the classes. */
export function majority(train: Samples, task: Task): Reference {
  const labels = labelsOf(train, 'training');
  if (task.kind === 'regression') {
    const median = medianOf(labels);
    return {
      name: 'constant (median)',
      describe: `always ${median.toPrecision(3)}, the median training label`,
      parameters: 1,
      predict: (samples) => new Float32Array(sampleCount(samples)).fill(median),
    };
  }
  if (hasSeveral(task)) return constants(labels, task);
  const shares = task.classes.map((_, c) => labels.filter((label) => label === c).length / labels.length);
  const most = shares.indexOf(Math.max(...shares));
  return {
    name: 'majority class',
    describe: `always ${task.classes[most]!}, ${(100 * shares[most]!).toFixed(1)} % of the training samples`,
    parameters: shares.length,
    predict: (samples) =>
      Float32Array.from({ length: sampleCount(samples) * shares.length }, (_, i) => shares[i % shares.length]!),
  };
}

/** The median of each target, or whether more than half of the samples have a label, as the logit of the share that does. */
function constants(labels: Float32Array, { kind, names }: SeveralLabels): Reference {
  const columns = names.map((_, l) => labelColumn(labels, names.length, l).filter((y) => !Number.isNaN(y)));
  const values = columns.map((own) => {
    if (own.length === 0) return 0;
    if (kind === 'multitarget') return medianOf(own);
    const share = own.reduce((sum, y) => sum + y, 0) / own.length;
    return Math.log(Math.max(share, 1e-6) / Math.max(1 - share, 1e-6));
  });
  const shown = names.map(
    (name, l) => `${name} ${kind === 'multitarget' ? values[l]!.toPrecision(3) : Number(values[l]! > 0)}`,
  );
  return {
    name: kind === 'multitarget' ? 'constant (median)' : 'majority per label',
    describe: `always ${shown.join(', ')}, ${kind === 'multitarget' ? 'the medians' : 'as most'} of the training samples`,
    parameters: values.length,
    predict: (samples) =>
      Float32Array.from({ length: sampleCount(samples) * values.length }, (_, i) => values[i % values.length]!),
  };
}

/**
 * Ridge regression with an intercept on features averaged over their true length; one-vs-rest least squares for classes.
 * The penalty is the best on validation, by the metric that models are chosen by. Of several labels each has a row of
 * weights, for which one that a sample lacks counts as the mean; labels that are true or not have a threshold each, the best
 * on validation.
 */
export function ridge(train: Samples, valid: Samples, task: Task): Reference {
  const modalities = Object.keys(train.features);
  const x = timeAverages(train, modalities);
  const y = targets(labelsOf(train, 'training'), task);
  const centre = columnMeans(x);
  const intercepts = rowMeans(y);
  const path = ridgePath(
    shifted(x, (_, d) => centre[d]!),
    shifted(y, (c) => intercepts[c]!, 0),
  );
  const centred = (samples: Samples): Matrix => shifted(timeAverages(samples, modalities), (_, d) => centre[d]!);
  const scores = (inputs: Matrix, weights: Matrix): Float32Array =>
    Float32Array.from(shifted(timesTransposed(inputs, weights), (_, c) => -intercepts[c]!).data);

  const held = centred(valid);
  const truth = labelsOf(valid, 'validation');
  // Constant features have no scale; their weights are 0 with any penalty.
  const candidates = strengths.map((strength) => {
    const penalty = strength * (path.scale || 1);
    const weights = path.weights(penalty);
    return { penalty, weights, loss: loss(scores(held, weights), truth, task) };
  });
  const { penalty, weights } = candidates.reduce((best, next) => (next.loss < best.loss ? next : best));
  const bounds = task.kind === 'multilabel' ? boundsOn(scores(held, weights), truth, task.names.length) : [0];
  return {
    name: 'ridge',
    describe: `linear on time-averaged ${modalities.join(', ')} (${x.columns} features), penalty ${penalty.toPrecision(2)} by validation`,
    parameters: y.rows * (x.columns + 1),
    predict: (samples) => aboveBounds(scores(centred(samples), weights), bounds),
  };
}

/**
 * Penalties relative to the features' scale, two per decade: from where hardly anything shrinks to where the weights vanish,
 * as they should when features are noise.
 */
const strengths: readonly number[] = Array.from({ length: 17 }, (_, i) => 10 ** (-4 + i / 2));

/** By label, above which score of a linear regression on 0 and 1 it is predicted. */
const boundsOn = (scores: Float32Array, truth: Float32Array, labels: number): number[] =>
  thresholdsOnValidation(
    scores.map((score) => Math.min(Math.max(score, 0), 1)),
    truth,
    labels,
  );

/** Scores `[N, L]` as logits: above 0 where they are above the bound of their label. */
const aboveBounds = (scores: Float32Array, bounds: readonly number[]): Float32Array =>
  scores.map((score, i) => score - bounds[i % bounds.length]!);

/**
 * Labels as one row `[1, N]`, or a row per class `[C, N]` holding 1 for its own samples and 0 for others; of several labels
 * a row each `[L, N]`.
 */
function targets(labels: Float32Array, task: Task): Matrix {
  const rows = rowsOf(labels, task);
  return { rows: rows.length, columns: rows[0]!.length, data: Float64Array.from(rows.flatMap((row) => [...row])) };
}

function rowsOf(labels: Float32Array, task: Task): readonly Float32Array[] {
  switch (task.kind) {
    case 'regression':
      return [labels];
    case 'classification':
      return task.classes.map((_, c) => labels.map((label) => Number(label === c)));
    case 'multilabel':
    case 'multitarget':
      return task.names.map((_, l) => labelColumn(labels, task.names.length, l));
  }
}

/** Every entry less `by(row, column)`; `missing` for one that is no number, where that is given. */
function shifted(x: Matrix, by: (row: number, column: number) => number, missing?: number): Matrix {
  const of = (value: number, i: number): number => value - by(Math.floor(i / x.columns), i % x.columns);
  return {
    ...x,
    data: x.data.map((value, i) => (missing !== undefined && Number.isNaN(value) ? missing : of(value, i))),
  };
}

function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) means[i % columns]! += data[i]! / rows;
  return means;
}

function rowMeans({ rows, columns, data }: Matrix): Float64Array {
  const known = new Int32Array(rows).fill(columns);
  for (const [i, value] of data.entries()) if (Number.isNaN(value)) known[Math.floor(i / columns)]! -= 1;
  const means = new Float64Array(rows);
  for (const [i, value] of data.entries()) {
    const row = Math.floor(i / columns);
    if (!Number.isNaN(value)) means[row]! += value / known[row]!;
  }
  return means;
}

/** Lower is better: the metric that models of the task are chosen by, negated where it is better higher. */
export function loss(scores: Float32Array, truth: Float32Array, task: Task): number {
  const name = defaultSelection(task.kind);
  const value = evaluate(task.kind, scores, truth, scoredNames(task))[name]!;
  return metrics[name].better === 'higher' ? -value : value;
}

function medianOf(values: Float32Array): number {
  const sorted = values.toSorted();
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

export function labelsOf(samples: Samples, split: string): Float32Array {
  if (samples.labels !== undefined && samples.labels.length > 0) return samples.labels;
  throw new RangeError(`A reference needs labelled ${split} samples; these have no labels.`);
}
