import type * as z from 'zod';
import { recipeBegun } from './as-begun.ts';
import { overridesOf, resolveConfig, type ConfigValues, type RunConfig } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Model, ModelName } from '../models/index.ts';
import { openModel, type OpenModel } from './open-model.ts';
import type { CheckpointEvery } from './record/run-directory.ts';
import { prepare } from './prepare.ts';
import { runTraining, type RunEvent, type RunResult } from './training-run.ts';

export interface FitOptions {
  /** The name of a model of the table. Default: `model.name` of `config`, else `'decalign'`. */
  readonly model?: ModelName;
  /** Configuration keys, as in `{ model: { width: 64 }, train: { epochs: 10 } }`; others have their defaults. */
  readonly config?: ConfigValues;
  /** The run directory: a new or empty one, or with `resume` one that holds a stopped or finished run. */
  readonly out: string;
  /** The seed of initial parameters, sample order and dropout. Default: 1. */
  readonly seed?: number;
  /**
   * Go on with the run in `out`; a finished one returns its result without training. Where `config` gives another
   * `train.epochs` than the run has, it is extended to that. Default: false.
   */
  readonly resume?: boolean;
  /** How often a checkpoint is written within an epoch, besides the one after it. Default: every 10 minutes. */
  readonly checkpointEvery?: CheckpointEvery;
  /** Stops training after the current step, with a checkpoint; `fit` then throws. */
  readonly signal?: AbortSignal;
  /** Called with every event of the run: its start, each step and epoch, warnings, the end, the result. */
  readonly onEvent?: (event: RunEvent) => void;
}

/**
 * The options of `fit` with a model of one's own, as `defineModel` returned it; the keys below `model` are its
 * schema's.
 */
export interface OwnFitOptions<S extends z.ZodType = z.ZodType> extends Omit<FitOptions, 'model' | 'config'> {
  readonly model: Model<S>;
  readonly config?: ConfigValues<z.input<S>>;
}

export interface Fitted {
  readonly result: RunResult;
  /** The model of the epoch that was best on the validation split. */
  readonly model: OpenModel;
}

/**
 * Trains a model on the train split of a dataset as `decalign train` does: keeps the epoch that is best on the valid
 * split, measures that on the test split if there is one, and writes a run directory.
 *
 * Throws a ConfigError for an unknown key or model and for a value that is no model; a TypeError or RangeError for a
 * model of one's own whose `build` returns something else than it must; and an Error for a dataset without train or
 * valid split, for an `out` that holds something else, and when training diverges or is aborted.
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
    ...{ seed, directory: out, resume, extend: values.train?.epochs !== undefined },
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
  const { model, config: values = {}, resume = false, out } = options;
  const begun = resume ? recipeBegun(out) : undefined;
  return resolveConfig({ ...(model !== undefined && { model }), values, dataset, recipeBegun: begun });
}
