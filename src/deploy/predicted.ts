/** What is predicted of single samples, as `predict` prints it and an exported model gives it. */
import { predictionWidth, type Task } from '../data/task.ts';
import { sigmoid, softmax } from '../metrics/probabilities.ts';

/** What is predicted of a sample: a value or the name of a class, or by label a value, or 1 where it is predicted, else 0. */
export interface PredictedOfSample {
  readonly prediction: number | string | Readonly<Record<string, number>>;
  /** Of classes and of labels that are true or not, by name. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** What predictions, values or logits in rows of a sample each, say of each sample; thresholds `[L]` are by label, else 0.5. */
export function predictedBy(task: Task, prediction: Float32Array, thresholds?: readonly number[]): PredictedOfSample[] {
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
      const above = thresholds ?? task.names.map(() => usualThreshold);
      return rowsOf(sigmoid(prediction)).map((row) => ({
        prediction: byName(
          task.names,
          row.map((probability, l) => Number(probability > above[l]!)),
        ),
        probabilities: byName(task.names, row),
      }));
    }
    case 'multitarget':
      return rowsOf(prediction).map((row) => ({ prediction: byName(task.names, row) }));
  }
}

/** A label is predicted above it where no threshold was chosen. */
export const usualThreshold = 0.5;

const byName = (names: readonly string[], row: readonly number[]): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, row[i]!]));
