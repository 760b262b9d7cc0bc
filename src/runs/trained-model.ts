/**
 * The file of a trained model, in safetensors: parameters, the statistics that scale its inputs, and how it was
 * trained.
 */
import * as z from 'zod';
import { configVersion, defaultsOf, valuesBefore, versionProblem, type RunConfig } from '../config/index.ts';
import { columnEncodings, modalitySources } from '../data/columns/types.ts';
import type { ColumnEncodings, ModalitySources, Task } from '../data/dataset.ts';
import { isNumericData, toFloat32, type NdArray } from '../formats/bytes/array.ts';
import { FormatError, quoted, reading } from '../files/error.ts';
import { readBytes } from '../files/read.ts';
import { readSafetensors } from '../formats/safetensors/read.ts';
import { writeSafetensors, type SafeTensor } from '../formats/safetensors/write.ts';
import type { ModalityStatistics, Standardisation } from '../data/standardise.ts';
import { metricKinds, type MetricKind } from '../metrics/metric.ts';
import type { BertConfig } from '../nn/index.ts';
import { modelNamed } from '../models/index.ts';
import type { FeatureSpec, ParameterSpec, StateDict } from '../train/index.ts';
import { formatHead, formatVersion, type RecordFormat } from './record-format.ts';
import type { LabelScale } from './label-scale.ts';
import { codeSchema, type ModelCode } from './own-model/code.ts';

const format: RecordFormat = {
  name: 'decalign',
  newest: 1,
  what: 'a model',
  remedy: 'Use the version that wrote it.',
};

/** The properties of the training data that using the model depends on. */
export interface TrainedOn {
  /** The name of the dataset. */
  readonly name: string;
  readonly task: Task;
  readonly metrics: MetricKind;
  /** The modalities: name, time steps T, features D per step, and whether they have a mask. */
  readonly features: readonly FeatureSpec[];
  /** How the labels of a regression are scaled inside; absent where they are taken as they stand. */
  readonly labels?: LabelScale;
  /** Of several values, how each is scaled inside; absent where there are none. */
  readonly targets?: readonly LabelScale[];
  /** The sizes of the text encoder that is part of the network; absent without one. */
  readonly encoder?: BertConfig;
  /** Of modalities that are made of columns of tables, how, with what was learnt from the training split. */
  readonly columns?: ColumnEncodings;
  /** Where each modality stood; absent in models of before it was kept. */
  readonly sources?: ModalitySources;
  /** What files call the ids of samples, where that is not `id`. */
  readonly idKeys?: readonly string[];
  /** The modalities whose padding stood in front of the steps, and was moved to the end; absent without any. */
  readonly front?: readonly string[];
}

export interface TrainedModel {
  readonly config: RunConfig;
  /** The hashes of a model of one's own; absent for a model of the table, and for one that came from no file. */
  readonly code?: ModelCode;
  readonly data: TrainedOn;
  readonly standardisation: Standardisation;
  readonly parameters: StateDict;
  readonly seed: number;
  /** The epoch, from 1, after which training had these parameters. */
  readonly epoch: number;
  /** The validation metrics of that epoch. */
  readonly valid: Readonly<Record<string, number>>;
}

const statisticNames = ['mean', 'scale', 'low', 'high', 'fill', 'indicated'] as const;
const statisticName = (modality: string, statistic: string): string => `standardisation.${modality}.${statistic}`;

/** The most time steps and features that a file may ask for: a file made by a stranger must not ask for any size. */
const longest = 2 ** 16;

const featureSchema = z.object({
  name: z.string(),
  time: z.int().positive().max(longest),
  width: z.int().positive().max(longest),
  masked: z.boolean(),
  optional: z.exactOptional(z.literal(true)),
  tokens: z.exactOptional(z.literal(true)),
});
export const taskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('regression'), range: z.tuple([z.number(), z.number()]) }),
  z.object({ kind: z.literal('classification'), classes: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal('multilabel'), names: z.array(z.string()).min(1) }),
  z.object({
    kind: z.literal('multitarget'),
    names: z.array(z.string()).min(1),
    ranges: z.array(z.tuple([z.number(), z.number()])).min(1),
  }),
]);
/** A number that float32 holds: one that is infinite there would make every prediction so. */
const float32 = z
  .number()
  .gt(-(2 ** 128))
  .lt(2 ** 128);
const labelsSchema = z.object({
  standardised: z.exactOptional(z.object({ mean: float32, deviation: float32.min(2 ** -126) })),
  neutral: z.exactOptional(float32),
  boundaries: z.exactOptional(z.array(float32).max(longest)),
});
/** A configuration that names a model. Its other keys are checked by the schema of that model, where they are used. */
const namedConfig = z.looseObject({
  model: z.looseObject({ name: z.string() }),
  train: z.looseObject({}),
});
/**
 * The largest number that the configuration of a model of the table may hold: a width, a number of layers and the like.
 */
const largestSize = 2 ** 20;

/** Whether no number in a JSON value is larger than `most`. */
const isWithin = (value: unknown, most: number): boolean =>
  typeof value === 'number'
    ? value <= most
    : typeof value !== 'object' || value === null || Object.values(value).every((inner) => isWithin(inner, most));

const noModel = 'config names no model, or one of a size beyond reason';
const header = z.object({
  config: z
    .custom<RunConfig>((value) => namedConfig.safeParse(value).success, noModel)
    .transform((config): RunConfig => ({
      ...config,
      ...(versionProblem(config.version) === undefined && { version: configVersion }),
      data: { ...valuesBefore.data, ...defaultsOf(config.version).data, ...config.data },
    })),
  code: z.exactOptional(codeSchema),
  data: z.object({
    name: z.string(),
    task: taskSchema,
    metrics: z.enum(metricKinds),
    labels: z.exactOptional(labelsSchema),
    targets: z.exactOptional(z.array(labelsSchema)),
    features: z.array(featureSchema).min(1),
    columns: z.exactOptional(columnEncodings),
    sources: z.exactOptional(modalitySources),
    idKeys: z.exactOptional(z.array(z.string())),
    front: z.exactOptional(z.array(z.string())),
    encoder: z.exactOptional(z.custom<BertConfig>((value) => typeof value === 'object' && value !== null)),
  }),
  seed: z.number(),
  epoch: z.number(),
  valid: z.record(z.string(), z.number()),
});

/** The file of a trained model, as bytes. `parameters` gives the shapes of the model's parameters. */
export function encodeModel(model: TrainedModel, parameters: ReadonlyMap<string, ParameterSpec>): Uint8Array {
  const tensors: Record<string, SafeTensor> = {};
  for (const [name, { shape }] of parameters) tensors[name] = { shape, data: model.parameters[name]! };
  for (const [modality, values] of Object.entries(model.standardisation))
    for (const statistic of statisticNames) {
      const data = values[statistic];
      if (data) tensors[statisticName(modality, statistic)] = { shape: [data.length], data };
    }
  const { config, code, data, seed, epoch, valid } = model;
  return writeSafetensors(tensors, {
    decalign: JSON.stringify({ ...formatHead(format), config, code, data, seed, epoch, valid }),
  });
}

/**
 * Reads a file that `encodeModel` wrote. Throws a FormatError for any other file, a damaged one and one of a later
 * version.
 */
export function readModel(file: string): TrainedModel {
  const { tensors, metadata } = readSafetensors(readBytes(file), { file });
  const described = metadata['decalign'];
  if (described === undefined)
    throw new FormatError(
      file,
      'holds tensors but no description of a decalign model; give a run directory or its best.safetensors.',
    );
  const description = reading(file, () => JSON.parse(described) as unknown);
  const of = formatVersion(description, format);
  if (!of || of.problem !== undefined)
    throw new FormatError(file, of?.problem ?? 'has a description, but that of no decalign model.');
  const unread = (where: string, problem: string): FormatError =>
    new FormatError(file, `has a description that this version does not read: ${where}: ${problem}.`);
  const parsed = header.safeParse(description);
  if (!parsed.success) throw unread(parsed.error.issues[0]!.path.join('.'), parsed.error.issues[0]!.message);
  // Only models of the table are held to the largest size: the numbers of a model of one's own may mean anything.
  const { model } = parsed.data.config;
  if (modelNamed(model.name) && !isWithin(model, largestSize)) throw unread('config', noModel);
  const later = versionProblem(parsed.data.config.version);
  if (later !== undefined) throw new FormatError(file, later);
  const rest = new Map(Object.entries(tensors));
  const standardisation: Record<string, ModalityStatistics> = {};
  for (const { name } of parsed.data.data.features) {
    const found: { -readonly [K in keyof ModalityStatistics]?: Float32Array } = {};
    for (const statistic of statisticNames) {
      const key = statisticName(name, statistic);
      const tensor = rest.get(key);
      rest.delete(key);
      if (tensor) found[statistic] = floats(tensor, key, file);
    }
    const { mean, scale, ...others } = found;
    if (mean && scale) standardisation[name] = { mean, scale, ...others };
  }
  const parameters = Object.fromEntries([...rest].map(([name, tensor]) => [name, floats(tensor, name, file)]));
  return { ...parsed.data, standardisation, parameters };
}

function floats({ data, dtype }: NdArray, name: string, file: string): Float32Array {
  if (!isNumericData(data) || !/^b?float/.test(dtype))
    throw new FormatError(file, `${quoted(name)} holds ${dtype}, not floating-point numbers.`);
  const values = toFloat32(data);
  if (!values.every(Number.isFinite)) throw new FormatError(file, `${quoted(name)} holds numbers that are not finite.`);
  return values;
}
