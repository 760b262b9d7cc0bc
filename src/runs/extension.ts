/** Going on with a run, finished or stopped, to another number of epochs than it was begun with. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../files/atomic.ts';
import { epochsOfStages, type Network, type TrainingState } from '../train/index.ts';
import { encodeRecord, type Extension, type RunRecord } from './record/run-record.ts';

interface Reached {
  readonly directory: string;
  readonly network: Pick<Network, 'stages'>;
  /** The state to go on from; undefined where there is no checkpoint yet. */
  readonly state: Pick<TrainingState, 'epoch' | 'step'> | undefined;
}

/**
 * The extension of a run to `epochs`; undefined where the run has that number already. Throws an Error where more epochs
 * are done.
 */
export function extensionTo(
  epochs: number,
  { config }: Pick<RunRecord, 'config'>,
  { directory, network, state }: Reached,
): Extension | undefined {
  if (epochs === config.train.epochs) return undefined;
  const { epoch, step } = state ?? { epoch: 0, step: 0 };
  // The epochs of a model's stages come before those that are counted here.
  const done = epoch - epochsOfStages(network.stages ?? []);
  if (done > epochs)
    throw new Error(
      `${directory} has trained ${done} epochs, so it cannot end after ${epochs}: give --epochs ${done}, or more to extend it.`,
    );
  return { epoch, step, epochs_before: config.train.epochs, epochs_after: epochs };
}

/**
 * Records an extension in a run directory, which is no longer finished then. `overrides` is what the call that extends it
 * asked for. Killed at any instant, the run is finished as before, or stopped where it was and can be extended again.
 */
export function recordExtension(
  directory: string,
  {
    record,
    extension,
    overrides,
  }: { readonly record: RunRecord; readonly extension: Extension; readonly overrides: unknown },
): void {
  // The other order would leave, for an instant, a run of the new number of epochs with the result of the old one.
  rmSync(path.join(directory, 'result.json'), { force: true });
  const train = { ...record.config.train, epochs: extension.epochs_after };
  const extended = [...(record.extended ?? []), extension];
  const next: RunRecord = { ...record, config: { ...record.config, train }, overrides, extended };
  writeFileAtomic(path.join(directory, 'config.json'), encodeRecord(next));
}
