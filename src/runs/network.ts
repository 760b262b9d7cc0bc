import type { RunConfig } from '../config/index.ts';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { applyStandardisation, type Standardisation } from '../data/standardise.ts';
import { withTime } from '../data/features.ts';
import type { Model, ModelOutput, ModelTask } from '../models/index.ts';
import { checkedOutput, checkedPlan } from '../models/output.ts';
import { recordedModel } from '../models/own.ts';
import type { FeatureSpec, InputSpec, Network } from '../train/index.ts';
import { withEncoder } from './text-network.ts';
import type { TrainedOn } from './trained-model.ts';

export interface NetworkOptions extends Pick<TrainedOn, 'encoder'> {
  /** The model of one's own, where the configuration names one. */
  readonly model?: Model | undefined;
}

/**
 * The network of a resolved configuration: the model that it names, built with the model's keys, and before it the text
 * encoder where one is given. Throws an Error for a name that is neither in the table of models nor that of the `model`
 * given, and for model keys that this version of the model does not take.
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
    ...checkedPlan(model, parsed.data),
    ...(model.warnings && { warnings: model.warnings }),
    build(scope, inputs) {
      const build = (): ModelOutput => model.build(scope, inputs, parsed.data);
      return model === own ? checkedOutput(name, build, inputs) : build();
    },
  };
}

/** What a model needs to know of a dataset to be built for it. A modality of a single time step needs no mask. */
export const trainedOn = ({ name, task, metrics, modalities, columns }: Dataset): TrainedOn => ({
  name,
  task,
  metrics,
  features: modalities.map(({ name: modality, time, width, tokens }) => ({
    ...{ name: modality, time, width, masked: time > 1 },
    ...(tokens && { tokens }),
  })),
  ...(columns && { columns }),
});

/** The inputs that a network is built for: the modalities with their sizes, and the task with its number of classes. */
export const inputSpec = ({ task, features }: Pick<TrainedOn, 'task' | 'features'>): InputSpec => ({
  features,
  task: modelTask(task),
});

const modelTask = (task: TrainedOn['task']): ModelTask =>
  task.kind === 'regression' ? { kind: 'regression' } : { kind: 'classification', classes: task.classes.length };

/** A split in the form that a model takes: each modality `[N, T, D]` with the model's T and D, and standardised. */
export function preparedSplit(
  dataset: Dataset,
  split: Split,
  features: readonly FeatureSpec[],
  standardisation: Standardisation,
): Samples {
  const samples = dataset.splits[split];
  if (!samples)
    throw new Error(`${dataset.name} has no split "${split}"; it has ${Object.keys(dataset.splits).join(', ')}.`);
  return applyStandardisation(withModelTime(samples, features, dataset.name), standardisation);
}

/**
 * Samples with the model's number of time steps: shorter arrays are padded, longer ones are cut where only padding is
 * lost. Throws an Error for a missing modality, another width, and a sample with more true time steps than the model
 * has.
 */
function withModelTime(samples: Samples, features: readonly FeatureSpec[], dataset: string): Samples {
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
