/**
 * The threshold of each label: a label is predicted where its probability is above it. It is the one with the best F1 on
 * validation, and stands as `threshold/NAME` among the validation metrics of an epoch, so that a run keeps it.
 */
import { scoredNames } from '../data/task.ts';
import { evaluate } from '../metrics/metric.ts';
import { sigmoid } from '../metrics/probabilities.ts';
import { thresholdsOnValidation } from '../metrics/thresholds.ts';
import type { Metrics } from '../train/index.ts';
import { usualThreshold } from '../deploy/predicted.ts';
import type { TrainedOn } from './trained-model.ts';

const metricOf = (label: string): string => `threshold/${label}`;

/** All metrics on validation; of several labels by the thresholds that are chosen there, which are among them. */
export function validationMetrics(
  { task, metrics }: Pick<TrainedOn, 'task' | 'metrics'>,
  prediction: Float32Array,
  labels: Float32Array,
): Metrics {
  if (task.kind !== 'multilabel') return evaluate(metrics, prediction, labels, scoredNames(task));
  const { names } = task;
  const thresholds = thresholdsOnValidation(sigmoid(prediction), labels, names.length);
  return {
    ...evaluate(metrics, prediction, labels, names, { thresholds }),
    ...Object.fromEntries(names.map((name, l) => [metricOf(name), thresholds[l]!])),
  };
}

/** The thresholds `[L]` among validation metrics, the usual one where none was chosen; undefined for a task that has none. */
export const thresholdsIn = ({ task }: Pick<TrainedOn, 'task'>, valid: Metrics): readonly number[] | undefined =>
  task.kind === 'multilabel' ? task.names.map((name) => valid[metricOf(name)] ?? usualThreshold) : undefined;
