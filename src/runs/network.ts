import type { RunConfig } from '../config/index.ts';
import type { Dataset, Modality, ModalitySource, ModalitySources, Samples, Split } from '../data/dataset.ts';
import { lengthColumn } from '../data/tables/modalities.ts';
import { applyStandardisation, standardisedWidth, type Standardisation } from '../data/standardise.ts';
import { type FeatureArray, withTime } from '../data/features.ts';
import type { Model, ModelOutput, ModelTask } from '../models/index.ts';
import { checkedOutput, checkedPlan } from '../models/output.ts';
import { recordedModel } from '../models/own.ts';
import type { InputSpec, Network } from '../train/index.ts';
import { quoted } from '../files/error.ts';
import { inUnitOfData } from './label-scale.ts';
import { withEncoder } from './text/text-network.ts';
import type { TrainedOn } from './trained-model.ts';

export interface NetworkOptions extends Pick<TrainedOn, 'encoder'> {
  /** The model of one's own, where the configuration names one. */
  readonly model?: Model | undefined;
  /** Of the training that it is built for. Default: 1, for what does not train. */
  readonly stepsPerEpoch?: number;
}

/**
 * The network of a resolved configuration: the model that it names, built with the model's keys, and before it the text
 * encoder where one is given. Throws an Error for a name that is neither in the table of models nor that of the `model`
 * given, and for model keys that this version of the model does not take.
 */
export function networkOf(config: RunConfig, { encoder, model, stepsPerEpoch = 1 }: NetworkOptions = {}): Network {
  const network = inUnitOfData(modelNetwork(config, model, stepsPerEpoch));
  return encoder ? withEncoder(network, encoder, config.text.bert) : network;
}

function modelNetwork(
  { model: { name, ...values } }: RunConfig,
  own: Model | undefined,
  stepsPerEpoch: number,
): Network {
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
    ...checkedPlan(model, parsed.data, { stepsPerEpoch }),
    ...(model.warnings && { warnings: model.warnings }),
    ...(model.parts && (model.hasParts?.(parsed.data) ?? true) && { parts: model.parts.bind(model) }),
    ...(model.plan && { plan: (unique) => model.plan!(unique, parsed.data) }),
    build(scope, inputs) {
      const build = (): ModelOutput => model.build(scope, inputs, parsed.data);
      return model === own ? checkedOutput(name, build, inputs, model.parts?.bind(model)) : build();
    },
  };
}

/**
 * What a model needs to know of a dataset to be built for it. A modality of a single time step needs no mask, and one that
 * all training samples have needs nothing that says which have it.
 */
export const trainedOn = (
  { name, task, metrics, modalities, splits, columns, idKeys, sources }: Dataset,
  standardisation: Standardisation,
): TrainedOn => {
  const front = namesInFront(modalities, splits);
  return {
    name,
    task,
    metrics,
    features: modalities.map(({ name: modality, time, width, tokens }) => ({
      ...{ name: modality, time, width: standardisedWidth(width, standardisation[modality]), masked: time > 1 },
      ...(splits.train?.lengths[modality]!.includes(0) && { optional: true as const }),
      ...(tokens && { tokens }),
    })),
    ...(columns && { columns }),
    ...(idKeys && { idKeys }),
    ...(front.length > 0 && { front }),
    sources: Object.fromEntries(
      modalities.map((modality) => [modality.name, sourceOf(modality, { described: sources, front })]),
    ),
  };
};

/** The modalities whose padding stood in front in half of all samples or more. */
function namesInFront(modalities: Dataset['modalities'], splits: Dataset['splits']): readonly string[] {
  const count = Object.values(splits).reduce((sum, { ids }) => sum + ids.length, 0);
  return modalities.flatMap(({ name, moved = 0 }) => (moved > 0 && 2 * moved >= count ? [name] : []));
}

/** Where new samples are to have a modality, and how long they are. */
function sourceOf(
  modality: Modality,
  { described = {}, front }: { readonly described: ModalitySources | undefined; readonly front: readonly string[] },
): ModalitySource {
  const lengths = modality.tokens ? undefined : lengthColumn(modality);
  return {
    ...(lengths !== undefined && { lengths }),
    ...(modality.lengthSource.kind === 'trailing-zeros' && { padding: 'end' }),
    ...(front.includes(modality.name) && { padding: 'front' }),
    ...described[modality.name],
  };
}

/**
 * The inputs that a network is built for: the modalities with their sizes, and the task with its number of classes or the
 * scale of its labels.
 */
export const inputSpec = ({
  features,
  ...data
}: Pick<TrainedOn, 'task' | 'features' | 'labels' | 'targets'>): InputSpec => ({
  features,
  task: modelTask(data),
});

function modelTask({ task, labels, targets }: Pick<TrainedOn, 'task' | 'labels' | 'targets'>): ModelTask {
  switch (task.kind) {
    case 'regression':
      return { kind: 'regression', ...labels };
    case 'classification':
      return { kind: 'classification', classes: task.classes.length };
    case 'multilabel':
      return { kind: 'multilabel', labels: task.names.length };
    case 'multitarget':
      return { kind: 'multitarget', targets: targets ?? task.names.map(() => ({})) };
  }
}

/** A model, as far as it decides what samples must look like. */
export interface Taker {
  readonly data: Pick<TrainedOn, 'features'>;
  readonly standardisation: Standardisation;
}

/** D, the features per time step of samples that a model takes, before those that say which are missing. */
export const rawWidth = ({ name, width }: TrainedOn['features'][number], { standardisation }: Taker): number =>
  width - (standardisation[name]?.indicated?.length ?? 0);

/** A split in the form that a model takes: each modality `[N, T, D]` with the model's T and D, and standardised. */
export function preparedSplit(dataset: Dataset, split: Split, model: Taker): Samples {
  const samples = dataset.splits[split];
  if (!samples)
    throw new Error(`${dataset.name} has no split "${split}"; it has ${Object.keys(dataset.splits).join(', ')}.`);
  return applyStandardisation(withModelTime(samples, model, dataset.name), model.standardisation);
}

/** The modalities of a model that no sample of a split has: it predicts without them. */
export const modalitiesWithout = ({ lengths }: Samples, { data }: Pick<Taker, 'data'>): string[] =>
  data.features.map(({ name }) => name).filter((name) => !lengths[name]?.some((length) => length > 0));

/**
 * Samples with the model's number of time steps: shorter arrays are padded, longer ones are cut where only padding is
 * lost. A modality that the data lacks is absent from every sample. Throws an Error where it lacks all of them, for another
 * width, and for a sample with more true time steps than the model has.
 */
function withModelTime(samples: Samples, model: Taker, dataset: string): Samples {
  const { data } = model;
  const count = samples.ids.length;
  const features: Record<string, FeatureArray> = {};
  const lengths: Record<string, Int32Array> = {};
  for (const feature of data.features) {
    const { name, time } = feature;
    const width = rawWidth(feature, model);
    const array = samples.features[name];
    if (!array) {
      features[name] = { shape: [count, time, width], read: (into) => void into.fill(0) };
      lengths[name] = new Int32Array(count);
      continue;
    }
    const found = array.shape[2]!;
    const own = samples.lengths[name]!;
    const sample = (row: number): string => `${dataset}: "${name}" of sample ${quoted(samples.ids[row]!)} (row ${row})`;
    // Vectors of different widths are read as sequences of one feature.
    const uneven = found === 1 && time === 1 ? own.findIndex((length) => length > 0 && length !== width) : -1;
    if (found !== width && uneven >= 0)
      throw new Error(`${sample(uneven)} has ${own[uneven]!} features, but the model was trained on ${width}.`);
    if (found !== width)
      throw new Error(
        `${dataset}: "${name}" has ${found} features per time step, but the model was trained on ${width}.`,
      );
    const first = own.findIndex((length) => length > time);
    if (first >= 0)
      throw new Error(`${sample(first)} has ${own[first]!} time steps, but the model was trained on at most ${time}.`);
    features[name] = withTime(array, time);
    lengths[name] = own;
  }
  if (count > 0 && data.features.every(({ name }) => !samples.features[name])) {
    const [needed, held] = [data.features.map(({ name }) => name), Object.keys(samples.features)];
    throw new Error(
      `${dataset} has no modality of the model, which takes ${needed.join(', ')}; it has ${held.join(', ')}.`,
    );
  }
  return { ...samples, features, lengths };
}
