/** What one sample's prediction rests on. */
import { createBatch, fillBatch } from '../../data/batch.ts';
import type { Samples } from '../../data/dataset.ts';
import { scoredNames, type Task } from '../../data/task.ts';
import { feedsOf, type ExplanationProgram, type LayerWeights, type SampleExplanation } from '../../train/index.ts';
import type { OpenModel } from '../open-model.ts';
import { predictedBy, type PredictedOfSample } from '../../deploy/predicted.ts';
import type {
  AttendedSteps,
  AttentionLayer,
  ExplainedModality,
  ExplainedOutput,
  ExplainedSample,
} from './explanation.ts';

interface Asked {
  /** The index of the output that is explained; undefined for the one that is predicted. */
  readonly target: number | undefined;
  readonly assignments: Readonly<Record<string, readonly number[]>>;
}

/** Explains a single sample in the form that the model takes. */
export async function explainSample(
  { data: { features, task }, parameters, thresholds }: Pick<OpenModel, 'data' | 'parameters' | 'thresholds'>,
  program: ExplanationProgram,
  sample: Samples,
  { target, assignments }: Asked,
): Promise<Omit<ExplainedSample, 'id' | 'label'>> {
  const run = (given: Samples, output: number): Promise<SampleExplanation> => {
    const batch = createBatch(features, 1);
    fillBatch(batch, given, [0]);
    return program.run(parameters, feedsOf(batch, features), output);
  };
  const said = (prediction: Float32Array): PredictedOfSample => predictedBy(task, prediction, thresholds)[0]!;
  // Which output is the predicted one is known only when it has been predicted.
  const first = target === undefined && scoredNames(task).length > 0 ? await run(sample, 0) : undefined;
  const index = target ?? (first ? predictedOutput(task, first.prediction) : 0);
  const whole = await run(sample, index);
  const value = whole.prediction[index]!;
  const modalities: Record<string, ExplainedModality> = {};
  for (const { name, time } of features) {
    const length = sample.lengths[name]![0]!;
    if (length === 0) {
      modalities[name] = { present: false };
      continue;
    }
    const lacking = { ...sample, lengths: { ...sample.lengths, [name]: new Int32Array(1) } };
    const { prediction } = await run(lacking, index);
    const steps = contributions(whole, name, { time, length });
    const assignment = assignments[name];
    modalities[name] = {
      present: true,
      contribution: { steps, sum: steps.reduce((sum, x) => sum + x, 0) },
      without: { ...said(prediction), value: prediction[index]!, change: value - prediction[index]! },
      ...(assignment && { assignment }),
    };
  }
  return {
    ...said(whole.prediction),
    output: explainedOutput(task, index, value),
    modalities,
    attention: whole.attention.map(attentionLayer),
  };
}

/** The likeliest class or label; of several targets, whose units have nothing in common, the first. */
const predictedOutput = ({ kind }: Task, prediction: Float32Array): number =>
  kind === 'multitarget' ? 0 : prediction.indexOf(prediction.reduce((a, b) => Math.max(a, b)));

const explainedOutput = (task: Task, index: number, value: number): ExplainedOutput => ({
  name: scoredNames(task)[index] ?? 'prediction',
  kind: task.kind === 'classification' || task.kind === 'multilabel' ? 'logit' : 'value',
  value,
});

/** Σ_d x_td ∂y/∂x_td of the true steps. */
function contributions(
  { features, gradients }: SampleExplanation,
  modality: string,
  { time, length }: { readonly time: number; readonly length: number },
): number[] {
  const [x, dx] = [features[modality]!, gradients[modality]!];
  const width = x.length / time;
  return Array.from({ length }, (_, t) => {
    let sum = 0;
    for (let i = t * width; i < (t + 1) * width; i++) sum += x[i]! * dx[i]!;
    return sum;
  });
}

function attentionLayer({ layer, queries, keys, heads, weights }: LayerWeights): AttentionLayer {
  const total = keys.reduce((sum, { time }) => sum + time, 0);
  const trueSteps = (mask: Float32Array): number[] => [...mask.keys()].filter((t) => mask[t]! > 0);
  let before = 0;
  return {
    ...{ layer, queries: queries.modality },
    keys: keys.map(({ modality, time, mask }): AttendedSteps => {
      const start = before;
      before += time;
      const own = trueSteps(mask);
      return {
        modality,
        weights: Array.from({ length: heads }, (_, h) =>
          trueSteps(queries.mask).map((q) => own.map((k) => weights[(h * queries.time + q) * total + start + k]!)),
        ),
      };
    }),
  };
}
