/** The record of a run, `config.json`: what was asked for, and all that is needed to do the run again. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { recordedConfig, type RunConfig } from '../../config/index.ts';
import type { Task } from '../../data/dataset.ts';
import type { FoldedBy } from '../../data/folds.ts';
import { metricKinds, type MetricKind } from '../../metrics/metric.ts';
import type { Model } from '../../models/index.ts';
import { formatHead, formatVersion, type RecordFormat } from '../record-format.ts';
import { codeSchema, type ModelCode } from '../own-model/code.ts';
import { taskSchema } from '../trained-model.ts';

/**
 * Format 1 named neither its format nor the version that wrote it, and its configuration had no version. Formats 1 and 2 did
 * not say what the data is of, and their runs kept no predictions.
 */
const format: RecordFormat = {
  name: 'decalign run',
  newest: 3,
  what: 'of a run directory',
  remedy: 'Go on with the version that wrote it, or start the run anew in another directory.',
};

const extensionSchema = z.object({
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  epochs_before: z.int().positive(),
  epochs_after: z.int().positive(),
});

/** A run that had begun was given another number of epochs (`train --resume --epochs`). */
export interface Extension {
  /** Epochs and steps that were done by then, which followed the schedule of before. */
  readonly epoch: number;
  readonly step: number;
  /** `train.epochs` of before, and since. */
  readonly epochs_before: number;
  readonly epochs_after: number;
}

const schema = z.object({
  config: z.record(z.string(), z.unknown()),
  seed: z.int(),
  code: codeSchema.optional(),
  data: z.object({
    source: z.string(),
    hash: z.string(),
    name: z.string().optional(),
    task: taskSchema.optional(),
    metrics: z.enum(metricKinds).optional(),
  }),
  overrides: z.unknown(),
  fold: z
    .object({
      request: z.union([z.int(), z.string()]),
      index: z.int().nonnegative(),
      by: z.enum(['group', 'ids', 'sample', 'file']).optional(),
      groups: z.int().optional(),
    })
    .optional(),
  extended: z.array(extensionSchema).optional(),
});

export interface RunRecord {
  readonly config: RunConfig;
  readonly seed: number;
  /** The hashes of a model of one's own; absent for a model of the table, and for one that came from no file. */
  readonly code?: ModelCode | undefined;
  readonly data: {
    /** The path of the data as it was given, or the name of a dataset that is made. */
    readonly source: string;
    /** The hash of all samples as they were read (`hashOf`). */
    readonly hash: string;
    /** The name of the dataset, its task and its metrics; absent in records of format 2 and before. */
    readonly name?: string | undefined;
    readonly task?: Task | undefined;
    readonly metrics?: MetricKind | undefined;
  };
  /** Everything that the call asked for beyond the defaults (`overridesOf`). */
  readonly overrides: unknown;
  /**
   * In cross-validation: the folds that were asked for, the `index`, from 0, of the fold that the run is tested on, and what
   * the folds are by, which runs of before do not say.
   */
  readonly fold?:
    | ({ readonly request: number | string; readonly index: number } & Partial<{
        readonly [K in keyof FoldedBy]: FoldedBy[K] | undefined;
      }>)
    | undefined;
  /** Each time that the run was extended, in that order; `config` has the last number of epochs. Absent if it never was. */
  readonly extended?: readonly Extension[] | undefined;
}

export const encodeRecord = (record: RunRecord): string =>
  `${JSON.stringify({ ...formatHead(format), ...record }, null, 2)}\n`;

/**
 * Reads the record of a run that this or any earlier version began. `own` is the model of one's own that the record
 * names. Throws an Error for a file that is no such record, and a ConfigError for a configuration that cannot be used.
 */
export function readRecord(file: string, own?: Model): RunRecord {
  const described = jsonIn(file);
  const problem = formatVersion(described, format)?.problem;
  if (problem !== undefined) throw new Error(`${file} ${problem}`);
  const parsed = schema.safeParse(described);
  if (!parsed.success) {
    const { path: key, message } = parsed.error.issues[0]!;
    throw new Error(`${file} is no record of a run: ${key.join('.') || 'the whole'}: ${message}.`);
  }
  return { ...parsed.data, config: recordedConfig(parsed.data.config, file, own) };
}

/** The recipe in the record of a run; undefined of what is no record. */
export const recordedRecipe = (file: string): string | undefined =>
  z.looseObject({ config: z.looseObject({ recipe: z.string() }) }).safeParse(jsonIn(file)).data?.config.recipe;

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}); start the run anew in another directory.`, {
      cause: error,
    });
  }
}
