/** What all models share of a task: how many numbers they predict, their shape, and the usual losses. */
import { labelClasses } from '../alignment/index.ts';
import {
  binaryCrossEntropy,
  crossEntropy,
  knownLabels,
  meanAbsoluteError,
  meanOfKnown,
  meanSquaredError,
} from '../nn/index.ts';
import { constant, where, type Tensor } from '../tensor/index.ts';
import type { ModelTask, MultitargetTask, OneLabelTask, RegressionTask } from './model.ts';

/** Numbers that a head has to give for each sample. */
export function outputsOf(task: ModelTask): number {
  switch (task.kind) {
    case 'regression':
      return 1;
    case 'classification':
      return task.classes;
    case 'multilabel':
      return task.labels;
    case 'multitarget':
      return task.targets.length;
  }
}

/** A head's outputs `[N, outputs]` as a prediction: `[N]` for regression, as they are for all else. */
export const asPrediction = (head: Tensor, task: ModelTask): Tensor =>
  task.kind === 'regression' ? head.reshape([head.shape[0]!]) : head;

/** The classes of losses that tell alike samples from others, `[N]`: those of the labels, or what is made of labels. */
export function classesFor(labels: Tensor, task: ModelTask): Tensor {
  if (task.kind === 'classification') return labels;
  return task.kind === 'regression' ? labelClasses(labels, task) : labelCombinations(labels, task);
}

/** How far values `[N]`, labels or predictions, are above the label that is neither negative nor positive. */
export const aboveNeutral = (values: Tensor, { neutral = 0 }: RegressionTask): Tensor =>
  neutral === 0 ? values : values.sub(neutral);

/**
 * Cross-entropy of logits `[N, classes]`, binary cross-entropy of those of labels `[N, L]`; of values `[N]` or `[N, L]` the
 * mean absolute (`l1`) or squared (`mse`) error. Labels that are absent do not count.
 */
export function taskLoss(prediction: Tensor, labels: Tensor, task: ModelTask, regression: 'l1' | 'mse'): Tensor {
  switch (task.kind) {
    case 'classification':
      return crossEntropy(prediction, labels, task.weights ? { weights: task.weights } : {});
    case 'multilabel':
      return binaryCrossEntropy(prediction, labels, task.weights ? { weights: task.weights } : {});
    case 'regression':
      return regression === 'l1' ? meanAbsoluteError(prediction, labels) : meanSquaredError(prediction, labels);
    case 'multitarget': {
      const { values, known } = knownLabels(labels);
      const error = prediction.sub(values);
      return meanOfKnown(regression === 'l1' ? error.abs() : error.square(), known);
    }
  }
}

/**
 * Several labels as classes of a loss that tells alike samples from others: those all of whose labels are alike are of one
 * class, which has the number of the first of them in the batch. `[N]`, from labels `[N, L]` of 0 and 1, or from values that
 * are below or above the boundaries of their targets. A label that is absent is like one that is absent.
 */
function labelCombinations(labels: Tensor, task: Exclude<ModelTask, OneLabelTask>): Tensor {
  const [samples, width] = labels.shape as [number, number];
  const { values, known } = knownLabels(task.kind === 'multilabel' ? labels : labels.sub(boundariesOf(task, labels)));
  const classes = task.kind === 'multilabel' ? values : values.greater(0).cast(labels.dtype);
  const marked = where(known.greater(0), classes, -1);
  const differing = marked
    .reshape([samples, 1, width])
    .sub(marked.reshape([1, samples, width]))
    .abs()
    .sum([2]);
  const numbers = constant([...Array(samples).keys()], [1, samples], labels.dtype);
  return where(differing.equal(0), numbers, samples).minimum([1]);
}

/** The value that divides the labels of each target, `[1, L]`; of one that has none, which has one label alone, any. */
const boundariesOf = ({ targets }: MultitargetTask, labels: Tensor): Tensor =>
  constant(
    targets.map(({ boundaries = [] }) => boundaries[0] ?? 0),
    [1, targets.length],
    labels.dtype,
  );

/** The task of a model that takes one label of a sample. Throws a RangeError, with the reason, where there are several. */
export function oneLabelOf(task: ModelTask, model: string, reason: string): OneLabelTask {
  if (task.kind === 'regression' || task.kind === 'classification') return task;
  throw new RangeError(
    `${model} takes one label of each sample, and the task ${task.kind} has several: ${reason}; choose another model.`,
  );
}
