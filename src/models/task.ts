/** What all models share of a task: how many numbers they predict, their shape, and the usual losses. */
import { crossEntropy, meanAbsoluteError, meanSquaredError } from '../nn/index.ts';
import type { Tensor } from '../tensor/index.ts';
import type { ModelTask, RegressionTask } from './model.ts';

/** Numbers that a head has to give for each sample. */
export const outputsOf = (task: ModelTask): number => (task.kind === 'regression' ? 1 : task.classes);

/** A head's outputs `[N, outputs]` as a prediction: `[N]` for regression, logits `[N, classes]` for classification. */
export const asPrediction = (head: Tensor, task: ModelTask): Tensor =>
  task.kind === 'regression' ? head.reshape([head.shape[0]!]) : head;

/** How far values `[N]`, labels or predictions, are above the label that is neither negative nor positive. */
export const aboveNeutral = (values: Tensor, { neutral = 0 }: RegressionTask): Tensor =>
  neutral === 0 ? values : values.sub(neutral);

/** Cross-entropy of logits `[N, classes]`; of values `[N]` the mean absolute (`l1`) or squared (`mse`) error. */
export function taskLoss(prediction: Tensor, labels: Tensor, task: ModelTask, regression: 'l1' | 'mse'): Tensor {
  if (task.kind === 'classification')
    return crossEntropy(prediction, labels, task.weights ? { weights: task.weights } : {});
  return regression === 'l1' ? meanAbsoluteError(prediction, labels) : meanSquaredError(prediction, labels);
}
