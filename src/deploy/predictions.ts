/** The outputs of a model become predictions. */
import { predictionWidth, type Task } from '../data/task.ts';
import type { ExportDescription } from './description.ts';
import type { Tensors } from './inputs.ts';
import { predictedBy, type PredictedOfSample } from './predicted.ts';

/** What `decalign predict` prints of a sample: its id, and a value, a class by name, or labels by name. */
export interface Prediction extends PredictedOfSample {
  readonly id: string;
}

/** The output that predictions are made of: values, or the logits of classes or labels. */
export const outputOf = ({ kind }: Task): 'prediction' | 'logits' =>
  kind === 'regression' || kind === 'multitarget' ? 'prediction' : 'logits';

/** The predictions of samples with these ids. Throws an Error for outputs that are not those of as many samples. */
export function predictionsOf(
  { task, thresholds }: Pick<ExportDescription, 'task' | 'thresholds'>,
  outputs: Tensors,
  ids: readonly string[],
): readonly Prediction[] {
  const name = outputOf(task);
  const data = outputs[name]?.data;
  const expected = ids.length * predictionWidth(task);
  if (!(data instanceof Float32Array) || data.length !== expected)
    throw new Error(
      `The model gives ${data?.length ?? 'no'} numbers of "${name}" for ${ids.length} samples, where ${expected} are expected.`,
    );
  return predictedBy(task, data, thresholds).map((predicted, n) => ({ id: ids[n]!, ...predicted }));
}
