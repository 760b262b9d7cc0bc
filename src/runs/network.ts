import type { RunConfig } from '../config/index.ts';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { applyStandardisation, type Standardisation } from '../data/standardise.ts';
import { withTime } from '../data/features.ts';
import type { Model, ModelTask } from '../models/index.ts';
import { checkedOutput } from '../models/output.ts';
import { recordedModel } from '../models/own.ts';
import type { FeatureSpec, InputSpec, Network } from '../train/index.ts';
import { withEncoder } from './text-network.ts';
import type { TrainedOn } from './trained-model.ts';

export interface NetworkOptions extends Pick<TrainedOn, 'encoder'> {
  /** One's own, where the configuration is of one. */
  readonly model?: Model | undefined;
}

/**
 * The model that a configuration names, with its own keys fixed; after an encoder of text, where there is one. Throws an
 * Error for a model that is neither of the table nor the one given, and for a configuration that it does not take.
 */
export function networkOf(config: RunConfig, { encoder, model }: NetworkOptions = {}): Network {
  const network = modelNetwork(config, model);
  return encoder ? withEncoder(network, encoder, config.text.bert) : network;
}

function modelNetwork({ model: { name, ...values } }: RunConfig, own: Model | undefined): Network {
  const model = recordedModel(name, own);
  const parsed = model.config.safeParse(values);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new Error(
      `This version takes another configuration of ${name}: ${['model', ...path].join('.')}: ${message}.`,
    );
  }
  return {
    name,
    stages: model.stages?.(parsed.data) ?? [],
    chosenOnValidation: model.chosenOnValidation?.(parsed.data) ?? {},
    ...(model.warnings && { warnings: model.warnings }),
    build(scope, inputs) {
      const output = model.build(scope, inputs, parsed.data);
      return model === own ? checkedOutput(name, output, inputs) : output;
    },
  };
}

/** What of a dataset a model is built for: a modality of one time step needs no mask. */
export const trainedOn = ({ name, task, metrics, modalities }: Dataset): TrainedOn => ({
  name,
  task,
  metrics,
  features: modalities.map(({ name: modality, time, width, tokens }) => ({
    ...{ name: modality, time, width, masked: time > 1 },
    ...(tokens && { tokens }),
  })),
});

export const inputSpec = ({ task, features }: Pick<TrainedOn, 'task' | 'features'>): InputSpec => ({
  features,
  task: modelTask(task),
});

const modelTask = (task: TrainedOn['task']): ModelTask =>
  task.kind === 'regression' ? { kind: 'regression' } : { kind: 'classification', classes: task.classes.length };

/** A split as the model takes it: standardised, with every sequence of the model's length. */
export function preparedSplit(
  dataset: Dataset,
  split: Split,
  features: readonly FeatureSpec[],
  standardisation: Standardisation,
): Samples {
  const samples = dataset.splits[split];
  if (!samples)
    throw new Error(`${dataset.name} has no split "${split}"; it has ${Object.keys(dataset.splits).join(', ')}.`);
  return applyStandardisation(fitted(samples, features, dataset.name), standardisation);
}

/** Samples in the model's shapes: other widths are an error; time is padded, and cut where nothing true is lost. */
function fitted(samples: Samples, features: readonly FeatureSpec[], dataset: string): Samples {
  const entries = features.map(({ name, time, width }) => {
    const array = samples.features[name];
    if (!array)
      throw new Error(
        `${dataset} has no modality "${name}", which the model needs; it has ${Object.keys(samples.features).join(', ')}.`,
      );
    const [, steps, found] = array.shape as [number, number, number];
    if (found !== width)
      throw new Error(
        `${dataset}: "${name}" has ${found} features per time step, but the model was trained on ${width}.`,
      );
    if (steps === time) return [name, array] as const;
    const longest = samples.lengths[name]!.reduce((a, b) => Math.max(a, b), 0);
    if (longest > time)
      throw new Error(
        `${dataset}: "${name}" has a sample of ${longest} time steps, but the model was trained on at most ${time}.`,
      );
    return [name, withTime(array, time)] as const;
  });
  return { ...samples, features: Object.fromEntries(entries) };
}
