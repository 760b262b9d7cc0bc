import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { FormatError, quoted } from '../files/error.ts';
import type { Standardisation } from '../data/standardise.ts';
import { confusion, evaluate, type Confusion } from '../metrics/metric.ts';
import { compile } from '../runtime/node.ts';
import { size, type Shape } from '../tensor/index.ts';
import {
  compilePrediction,
  predictAll,
  type Metrics,
  type Network,
  type Prediction,
  type StateDict,
} from '../train/index.ts';
import type { Model } from '../models/index.ts';
import { inputSpec, networkOf, preparedSplit } from './network.ts';
import { codeDifference, type ModelCode } from './own-model/code.ts';
import { readModel, type TrainedModel, type TrainedOn } from './trained-model.ts';

/** A model ready to be used, whatever file it came from. */
export interface OpenModel {
  readonly network: Network;
  readonly data: TrainedOn;
  readonly standardisation: Standardisation;
  readonly parameters: StateDict;
  /** What our own files know beyond that. */
  readonly trained?: TrainedModel;
}

export interface OpenOptions {
  /** The model that was trained, where it is one's own: nothing that a file says makes one be loaded. */
  readonly model?: Model;
  /** Of the model's file as it is now: it must be what the run was trained with, where both are known. */
  readonly code?: ModelCode | undefined;
  /** Use it even if it is other code. */
  readonly changed?: boolean;
}

/**
 * Opens a run directory or a `.safetensors` of ours. A FormatError says what else a file is, that it needs a model which was
 * not given, or how the code of the one that was given differs from what it was trained with.
 */
export function openModel(location: string, { model, code, changed = false }: OpenOptions = {}): OpenModel {
  const file = modelFile(location);
  const trained = readModel(file);
  const { config, data, standardisation, parameters } = trained;
  const network = holding(networkIn(file, config, { ...data, model }), parameters, file);
  const difference = changed ? undefined : codeDifference(trained.code, code);
  if (difference !== undefined)
    throw new FormatError(file, `was trained with other code: ${difference}; --changed-model uses it as it is now.`);
  return { network, data, standardisation, parameters, trained };
}

/** The network that a file asks for; an error that names the file where this version has no such one. */
function networkIn(file: string, ...asked: Parameters<typeof networkOf>): Network {
  try {
    return networkOf(...asked);
  } catch (error) {
    throw new FormatError(file, (error as Error).message, { cause: error });
  }
}

/** The network as long as it declares what the file holds: what a file says of itself decides how much is built. */
function holding(network: Network, parameters: StateDict, file: string): Network {
  const check = (name: string, shape: Shape): void => {
    const held = Object.hasOwn(parameters, name) ? parameters[name]!.length : 0;
    if (held !== size(shape))
      throw new FormatError(
        file,
        `has ${held === 0 ? 'no' : `${held} numbers of the`} parameter ${quoted(name)}, whose shape is [${shape.join(',')}] by its configuration; copy it again.`,
      );
  };
  return { ...network, build: (scope, inputs) => network.build(scope.checked(check), inputs) };
}

function modelFile(location: string): string {
  if (!existsSync(location))
    throw new Error(`${location} does not exist; give a run directory, or a .safetensors file of one.`);
  if (!statSync(location).isDirectory()) return location;
  const file = path.join(location, 'best.safetensors');
  if (existsSync(file)) return file;
  if (existsSync(path.join(location, 'config.json')))
    throw new Error(
      `${location} is a run that has not finished its first epoch: there is no best.safetensors in it yet.`,
    );
  const seed = readdirSync(location).find((name) => existsSync(path.join(location, name, 'best.safetensors')));
  throw new Error(
    seed === undefined
      ? `${location} is no run directory: there is neither config.json nor best.safetensors in it.`
      : `${location} holds several runs; name one of them, as in ${path.join(location, seed)}.`,
  );
}

export interface UseOptions {
  readonly split?: Split;
  /** Default: as many as the model was trained with, so that results are the same to the last bit. */
  readonly threads?: number;
  /** Also the named representations of each sample. */
  readonly representations?: boolean;
}

/** Predictions for a split: `[N]`, or logits `[N, classes]`. */
export async function predict(model: OpenModel, dataset: Dataset, options: UseOptions = {}): Promise<Prediction> {
  const { split = 'test', ...use } = options;
  const samples = preparedSplit(dataset, split, model.data.features, model.standardisation);
  const predictor = await openPredictor(model, use);
  try {
    return await predictor.predict(samples);
  } finally {
    await predictor.dispose();
  }
}

export interface Predictor {
  /** Of samples as `preparedSplit` gives them. */
  predict(samples: Samples): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** A model compiled for predicting more than once. */
export async function openPredictor(
  { network, data, parameters, trained }: OpenModel,
  { threads = trained?.config.train.threads, representations = false }: Omit<UseOptions, 'split'> = {},
): Promise<Predictor> {
  const program = await compilePrediction(network, inputSpec(data), {
    compile,
    representations,
    ...(threads !== undefined && { threads }),
  });
  return {
    predict: (samples) => predictAll(program, parameters, data.features, samples),
    dispose: () => program.dispose(),
  };
}

export interface Scores {
  readonly split: Split;
  readonly samples: number;
  readonly metrics: Metrics;
  readonly confusion?: Confusion;
}

/** Metrics and confusion matrix of a model on a split that has labels. */
export async function score(model: OpenModel, dataset: Dataset, options: UseOptions = {}): Promise<Scores> {
  const { split = 'test' } = options;
  const { labels, ids } = dataset.splits[split] ?? {};
  const { prediction } = await predict(model, dataset, options);
  if (!labels || !ids)
    throw new Error(`The split "${split}" of ${dataset.name} has no labels to score against; use predict.`);
  const { metrics: kind, task } = model.data;
  const classes = task.kind === 'classification' ? task.classes : [];
  const foreign = task.kind === 'classification' ? labels.findIndex((label) => label >= classes.length) : -1;
  if (foreign >= 0)
    throw new Error(
      `${dataset.name}: split "${split}", row ${foreign}: label ${labels[foreign]!} is none of the ${classes.length} classes that the model was trained on.`,
    );
  const matrix = confusion(kind, prediction, labels, classes);
  return {
    split,
    samples: ids.length,
    metrics: evaluate(kind, prediction, labels, classes),
    ...(matrix && { confusion: matrix }),
  };
}

/** Logits `[N, classes]` as probabilities. */
export function softmax(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const peak = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = row.reduce((sum, x) => sum + Math.exp(x - peak), 0);
    row.forEach((x, c) => (out[at + c] = Math.exp(x - peak) / total));
  }
  return out;
}
