/** One run from data to result: prepares, trains, keeps the best epoch by validation and evaluates that on test. */
import { createHash } from 'node:crypto';
import { ConfigError, type RunConfig } from '../config/index.ts';
import type { Dataset, Samples } from '../data/dataset.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import { blocksOf } from '../data/features.ts';
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
  readonly dataset: Dataset;
  readonly source: string;
  readonly data: TrainedOn;
  readonly network: Network;
  readonly spec: InputSpec;
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly standardisation: TrainedModel['standardisation'];
  readonly splits: { readonly train: Samples; readonly valid: Samples; readonly test?: Samples };
  readonly selection: Selection;
  /** What was asked for beyond the defaults, kept for the record. */
  readonly overrides: unknown;
  /** Of cross-validation: the folds that were asked for, and which one, from 0, is tested on; for the record too. */
  readonly fold?: RunOrigin['fold'];
  /** The model, where it is one's own. */
  readonly own?: OwnModel;
}

/** What preparing a run is told beside its configuration and data. */
export interface PrepareOptions extends Partial<RunOrigin> {
  /** The model that the configuration is of, where it is one's own. */
  readonly own?: OwnModel | undefined;
}

/** How the modalities named are scaled, by the training split. */
export function standardisationOf(
  training: Samples,
  names: readonly string[],
  { standardise, clipPercentiles }: RunConfig['data'],
): Standardisation {
  const wanted = typeof standardise === 'string' ? (standardise === 'all' ? names : []) : standardise;
  const modalities = wanted.filter((name) => names.includes(name));
  return fitStandardisation(training, { modalities, ...(clipPercentiles && { clipPercentiles }) });
}

/** Standardises by the training split, builds the network and checks everything that can be checked before training. */
export function prepare(
  config: RunConfig,
  dataset: Dataset,
  { source = dataset.name, overrides = {}, fold, own }: PrepareOptions = {},
): Prepared {
  const { train: training } = dataset.splits;
  if (!training || !dataset.splits.valid) throw new Error(`${source}: training needs the splits train and valid.`);
  const encoder = encoderOf(config, dataset);
  const data = { ...trainedOn(dataset), ...(encoder && { encoder }) };
  const scalable = data.features.filter(({ tokens }) => !tokens).map(({ name }) => name);
  const standardisation = standardisationOf(training, scalable, config.data);
  const network = networkOf(config, { ...data, model: own?.model });
  const spec = specOf(config, training, data);
  const split = (name: 'train' | 'valid' | 'test'): Samples =>
    preparedSplit(dataset, name, data.features, standardisation);
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

function selectionOf({ train: { selection } }: RunConfig, { metrics: kind }: TrainedOn): Selection {
  try {
    const metric = selection === undefined ? defaultSelection(kind) : metricNamed(kind, selection);
    return { metric, better: metrics[metric].better };
  } catch (error) {
    throw new ConfigError(`train.selection: ${(error as Error).message}`);
  }
}

/** What the network is built for: which modalities have labels of their own, and classes weighted by inverse size where asked for: the mean weight of a sample is 1. */
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

export interface RunResult {
  readonly run: string;
  readonly seed: number;
  readonly best_epoch: number;
  readonly epochs: number;
  /** Steps that were left out, for their numbers were not finite (`train.onNonfinite`). */
  readonly steps_left_out?: number;
  readonly valid: Metrics;
  /** Absent where the data has no test split. */
  readonly test?: Metrics;
  readonly confusion?: Confusion;
}

export type RunEvent = TrainEvent | { readonly type: 'result'; readonly result: RunResult };

export interface RunOptions {
  readonly seed: number;
  readonly directory: string;
  /** Go on with what the directory holds, or `if started` do so only where it holds a run. */
  readonly resume: boolean | 'if started';
  /**
   * How often a checkpoint is written within an epoch, beside the one after it. Default: every 10 minutes. It changes
   * nothing of the result, so it is no part of the configuration, and a run may go on with another.
   */
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
}

/**
 * Trains with one seed into `directory`, yielding what happens; the last event is the result, unless aborted. Whatever
 * instant it is killed at, resuming gives the weights of an uninterrupted run:
 *
 *   best.safetensors → line of metrics.jsonl → checkpoint     after an epoch, in this order, each whole or not at all
 *
 * and resuming starts from the checkpoint alone: it cuts metrics.jsonl to its epochs, and writes its best epoch again.
 */
export async function* runTraining(prepared: Prepared, options: RunOptions): AsyncGenerator<RunEvent> {
  const { seed, directory, resume, checkpointEvery: every, signal } = options;
  const { config, dataset, data, network, parameters, splits, selection, standardisation, own } = prepared;
  const identity = { config, seed, hash: hashOf(dataset), own };
  const going = resume === 'if started' ? isStarted(directory) : resume;
  if (!going) checkVacant(directory);
  const result = going ? readResult(directory, identity) : undefined;
  if (result !== undefined) {
    forgetDeadLocks(directory);
    yield { type: 'result', result: { ...(result as RunResult), run: directory } };
    return;
  }
  // Held before its checkpoint is read: no other process may write the next one meanwhile.
  let release = going ? lockRun(directory) : undefined;
  let run: RunDirectory | undefined;
  try {
    const found = going ? await readCheckpoint(directory, parameters) : undefined;
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
      // Opened by the first event: what cannot even start leaves nothing behind.
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

const hashedAtOnce = 2 ** 28;

/** A hash of the samples as they were read: the same file gives the same one. */
export function hashOf({ splits }: Dataset): string {
  const hash = createHash('sha256');
  // No more than 2 GiB at once, says OpenSSL.
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
