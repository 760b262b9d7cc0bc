import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { scoredNames } from '../data/task.ts';
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
import { labelsFor } from './labels.ts';
import { inputSpec, networkOf, preparedSplit } from './network.ts';
import { codeDifference, type ModelCode } from './own-model/code.ts';
import { runBelow } from './record/several-runs.ts';
import { thresholdsIn } from './thresholds.ts';
import { readModel, type TrainedModel, type TrainedOn } from './trained-model.ts';

/** A model with its parameters, ready to predict; from a run, or from a checkpoint of other code. */
export interface OpenModel {
  readonly network: Network;
  /** The modalities, task and metrics of the data that it was trained on. */
  readonly data: TrainedOn;
  /** How each modality is scaled before the network; a modality without an entry is taken as it is. */
  readonly standardisation: Standardisation;
  /** Parameters by name, in row-major order; `network` declares their shapes. */
  readonly parameters: StateDict;
  /** Above which probability each of several labels is predicted, `[L]`; absent for other tasks. */
  readonly thresholds?: readonly number[];
  /** The whole content of the file; absent for checkpoints of other code. */
  readonly trained?: TrainedModel;
  /** What it runs on, wherever it was trained. Default: `cpu`. */
  readonly device?: string | undefined;
}

export interface OpenOptions {
  /** The model of one's own that was trained. It must be given again: no file is loaded because a run names it. */
  readonly model?: Model;
  /** The hashes of the model's file as it is now. They must be those that the run recorded, if it recorded any. */
  readonly code?: ModelCode | undefined;
  /** Use the model even if its code has changed since the training. Default: false. */
  readonly changed?: boolean;
  /** What it runs on, wherever it was trained. Default: `cpu`. */
  readonly device?: string | undefined;
}

/**
 * Opens the best epoch of a run: `location` is a run directory, or its `best.safetensors` under any name.
 *
 * Throws an Error for a location that does not exist or holds no single run. Throws a FormatError for a file that is no
 * model, is damaged or is of a later version, for a model of one's own that was not given, and for one whose code has
 * changed.
 */
export function openModel(location: string, { model, code, changed = false, device }: OpenOptions = {}): OpenModel {
  const file = modelFile(location);
  const trained = readModel(file);
  const { config, data, standardisation, parameters } = trained;
  const network = withHeldParameters(networkIn(file, config, { ...data, model }), parameters, file);
  const difference = changed ? undefined : codeDifference(trained.code, code);
  if (difference !== undefined)
    throw new FormatError(file, `was trained with other code: ${difference}; --changed-model uses it as it is now.`);
  const thresholds = thresholdsIn(data, trained.valid);
  return { network, data, standardisation, parameters, ...(thresholds && { thresholds }), trained, device };
}

/** The network of a file's configuration. Throws a FormatError where this version has no such network. */
function networkIn(file: string, ...asked: Parameters<typeof networkOf>): Network {
  try {
    return networkOf(...asked);
  } catch (error) {
    throw new FormatError(file, (error as Error).message, { cause: error });
  }
}

/**
 * The network, which throws a FormatError as soon as it declares a parameter that the file does not hold in that size.
 * The configuration in a file decides how large a network is built, so a file made by a stranger could ask for any
 * size.
 */
function withHeldParameters(network: Network, parameters: StateDict, file: string): Network {
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

/** The model's file in a run directory, or the file itself; an Error says what else the location is. */
function modelFile(location: string): string {
  if (location === '')
    throw new Error('The path of the run is empty; give a run directory, or a .safetensors file of one.');
  if (!existsSync(location))
    throw new Error(`${location} does not exist; give a run directory, or a .safetensors file of one.`);
  if (!statSync(location).isDirectory()) return location;
  const file = path.join(location, 'best.safetensors');
  if (existsSync(file)) return file;
  if (existsSync(path.join(location, 'config.json')))
    throw new Error(
      `${location} is a run that has not finished its first epoch: there is no best.safetensors in it yet.`,
    );
  throw new Error(
    runBelow(location) ?? `${location} is no run directory: there is neither config.json nor best.safetensors in it.`,
  );
}

export interface UseOptions {
  /** Default: `'test'`. */
  readonly split?: Split;
  /** Threads of the runtime. Default: the `train.threads` of the training, so that results agree to the last bit. */
  readonly threads?: number;
  /** Also compute the model's named representations, `[N, width]` each. Default: false. */
  readonly representations?: boolean;
}

/**
 * Predicts the samples of a split: values `[N]` for regression, or logits `[N, classes]` in row-major order; of several
 * labels logits or values `[N, L]`. The split is standardised first.
 *
 * Throws an Error for a split, modality or width that the dataset has not or that does not fit the model.
 */
export async function predict(model: OpenModel, dataset: Dataset, options: UseOptions = {}): Promise<Prediction> {
  const { split = 'test', ...use } = options;
  const samples = preparedSplit(dataset, split, model);
  const predictor = await openPredictor(model, use);
  try {
    return await predictor.predict(samples);
  } finally {
    await predictor.dispose();
  }
}

export interface Predictor {
  /** Predicts samples that `preparedSplit` has brought into the model's form. */
  predict(samples: Samples): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** Compiles a model to predict several times with it. The caller must dispose of it. */
export async function openPredictor(
  { network, data, parameters, trained, device }: OpenModel,
  { threads = trained?.config.train.threads, representations = false }: Omit<UseOptions, 'split'> = {},
): Promise<Predictor> {
  const program = await compilePrediction(network, inputSpec(data), {
    compile,
    representations,
    ...{ threads, device },
  });
  return {
    predict: (samples) => predictAll(program, parameters, data.features, samples),
    dispose: () => program.dispose(),
  };
}

export interface Scores {
  readonly split: Split;
  /** How many samples were scored. */
  readonly samples: number;
  /** By name; `metrics` has the label and direction of each. */
  readonly metrics: Metrics;
  /** Absent where the kind of metrics has no classes to confuse. */
  readonly confusion?: Confusion;
}

/**
 * Predicts a split and compares the predictions with its labels: metrics, and a confusion matrix where there are
 * classes.
 *
 * Throws an Error for a split without labels, for a label that is none of the model's classes, and where `predict`
 * does.
 */
export async function score(model: OpenModel, dataset: Dataset, options: UseOptions = {}): Promise<Scores> {
  const { split = 'test' } = options;
  // Labels that are missing or unknown are told before anything is predicted.
  labelsToScore(model, dataset, split);
  const { prediction } = await predict(model, dataset, options);
  return scoreOf(model, dataset, { split, prediction });
}

/** The scores of predictions of a split that are at hand: `[N]`, `[N, classes]` or `[N, L]`. Throws as `score` does. */
export function scoreOf(
  { data, thresholds }: Pick<OpenModel, 'data' | 'thresholds'>,
  dataset: Dataset,
  { split, prediction }: { readonly split: Split; readonly prediction: Float32Array },
): Scores {
  const labels = labelsToScore({ data }, dataset, split);
  const { metrics: kind, task } = data;
  const classes = scoredNames(task);
  const matrix = confusion(kind, prediction, labels, classes);
  return {
    split,
    samples: dataset.splits[split]!.ids.length,
    metrics: evaluate(kind, prediction, labels, classes, thresholds && { thresholds }),
    ...(matrix && { confusion: matrix }),
  };
}

function labelsToScore({ data }: Pick<OpenModel, 'data'>, dataset: Dataset, split: Split): Float32Array {
  const labels = labelsFor(data, dataset, split);
  if (labels) return labels;
  throw new Error(`The split "${split}" of ${dataset.name} has no labels to score against; use predict.`);
}
