/**
 * A run from dataset to result: prepares, trains, keeps the epoch that is best on validation, and evaluates it on test.
 */
import { createHash } from 'node:crypto';
import { checkModalityNames, ConfigError, type RunConfig } from '../config/index.ts';
import { type Dataset, type Samples, samplesWithout } from '../data/dataset.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import { blocksOf } from '../data/features.ts';
import { pickSamples } from '../data/samples.ts';
import { defaultSelection, evaluate, metricNamed, metrics, type Confusion } from '../metrics/metric.ts';
import { compile } from '../runtime/node.ts';
import {
  parametersOf,
  train,
  type Best,
  type InputSpec,
  type Metrics,
  type Network,
  type ParameterSpec,
  type Selection,
  type TrainEvent,
} from '../train/index.ts';
import { anomaliesOf } from './anomalies.ts';
import { inputSpec, networkOf, preparedSplit, trainedOn } from './network.ts';
import { score } from './open-model.ts';
import { readCheckpoint, replaceDamaged } from './checkpoint.ts';
import {
  checkVacant,
  isStarted,
  lockVacant,
  readResult,
  RunDirectory,
  type CheckpointEvery,
  type RunOrigin,
} from './run-directory.ts';
import { forgetDeadLocks, lockRun } from './run-lock.ts';
import { encoderOf, encoderParameters } from './text-encoder.ts';
import type { OwnModel } from './own-model/code.ts';
import { encodeModel, type TrainedModel, type TrainedOn } from './trained-model.ts';

/** Everything that a run needs, prepared once for all its seeds. */
export interface Prepared {
  readonly config: RunConfig;
  /** The dataset as it was read: not standardised. */
  readonly dataset: Dataset;
  /** The path of the data, or the dataset's name; for the record and for errors. */
  readonly source: string;
  readonly data: TrainedOn;
  readonly network: Network;
  /** The inputs that the network is built for. */
  readonly spec: InputSpec;
  /** The shape and initial values of every parameter, by name. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly standardisation: TrainedModel['standardisation'];
  /** The splits as the network takes them: standardised. */
  readonly splits: { readonly train: Samples; readonly valid: Samples; readonly test?: Samples };
  /** The validation metric that decides which epoch is best. */
  readonly selection: Selection;
  /** Everything that was asked for beyond the defaults; for the record. */
  readonly overrides: unknown;
  /**
   * In cross-validation: the folds that were asked for, and the index, from 0, of the fold to test on; for the record.
   */
  readonly fold?: RunOrigin['fold'];
  /** The model of one's own; absent for a model of the table. */
  readonly own?: OwnModel;
}

/** The options of `prepare`, all for the record but `own`. */
export interface PrepareOptions extends Partial<RunOrigin> {
  /** The model of one's own that the configuration names. */
  readonly own?: OwnModel | undefined;
}

/**
 * The statistics, of the training split, that scale the modalities in `names` which `data.standardise` asks for, and say
 * what stands for missing numbers in all of `names`.
 */
export function standardisationOf(
  training: Samples,
  names: readonly string[],
  { standardise, clipPercentiles, missing }: RunConfig['data'],
): Standardisation {
  const wanted = typeof standardise === 'string' ? (standardise === 'all' ? names : []) : standardise;
  const modalities = wanted.filter((name) => names.includes(name));
  const features = Object.fromEntries(names.map((name) => [name, training.features[name]!]));
  const options = { modalities, ...(missing && { missing }), ...(clipPercentiles && { clipPercentiles }) };
  return fitStandardisation({ ...training, features }, options);
}

/**
 * Prepares a run: fits the standardisation on the train split, builds the network, and finds the shapes of its
 * parameters.
 *
 * Throws a ConfigError where configuration and data do not go together, a TypeError or RangeError for a model of one's
 * own whose `build` returns something else than it must, and an Error for a dataset without a train or valid split.
 */
export function prepare(
  config: RunConfig,
  dataset: Dataset,
  { source = dataset.name, overrides = {}, fold, own }: PrepareOptions = {},
): Prepared {
  const { train: whole } = dataset.splits;
  if (!whole || !dataset.splits.valid) throw new Error(`${source}: training needs the splits train and valid.`);
  checkModalityNames(
    config,
    dataset.modalities.map(({ name }) => name),
    own?.model,
  );
  const training = withSomeModality(whole, source);
  const seen = { ...dataset, splits: { ...dataset.splits, train: training } };
  const encoder = encoderOf(config, dataset);
  const scalable = dataset.modalities.filter(({ tokens }) => !tokens).map(({ name }) => name);
  const standardisation = standardisationOf(training, scalable, config.data);
  const data = { ...trainedOn(seen, standardisation), ...(encoder && { encoder }) };
  const network = networkOf(config, { ...data, model: own?.model });
  const spec = specOf(config, training, data);
  const split = (name: 'train' | 'valid' | 'test'): Samples => preparedSplit(seen, name, { data, standardisation });
  return {
    config,
    dataset,
    source,
    data,
    network,
    spec,
    parameters: parametersOf(network, spec),
    standardisation,
    splits: { train: split('train'), valid: split('valid'), ...(dataset.splits.test && { test: split('test') }) },
    selection: selectionOf(config, data),
    overrides,
    ...(fold && { fold }),
    ...(own && { own }),
  };
}

/** The samples that have any modality: the others are not trained on, for there is nothing to learn from. */
function withSomeModality(samples: Samples, source: string): Samples {
  const without = new Set(samplesWithout(samples));
  if (without.size === 0) return samples;
  const rows = [...samples.ids.keys()].filter((row) => !without.has(row));
  if (rows.length === 0) throw new Error(`${source}: no training sample has any of the modalities.`);
  return pickSamples(samples, rows);
}

function selectionOf({ train: { selection } }: RunConfig, { metrics: kind }: TrainedOn): Selection {
  try {
    const metric = selection === undefined ? defaultSelection(kind) : metricNamed(kind, selection);
    return { metric, better: metrics[metric].better };
  } catch (error) {
    throw new ConfigError(`train.selection: ${(error as Error).message}`);
  }
}

/**
 * The inputs that the network is built for: marks the modalities that have labels of their own. With
 * `train.classWeights`, class c of C has the weight N / (C N_c), so that the mean weight over the N training samples is
 * 1.
 */
function specOf({ train }: RunConfig, training: Samples, data: TrainedOn): InputSpec {
  const { task, features } = inputSpec(data);
  const spec: InputSpec = {
    task,
    features: features.map((each) => (training.ownLabels?.[each.name] ? { ...each, labelled: true } : each)),
  };
  if (train.classWeights === 'none' || spec.task.kind !== 'classification') return spec;
  const { classes } = spec.task;
  const counts = Array.from({ length: classes }, (_, c) => training.labels!.filter((label) => label === c).length);
  const weights = counts.map((count) => (count === 0 ? 0 : training.labels!.length / (classes * count)));
  return { ...spec, task: { ...spec.task, weights } };
}

/** The result of a finished run, as `result.json` holds it. */
export interface RunResult {
  /** The run directory. */
  readonly run: string;
  readonly seed: number;
  /** The epoch, from 1, that was best on the valid split. */
  readonly best_epoch: number;
  /** How many epochs were trained. */
  readonly epochs: number;
  /**
   * How many steps were left out because a loss or gradient was not finite (`train.onNonfinite`); absent if none was.
   */
  readonly steps_left_out?: number;
  /** The best epoch's metrics on the valid split. */
  readonly valid: Metrics;
  /** The best epoch's metrics on the test split; absent where the dataset has none. */
  readonly test?: Metrics;
  readonly confusion?: Confusion;
}

/** An event of training, or the result as the last one. */
export type RunEvent = TrainEvent | { readonly type: 'result'; readonly result: RunResult };

export interface RunOptions {
  readonly seed: number;
  readonly directory: string;
  /**
   * Whether to go on with the run in the directory; with `if started`, only where there is one, else a new run begins.
   */
  readonly resume: boolean | 'if started';
  /**
   * How often a checkpoint is written within an epoch, besides the one after it. Default: every 10 minutes. It does not
   * change the result, so it is no part of the configuration, and a resumed run may have another interval.
   */
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
}

/**
 * Trains with one seed into `directory` and yields an event for all that happens; the last event is the result, unless
 * training was aborted. A run that is killed at any instant and resumed has the weights of an uninterrupted run: after
 * an epoch, best.safetensors, the line of metrics.jsonl and the checkpoint are written in this order, each whole or not
 * at all. Resuming starts from the checkpoint alone: it cuts metrics.jsonl to the checkpoint's epochs, and writes the
 * checkpoint's best epoch to best.safetensors again.
 *
 * Throws an Error for a directory that holds something else or is in use, and when training diverges.
 */
export async function* runTraining(prepared: Prepared, options: RunOptions): AsyncGenerator<RunEvent> {
  const { seed, directory, resume, checkpointEvery: every, signal } = options;
  const { config, dataset, data, network, parameters, splits, selection, standardisation, own } = prepared;
  const identity = { config, seed, hash: hashOf(dataset), own };
  const resuming = resume === 'if started' ? isStarted(directory) : resume;
  if (!resuming) checkVacant(directory);
  const result = resuming ? readResult(directory, identity) : undefined;
  if (result !== undefined) {
    forgetDeadLocks(directory);
    yield { type: 'result', result: { ...(result as RunResult), run: directory } };
    return;
  }
  // The run is locked before its checkpoint is read, so that no other process writes the next checkpoint meanwhile.
  let release = resuming ? lockRun(directory) : undefined;
  let run: RunDirectory | undefined;
  try {
    const found = resuming ? await readCheckpoint(directory, parameters) : undefined;
    if (found?.warning !== undefined) replaceDamaged(directory);
    const state = found?.state;
    const classes = data.task.kind === 'classification' ? data.task.classes : [];
    const events = train({
      compile,
      network,
      spec: prepared.spec,
      train: splits.train,
      valid: splits.valid,
      config: config.train,
      seed,
      selection,
      ...(!state && data.encoder && { initial: encoderParameters(config) }),
      evaluate: (prediction, samples) => evaluate(data.metrics, prediction, samples.labels!, classes),
      ...(state && { from: state }),
      ...(signal && { signal }),
    });
    const encoded = ({ epoch, metrics: valid, parameters: best }: Best): Uint8Array =>
      encodeModel(
        {
          ...{ config, data, standardisation, parameters: best, seed, epoch, valid },
          ...(own?.code && { code: own.code }),
        },
        parameters,
      );
    for await (const event of events) {
      // The directory is opened when the first event comes, so that a run which cannot start leaves nothing behind.
      if (!run) {
        release ??= lockVacant(directory);
        run = RunDirectory.open(directory, identity, prepared, { ...(state && { state }), ...(every && { every }) });
        if (state?.best) run.writeBest(encoded(state.best));
        for (const message of [...(found?.warning === undefined ? [] : [found.warning]), ...anomaliesOf(prepared)])
          if (run.warn({ message })) yield { type: 'warning', message };
      }
      if (event.type === 'warning' && !run.warn(event)) continue;
      if (event.type === 'epoch' && event.best) run.writeBest(encoded(event.state.best!));
      run.append(event);
      yield event;
      if (event.type !== 'end' || event.reason === 'aborted') continue;
      const best = event.state.best!;
      const model = { network, data, standardisation, parameters: best.parameters };
      const { threads } = config.train;
      const test =
        dataset.splits.test &&
        (await score(model, dataset, { split: 'test', ...(threads !== undefined && { threads }) }));
      const done: RunResult = {
        run: directory,
        seed,
        best_epoch: best.epoch,
        epochs: event.state.epoch,
        ...(event.state.leftOut.steps > 0 && { steps_left_out: event.state.leftOut.steps }),
        valid: best.metrics,
        ...(test && { test: test.metrics }),
        ...(test?.confusion && { confusion: test.confusion }),
      };
      run.writeResult(done);
      yield { type: 'result', result: done };
    }
  } finally {
    run?.close();
    release?.();
  }
}

/** Bytes that are hashed in one call: OpenSSL takes at most 2 GiB. */
const hashedAtOnce = 2 ** 28;

/**
 * The first 16 hexadecimal digits of the SHA-256 of all samples as they were read: ids, features, lengths and labels.
 */
export function hashOf({ splits }: Dataset): string {
  const hash = createHash('sha256');
  const add = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): void => {
    for (let done = 0; done < byteLength; done += hashedAtOnce)
      hash.update(new Uint8Array(buffer, byteOffset + done, Math.min(hashedAtOnce, byteLength - done)));
  };
  for (const { ids, features, lengths, labels, ownLabels = {} } of Object.values(splits)) {
    hash.update(ids.join('\n'));
    for (const array of Object.values(features)) for (const { data } of blocksOf(array)) add(data);
    for (const each of Object.values(lengths)) add(each);
    if (labels) add(labels);
    for (const each of Object.values(ownLabels)) add(each);
  }
  return hash.digest('hex').slice(0, 16);
}
