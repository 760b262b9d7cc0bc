import type * as z from 'zod';
import { overridesOf, resolveConfig, type ConfigValues, type RunConfig } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Model, ModelName } from '../models/index.ts';
import { openModel, type OpenModel } from './open-model.ts';
import type { CheckpointEvery } from './run-directory.ts';
import { prepare, runTraining, type RunEvent, type RunResult } from './training-run.ts';

export interface FitOptions {
  /** The name of the model. Default: what `config` says, or decalign. */
  readonly model?: ModelName;
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

/** The same with a model of one's own, as `defineModel` returned it, whose keys are those of its schema. */
export interface OwnFitOptions<S extends z.ZodType = z.ZodType> extends Omit<FitOptions, 'model' | 'config'> {
  readonly model: Model<S>;
  readonly config?: ConfigValues<z.input<S>>;
}

export interface Fitted {
  readonly result: RunResult;
  /** The best epoch by validation. */
  readonly model: OpenModel;
}

/**
 * Trains on a dataset as `decalign train` does, and leaves a run directory.
 * Throws a ConfigError for an unknown key and for what is no model, a TypeError or RangeError where a model of one's own
 * does not give what it must, and an Error when training diverges or is aborted.
 */
export function fit(dataset: Dataset, options: FitOptions): Promise<Fitted>;
export function fit<S extends z.ZodType>(dataset: Dataset, options: OwnFitOptions<S>): Promise<Fitted>;
export async function fit(dataset: Dataset, options: FitOptions | OwnFitOptions): Promise<Fitted> {
  const { model, config: values = {}, out, seed = 1, resume = false, checkpointEvery, signal, onEvent } = options;
  const own = isOwn(options) ? { model: options.model } : undefined;
  const prepared = prepare(configOf(options, dataset.name), dataset, {
    overrides: overridesOf({ values, ...(model !== undefined && { model }) }),
    own,
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
  return { result, model: openModel(out, own) };
}

const isOwn = (options: FitOptions | OwnFitOptions): options is OwnFitOptions => typeof options.model === 'object';

function configOf(options: FitOptions | OwnFitOptions, dataset: string): RunConfig {
  if (isOwn(options)) return resolveConfig({ model: options.model, values: options.config ?? {}, dataset });
  const { model, config: values = {} } = options;
  return resolveConfig({ ...(model !== undefined && { model }), values, dataset });
}
