import { overridesOf, resolveConfig, type ConfigValues } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { openModel, type OpenModel } from './open-model.ts';
import type { CheckpointEvery } from './run-directory.ts';
import { prepare, runTraining, type RunEvent, type RunResult } from './training-run.ts';

export interface FitOptions {
  /** Any key of a configuration, as in `{ model: { width: 64 }, train: { epochs: 10 } }`. */
  readonly config?: ConfigValues;
  /** The run directory: new or empty, or with `resume` one that holds a stopped run. */
  readonly out: string;
  /** Default 1. */
  readonly seed?: number;
  readonly resume?: boolean;
  /** How often a checkpoint is written within an epoch; default every 10 minutes. */
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
  /** Sees every step and epoch. */
  readonly onEvent?: (event: RunEvent) => void;
}

export interface Fitted {
  readonly result: RunResult;
  /** The best epoch by validation. */
  readonly model: OpenModel;
}

/**
 * Trains on a dataset as `decalign train` does, and leaves a run directory.
 * Throws a ConfigError for an unknown key, and an Error when training diverges or is aborted.
 */
export async function fit(dataset: Dataset, options: FitOptions): Promise<Fitted> {
  const { config: values = {}, out, seed = 1, resume = false, checkpointEvery, signal, onEvent } = options;
  const prepared = prepare(resolveConfig({ values, dataset: dataset.name }), dataset, {
    overrides: overridesOf({ values }),
  });
  let result: RunResult | undefined;
  for await (const event of runTraining(prepared, {
    ...{ seed, directory: out, resume },
    ...(checkpointEvery && { checkpointEvery }),
    ...(signal && { signal }),
  })) {
    onEvent?.(event);
    if (event.type === 'result') ({ result } = event);
  }
  if (!result) throw new Error(`Training was aborted; go on with it by fit(…, { out: '${out}', resume: true }).`);
  return { result, model: openModel(out) };
}
