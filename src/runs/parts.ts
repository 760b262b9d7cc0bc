/** The parts that a trained model keeps apart, predicted for the splits of a dataset. */
import path from 'node:path';
import { partOf, type ModalityParts, type Part, type SplitPart } from '../analysis/part.ts';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { pickSamples } from '../data/samples.ts';
import { timeAverages } from '../data/time-averages.ts';
import { modelNamed, models, type Model } from '../models/index.ts';
import { preparedSplit } from './network.ts';
import { openPredictor, type OpenModel } from './open-model.ts';
import { input, type Tensor } from '../tensor/index.ts';
import { readRecord, type RunRecord } from './record/run-record.ts';

/** The splits that measures are fitted on, chosen on and scored on. */
export interface MeasuredSplits {
  /** The split that is scored. Default: `'test'`. */
  readonly split?: Split | undefined;
  readonly threads?: number | undefined;
  /** The most samples of a split that are taken, evenly over it. Default: all. */
  readonly most?: number;
  /** Whether features averaged over time are wanted as well. Default: false. */
  readonly pooled?: boolean;
}

export interface PredictedParts {
  readonly parts: readonly ModalityParts[];
  /** Whether all modalities have one and the same common part. */
  readonly shared: boolean;
  /** By modality, what the model saw of it, averaged over time; absent of token ids. Only where asked for. */
  readonly pooled: Readonly<Record<string, SplitPart>>;
}

/** Whether the model of a run keeps parts apart, as its record has it configured; `own` is a model of one's own. */
export function runHasParts(directory: string, own?: Model): boolean {
  const { model: config } = readRecord(path.join(directory, 'config.json'), own).config;
  const model = modelNamed(config.name, own);
  return model?.parts !== undefined && (model.hasParts?.(config) ?? true);
}

/** Whether the model of a run keeps a common part of each modality, as its record has it configured. */
export function runHasCommonParts(directory: string): boolean {
  const model = modelNamed(recordedModel(directory).name);
  return runHasParts(directory) && model?.parts?.('a').common !== model?.parts?.('b').common;
}

/** Whether the model of a run solves for a transport plan, as its record has it configured. */
export function runHasPlan(directory: string): boolean {
  const config = recordedModel(directory);
  // Of any size: what is asked is whether it solves for one, and nothing is computed.
  const features = (name: string): Tensor => input(name, [1024, 2]);
  return modelNamed(config.name)?.plan?.({ a: features('a'), b: features('b') }, config) !== undefined;
}

const recordedModel = (directory: string): RunRecord['config']['model'] =>
  readRecord(path.join(directory, 'config.json')).config.model;

/** Throws an Error where a model keeps no parts apart; it names the models that do. */
export function checkHasParts({ network }: Pick<OpenModel, 'network'>): void {
  if (network.parts) return;
  const having = Object.values<Model>(models).filter((each) => each.parts !== undefined);
  throw new Error(
    `${network.name}${having.some(({ name }) => name === network.name) ? ', as it is configured,' : ''} keeps no unique and common parts apart, so there is no decoupling to measure; ${having.map(({ name }) => name).join(', ')} do.`,
  );
}

/**
 * Predicts the parts of the training, the validation and the scored split. Throws an Error for a model without parts and for
 * data that lacks the training or the scored split.
 */
export async function predictParts(
  model: OpenModel,
  dataset: Dataset,
  { split = 'test', threads, most = Infinity, pooled = false }: MeasuredSplits = {},
): Promise<PredictedParts> {
  checkHasParts(model);
  for (const needed of ['train', split] as const)
    if (!dataset.splits[needed])
      throw new Error(
        `${dataset.name} has no split "${needed}"; measures of decoupling are fitted on train and scored on ${split}, so give data with both.`,
      );
  const predictor = await openPredictor(model, { representations: true, ...(threads !== undefined && { threads }) });
  try {
    const of = async (name: Split): Promise<Predicted> => {
      const samples = preparedSplit(thinned(dataset, name, most), name, model);
      const { representations } = await predictor.predict(samples);
      return { samples, representations };
    };
    const train = await of('train');
    const valid = dataset.splits.valid && (await of('valid'));
    const test = split === 'train' ? train : split === 'valid' && valid ? valid : await of(split);
    const inAll = (of: (predicted: Predicted) => Part): SplitPart => ({
      train: of(train),
      ...(valid && { valid: of(valid) }),
      test: of(test),
    });
    const part = (name: string, modality: string): SplitPart => inAll((predicted) => partIn(predicted, name, modality));
    const named = model.data.features.map(({ name }) => ({ modality: name, names: model.network.parts!(name) }));
    return {
      parts: named.map(({ modality, names }) => ({
        modality,
        unique: part(names.unique, modality),
        common: part(names.common, modality),
      })),
      shared: new Set(named.map(({ names }) => names.common)).size < named.length,
      pooled: Object.fromEntries(
        model.data.features
          .filter(({ tokens }) => pooled && !tokens)
          .map(({ name }) => [name, inAll((predicted) => averagesOf(predicted, name))]),
      ),
    };
  } finally {
    await predictor.dispose();
  }
}

/** The dataset with at most so many samples of a split, evenly over it. */
function thinned(dataset: Dataset, split: Split, most: number): Dataset {
  const samples = dataset.splits[split];
  const count = samples?.ids.length ?? 0;
  if (!samples || count <= most) return dataset;
  const rows = Array.from({ length: most }, (_, i) => Math.floor((i * count) / most));
  return { ...dataset, splits: { ...dataset.splits, [split]: pickSamples(samples, rows) } };
}

interface Predicted {
  readonly samples: Samples;
  readonly representations: Readonly<Record<string, Float32Array>>;
}

function partIn({ samples, representations }: Predicted, name: string, modality: string): Part {
  const values = representations[name];
  if (!values) throw new Error(`The model has no representation "${name}", which it names as a part of ${modality}.`);
  return partOf(samples.ids.length, values, samples.lengths[modality]);
}

function averagesOf({ samples }: Predicted, modality: string): Part {
  const { rows, data } = timeAverages(samples, [modality]);
  return partOf(rows, data, samples.lengths[modality]);
}
