/** A run from prepared data to result: trains, keeps the epoch that is best on validation, and evaluates it on test. */
import type { Decoupling } from '../analysis/decoupling.ts';
import { sampleCount, type Split } from '../data/dataset.ts';
import type { Confusion } from '../metrics/metric.ts';
import { oneRank, type Ranks } from '../parallel/ranks.ts';
import { train, type Best, type Metrics, type TrainEvent } from '../train/index.ts';
import { dataWarnings, type RunWarning, type WarningKind } from './anomalies.ts';
import { asBegun } from './as-begun.ts';
import { readCheckpoint, replaceDamaged } from './record/checkpoint.ts';
import { hashOf } from './data-hash.ts';
import { decouplingAfterTraining } from './decoupling.ts';
import { predictHeldOut } from './held-out.ts';
import { compareWeights, divided, follow, lead, leadNowhere } from './over-ranks.ts';
import { scoreOf } from './open-model.ts';
import type { Prepared } from './prepare.ts';
import { extensionTo, recordExtension } from './extension.ts';
import { checkVacant, isStarted, lockVacant } from './record/out-directory.ts';
import { RunDirectory, type CheckpointEvery } from './record/run-directory.ts';
import { readStarted } from './record/started-run.ts';
import type { Extension } from './record/run-record.ts';
import { forgetDeadLocks, lockRun, type Waiting } from './record/run-lock.ts';
import { predictionLines } from './record/predictions.ts';
import { thresholdsIn } from './thresholds.ts';
import { trainOptions } from './train-options.ts';
import { encodeModel } from './trained-model.ts';

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
  /** Each time that the run was given another number of epochs; absent if it never was. */
  readonly extended?: readonly Extension[];
  /** How many samples each split has, as it was used; absent in earlier runs. */
  readonly samples?: Readonly<Partial<Record<Split, number>>>;
  /** The best epoch's metrics on the valid split. */
  readonly valid: Metrics;
  /** The best epoch's metrics on the test split; absent where the dataset has none. */
  readonly test?: Metrics;
  readonly confusion?: Confusion;
  /** How far the parts of the model are decoupled on the test split; absent for models without parts, and in earlier runs. */
  readonly decoupling?: Decoupling;
}

/** An event of training, a warning with its kind, that the run goes on to another number of epochs or waits, or the result as the last one. */
export type RunEvent =
  | Exclude<TrainEvent, { type: 'warning' }>
  | (Extract<TrainEvent, { type: 'warning' }> & { readonly kind: WarningKind })
  | { readonly type: 'extended'; readonly extension: Extension }
  /** A process on another machine holds the run, or held it when that machine went down: it is watched for the length of its lease. */
  | Waiting
  | { readonly type: 'result'; readonly result: RunResult };

export interface RunOptions {
  readonly seed: number;
  readonly directory: string;
  /**
   * Whether to go on with the run in the directory; with `if started`, only where there is one, else a new run begins.
   */
  readonly resume: boolean | 'if started';
  /**
   * Whether a run that is resumed may have been begun with another number of epochs. It is then extended, or shortened, to
   * that of the configuration: what is done stays as it is, and the schedule goes on as that of the new number. Default:
   * false, by which such a run is refused.
   */
  readonly extend?: boolean;
  /**
   * How often a checkpoint is written within an epoch, besides the one after it. Default: every 10 minutes. It does not
   * change the result, so it is no part of the configuration, and a resumed run may have another interval.
   */
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
  /**
   * The processes that train the run together, each of which calls this with the same options. Rank 0 alone writes, and yields
   * all events; the others yield how training ended. Default: this one by itself.
   */
  readonly ranks?: Ranks;
}

/**
 * Trains with one seed into `directory` and yields an event for all that happens; the last event is the result, unless
 * training was aborted. A run that is killed at any instant and resumed has the weights of an uninterrupted run: after
 * an epoch, best.safetensors, the line of metrics.jsonl and the checkpoint are written in this order, each whole or not
 * at all; at the end predictions.jsonl, then result.json. Resuming starts from the checkpoint alone: it cuts metrics.jsonl to the checkpoint's epochs, and writes the
 * checkpoint's best epoch to best.safetensors again.
 *
 * Throws an Error for a directory that holds something else or is in use, for a run that has more epochs behind it than
 * it is to have, and when training diverges.
 */
export async function* runTraining(asked: Prepared, options: RunOptions): AsyncGenerator<RunEvent> {
  const { seed, directory, resume, extend = false, checkpointEvery: every, signal, ranks = oneRank } = options;
  if (ranks.rank > 0) {
    yield* follow(asked, { directory, ranks, signal });
    return;
  }
  const resuming = resume === 'if started' ? isStarted(directory) : resume;
  const prepared = resuming ? asBegun(asked, directory) : divided(asked, ranks);
  const { config, dataset, data, network, parameters, splits, standardisation, own } = prepared;
  const identity = { config, seed, hash: hashOf(dataset), own };
  if (!resuming) checkVacant(directory);
  const before = resuming ? readStarted(directory, identity, { extend }) : undefined;
  if (before?.result !== undefined && before.record.config.train.epochs === config.train.epochs) {
    forgetDeadLocks(directory);
    if (ranks.size > 1) await leadNowhere(ranks);
    yield { type: 'result', result: { ...(before.result as RunResult), run: directory } };
    return;
  }
  // The run is locked before its checkpoint is read, so that no other process writes the next checkpoint meanwhile.
  let lock = resuming ? yield* lockRun(directory, { signal }) : undefined;
  let run: RunDirectory | undefined;
  let pending: RunWarning[] = [];
  try {
    // Another process may have gone on with the run before it was locked.
    const record = resuming ? readStarted(directory, identity, { extend }).record : undefined;
    const found = resuming ? await readCheckpoint(directory, parameters) : undefined;
    if (found?.warning !== undefined) replaceDamaged(directory);
    const state = found?.state;
    const extension = record && extensionTo(config.train.epochs, record, { directory, network, state });
    const extended = [...(record?.extended ?? []), ...(extension ? [extension] : [])];
    const patienceFrom = extended.at(-1)?.epoch;
    const otherwise =
      ranks.size > 1
        ? await lead(ranks, prepared, { seed, resuming, step: state?.step ?? 0, patienceFrom })
        : undefined;
    const events = train(trainOptions(prepared, { seed, state, patienceFrom, signal, ranks }));
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
        lock ??= yield* lockVacant(directory, { signal });
        if (record && extension) recordExtension(directory, { record, extension, overrides: prepared.overrides });
        run = RunDirectory.open(directory, identity, prepared, { ...(state && { state }), ...(every && { every }) });
        if (state?.best) run.writeBest(encoded(state.best));
        const damaged = found?.warning === undefined ? [] : [{ kind: 'training', message: found.warning } as const];
        const ofRanks = otherwise === undefined ? [] : [{ kind: 'training', message: otherwise } as const];
        pending = [...damaged, ...ofRanks, ...dataWarnings(prepared)];
      }
      lock!.check();
      if (event.type === 'epoch') await compareWeights(ranks, event.state.parameters, event.epoch);
      if (event.type === 'warning' && !run.warn({ kind: 'training', ...event })) continue;
      if (event.type === 'epoch' && event.best) run.writeBest(encoded(event.state.best!));
      run.append(event);
      yield event.type === 'warning' ? { ...event, kind: 'training' } : event;
      if (event.type === 'start' && extension) yield { type: 'extended', extension };
      for (const warning of pending.splice(0)) if (run.warn(warning)) yield { type: 'warning', ...warning };
      if (event.type !== 'end' || event.reason === 'aborted') continue;
      const best = event.state.best!;
      const thresholds = thresholdsIn(data, best.metrics);
      const model = {
        ...{ network, data, standardisation, parameters: best.parameters, device: config.train.device },
        ...(thresholds && { thresholds }),
      };
      const held = await predictHeldOut(model, dataset, {
        threads: config.train.threads,
        fold: prepared.fold && prepared.fold.index + 1,
      });
      const tested = held.find(({ split }) => split === 'test');
      const test = tested && scoreOf(model, dataset, tested);
      let decoupling: Decoupling | undefined;
      try {
        decoupling = await decouplingAfterTraining(model, dataset, { threads: config.train.threads });
      } catch (error) {
        // What was trained is worth its result without this measure.
        const warning = { kind: 'training', message: `D was not measured: ${(error as Error).message}` } as const;
        if (run.warn(warning)) yield { type: 'warning', ...warning };
      }
      lock!.check();
      run.writePredictions(held.flatMap((each) => predictionLines(data.task, each)));
      const done: RunResult = {
        run: directory,
        seed,
        best_epoch: best.epoch,
        epochs: event.state.epoch,
        ...(event.state.leftOut.steps > 0 && { steps_left_out: event.state.leftOut.steps }),
        ...(extended.length > 0 && { extended }),
        samples: {
          train: sampleCount(splits.train),
          valid: sampleCount(splits.valid),
          ...(splits.test && { test: sampleCount(splits.test) }),
        },
        valid: best.metrics,
        ...(test && { test: test.metrics }),
        ...(test?.confusion && { confusion: test.confusion }),
        ...(decoupling && { decoupling }),
      };
      run.writeResult(done);
      yield { type: 'result', result: done };
    }
  } catch (error) {
    try {
      // A run that another process has taken is no longer this one's to write to.
      lock?.check();
      run?.fail(error);
    } catch {
      // Where it cannot be written, the error itself is what counts.
    }
    throw error;
  } finally {
    run?.close();
    lock?.release();
  }
}
