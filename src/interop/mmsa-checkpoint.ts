/** Opens models that were trained with the framework MMSA (github.com/thuiar/MMSA), from its checkpoints. */
import { ConfigError, resolveConfig, type RunConfig } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { FormatError, quoted } from '../files/error.ts';
import { readTorch } from '../formats/torch/read.ts';
import { modelNamed, type ModelTask } from '../models/index.ts';
import type { BertConfig } from '../nn/index.ts';
import type { OpenModel } from '../runs/open-model.ts';
import { parametersOf, type FeatureSpec } from '../train/index.ts';
import { readBytes } from '../files/read.ts';
import { checkDataset, stateOf, type Tensors } from './checkpoint.ts';
import { readBertConfig } from '../encoders/huggingface.ts';
import { mmsaModels, mmsaNaming, withoutWrapper, type MmsaModelName } from './mmsa-names.ts';
import { mmsaNetwork, type LengthsFrom } from './mmsa-network.ts';
import { mmsaShapes, publishedHeads, withIdentityProjections, type SizeOf } from './mmsa-shapes.ts';

/** A model that MMSA trained. */
export interface MmsaModel {
  /** The checkpoint's path. */
  readonly file: string;
  readonly name: MmsaModelName;
  /**
   * Our configuration of the model and its data; `loadRunData` reads text as tokens where the checkpoint holds an
   * encoder.
   */
  readonly config: RunConfig;
  /** The sizes of the text encoder in the checkpoint; undefined where there is none. */
  readonly encoder: BertConfig | undefined;
  readonly task: ModelTask;
  /** Features per time step of every modality; 2 for text as tokens (id and segment). */
  readonly widths: Readonly<Record<'text' | 'audio' | 'vision', number>>;
  /** The values of every parameter, by our names, in row-major order. */
  readonly state: Record<string, Float32Array>;
}

const modalities = ['text', 'audio', 'vision'] as const;

/**
 * Opens a `.pth` checkpoint of MMSA's `model`: `misa`, `self-mm`, `mfm`, `mult` or `cenet`. The model's sizes are read
 * from the shapes of its tensors. `set` gives `key=value` pairs that no shape tells, such as `model.heads` of MulT, and
 * `text.bert.path`: a folder with the `config.json` of the text encoder that the checkpoint holds. `mmsaOnDataset`
 * makes the result ready to predict.
 *
 * Throws a ConfigError for another model and for keys that are missing or do not fit, and a FormatError for a file that
 * is no such checkpoint; the message names the file, and in it the key or the parameter.
 */
export function openMmsaModel(
  file: string,
  model: string,
  { set = [] }: { readonly set?: readonly string[] } = {},
): MmsaModel {
  const name = mmsaModels.find((known) => known === model);
  if (name === undefined)
    throw new ConfigError(`Checkpoints of MMSA are read of ${mmsaModels.join(', ')}; "${model}" is none of them.`);
  const saved = readTorch(readBytes(file), { file });
  const unwrapped = Object.entries(saved).map(([key, tensor]) => [withoutWrapper(key), tensor] as const);
  const tensors: Tensors =
    name === 'mult' ? withIdentityProjections(Object.fromEntries(unwrapped)) : Object.fromEntries(unwrapped);

  const naming = mmsaNaming(name);
  const size: SizeOf = (key, axis) => {
    const found = tensors[key]?.shape[axis];
    if (!found) throw new FormatError(file, `lacks ${quoted(key)}; is it a checkpoint of MMSA's ${name}?`);
    return found;
  };
  const { widths, outputs, values } = mmsaShapes[name];
  const rows = size(...outputs);
  const task: ModelTask = rows === 1 ? { kind: 'regression' } : { kind: 'classification', classes: rows };
  const given = { text: size(...widths.text), audio: size(...widths.audio), vision: size(...widths.vision) };

  const inside = Object.keys(tensors).some((key) => naming.ourName(key)?.startsWith('bert.'));
  const resolved = resolveConfig({
    model: name,
    values: { data: { text: inside ? 'tokens' : 'features' }, model: values(size, Object.keys(tensors)) },
    set,
  });
  if (name === 'mult') checkHeads(file, size('proj_l.weight', 0), set);
  const encoder = inside ? encoderOf(resolved, file) : undefined;
  const config = encoder ? withWholeTexts(resolved, encoder, set) : resolved;
  const opened = { file, name, config, encoder, task, widths: { ...given, ...(encoder && { text: 2 }) } };
  // Shapes of parameters do not depend on the time steps; 8 steps do where no kernel is longer.
  const features = featuresOf(opened, { text: 8, audio: 8, vision: 8, ...kernels(config) }, 'own');
  const parameters = parametersOf(networkOf(opened, 'own'), { features, task });
  return { ...opened, state: stateOf(tensors, parameters, { file, ...naming }) };
}

/**
 * Makes a model of MMSA ready to predict a dataset, which must be read by the model's `config` (`loadRunData`): the
 * network is built for the dataset's time steps.
 *
 * Throws an Error for a dataset whose modalities, widths, task or time steps do not go with the model.
 */
export function mmsaOnDataset(opened: MmsaModel, dataset: Dataset): OpenModel {
  const { name, config, task, widths, state } = opened;
  checkDataset(dataset, { widths, task });
  const found = Object.fromEntries(dataset.modalities.map((modality) => [modality.name, modality]));
  const times = { text: found['text']!.time, audio: found['audio']!.time, vision: found['vision']!.time };
  for (const [m, kernel] of Object.entries(kernels(config)))
    if (found[m]!.time < kernel)
      throw new Error(
        `${dataset.name}: "${m}" has ${found[m]!.time} steps, fewer than the model's kernel of ${kernel}.`,
      );
  if (name === 'mfm' && new Set(Object.values(times)).size > 1)
    throw new Error(`${dataset.name} has ${Object.values(times).join(', ')} steps; MMSA's MFM takes aligned data.`);
  // MMSA's aligned data has no lengths of audio and vision; MMSA then uses the lengths of the text.
  const aligned = modalities.every((m) => found[m]!.time === times.text) && found['audio']!.lengthSource.kind !== 'key';
  const lengths = lengthsFrom(name, aligned);
  const data = { name: dataset.name, task: dataset.task, metrics: dataset.metrics };
  return {
    network: networkOf(opened, lengths),
    data: { ...data, features: featuresOf(opened, times, lengths) },
    // MMSA does not standardise features.
    standardisation: {},
    parameters: state,
  };
}

const lengthsFrom = (name: MmsaModelName, aligned: boolean): LengthsFrom =>
  name === 'misa' ? 'text' : name === 'self-mm' ? (aligned ? 'text' : 'own') : 'none';

function networkOf({ name, config, encoder }: Pick<MmsaModel, 'name' | 'config' | 'encoder'>, lengths: LengthsFrom) {
  const { name: model, ...own } = config.model;
  const found = modelNamed(model)!;
  return mmsaNetwork({ name, model: found, config: found.config.parse(own), encoder, lengths });
}

function featuresOf(
  { encoder, widths }: Pick<MmsaModel, 'encoder' | 'widths'>,
  times: Readonly<Record<(typeof modalities)[number], number>>,
  lengths: LengthsFrom,
): FeatureSpec[] {
  return modalities.map((name) => {
    const masked = times[name] > 1 && (name === 'text' ? !!encoder || lengths !== 'none' : lengths === 'own');
    return {
      name,
      time: times[name],
      width: widths[name],
      masked,
      ...(name === 'text' && encoder && { tokens: true }),
    };
  });
}

/** The kernel sizes of MulT's convolutions, by modality; empty for other models. */
const kernels = ({ model: { kernel } }: RunConfig): Readonly<Record<string, number>> =>
  typeof kernel === 'number'
    ? Object.fromEntries(modalities.map((name) => [name, kernel]))
    : ((kernel as Readonly<Record<string, number>> | undefined) ?? {});

const isSet = (set: readonly string[], key: string): boolean => set.some((pair) => pair.startsWith(`${key}=`));

function checkHeads(file: string, width: number, set: readonly string[]): void {
  if (publishedHeads[width] === undefined && !isSet(set, 'model.heads'))
    throw new ConfigError(`${file} is ${width} wide, and does not say how many heads it has: set model.heads.`);
}

function encoderOf({ data, text }: RunConfig, file: string): BertConfig {
  if (data.text !== 'tokens')
    throw new ConfigError(`${file} holds an encoder of text, so data.text cannot be features.`);
  if (text.bert.path === undefined)
    throw new ConfigError(`${file} holds an encoder of text: set text.bert.path to a folder with its config.json.`);
  return readBertConfig(text.bert.path);
}

/**
 * The configuration with texts read whole, since MMSA cuts none, and with the encoder inside the network, since the
 * checkpoint holds its weights (`freeze` 0).
 */
function withWholeTexts(
  config: RunConfig,
  { kind, positions, padding }: BertConfig,
  set: readonly string[],
): RunConfig {
  const most = kind === 'bert' ? positions : positions - padding - 1;
  const { bert } = config.text;
  const maxLength = isSet(set, 'text.bert.maxLength') ? bert.maxLength : most;
  return { ...config, text: { bert: { ...bert, freeze: 0, maxLength } } };
}
