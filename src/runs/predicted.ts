/** Predictions and labels of single samples, as `predict` prints them. */
import { hasSeveral, predictionWidth, type Task } from '../data/task.ts';
import { probabilitiesOf } from '../metrics/multi-label.ts';
import { softmax, type OpenModel } from './open-model.ts';

/** What is predicted of a sample: a value or the name of a class, or by label a value, or 1 where it is predicted, else 0. */
export interface Predicted {
  readonly prediction: number | string | Readonly<Record<string, number>>;
  /** Of classes and of labels that are true or not, by name. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** What a model's predictions, values or logits in rows of a sample each, say of each sample. */
export function predictedBy(model: Pick<OpenModel, 'data' | 'thresholds'>, prediction: Float32Array): Predicted[] {
  const { task } = model.data;
  const width = predictionWidth(task);
  const rowsOf = (values: ArrayLike<number>): number[][] =>
    Array.from({ length: prediction.length / width }, (_, n) =>
      Array.from({ length: width }, (__, c) => values[n * width + c]!),
    );
  switch (task.kind) {
    case 'regression':
      return Array.from(prediction, (value) => ({ prediction: value }));
    case 'classification':
      return rowsOf(softmax(prediction, width)).map((row) => ({
        prediction: task.classes[row.indexOf(Math.max(...row))]!,
        probabilities: byName(task.classes, row),
      }));
    case 'multilabel': {
      const { thresholds = task.names.map(() => 0.5) } = model;
      return rowsOf(probabilitiesOf(prediction)).map((row) => ({
        prediction: byName(
          task.names,
          row.map((probability, l) => Number(probability > thresholds[l]!)),
        ),
        probabilities: byName(task.names, row),
      }));
    }
    case 'multitarget':
      return rowsOf(prediction).map((row) => ({ prediction: byName(task.names, row) }));
  }
}

/** The label of sample `n`: a value, the name of its class, or its labels by name, null for one that it lacks. */
export function labelOf(
  task: Task,
  labels: Float32Array,
  n: number,
  classes: readonly string[],
): number | string | undefined | Readonly<Record<string, number | null>> {
  if (task.kind === 'classification') return classes[labels[n]!];
  if (!hasSeveral(task)) return labels[n];
  const { names } = task;
  return Object.fromEntries(
    names.map((name, l) => {
      const value = labels[n * names.length + l]!;
      return [name, Number.isNaN(value) ? null : value];
    }),
  );
}

const byName = (names: readonly string[], row: readonly number[]): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, row[i]!]));
