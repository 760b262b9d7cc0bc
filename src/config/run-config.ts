import * as z from 'zod';
import { taskKinds } from '../data/dataset.ts';
import { digitsKeys, syntheticKeys } from '../data/datasets/made-options.ts';
import { missingForms } from '../data/standardise.ts';
import { presetChoices } from '../data/published/presets.ts';
import { paddings } from '../data/tables/padding.ts';
import { models, type Model, type ModelName } from '../models/index.ts';
import { trainConfig } from '../train/train-config.ts';
import { configVersion } from './version.ts';

const dataConfig = z.strictObject({
  task: z.enum(taskKinds).optional().describe('which labels to read; default: what the file holds'),
  preset: z
    .enum(presetChoices)
    .optional()
    .describe('label range, classes and metrics, where labels fit them; default: by file name'),
  protocol: z.enum(['session_valid', 'paper_count']).optional().describe('IEMOCAP only: which of its two splits'),
  modalities: z.array(z.string()).min(1).optional().describe('which modalities, in which order; default: all'),
  standardise: z
    .union([z.enum(['all', 'none']), z.array(z.string())])
    .default('all')
    .describe('modalities scaled to mean 0 and deviation 1 by the training split'),
  clipPercentiles: z
    .tuple([z.number().min(0).max(100), z.number().min(0).max(100)])
    .optional()
    .describe('percentiles of the training split that features are kept within before scaling'),
  missing: z
    .enum(missingForms)
    .optional()
    .describe(
      'what stands for a missing number: the training mean; indicator: besides, one more feature for each that training misses numbers of, 1 where it is missing. Default: mean',
    ),
  group: z
    .string()
    .optional()
    .describe(
      'column whose equal values say that samples belong together, such as video, for folds; none: what ids such as video$_$clip tell is not used. Default: the video, where ids tell it',
    ),
  fractions: z
    .enum(['exact', 'rounded'])
    .default('exact')
    .describe(
      'how fractions in a dataset.yaml are met; exact: to one sample, alike in labels; rounded: as runs before this key',
    ),
  labelScale: z
    .enum(['auto', 'standardised', 'given'])
    .default('auto')
    .describe(
      'scale of regression labels inside training; standardised: mean 0 and deviation 1 by the training split; given: as they stand; auto: given for sentiment, else standardised. Predictions and metrics are in the unit of the data',
    ),
  labelClasses: z
    .enum(['auto', 'quantiles', 'rounded'])
    .default('auto')
    .describe(
      'classes of regression labels, for models that make some; quantiles: of the training split; rounded: labels clamped and rounded; auto: rounded for sentiment, else quantiles',
    ),
  padding: z
    .enum(paddings)
    .default('found')
    .describe(
      'where padding stands; found: at the end or in front, and numbers beyond lengths that are given are refused; end: as runs before this key, in front are steps, and what is beyond a length is padding',
    ),
  text: z
    .enum(['features', 'tokens'])
    .optional()
    .describe('how the modality text is read; tokens: for the encoder under text.bert. Default: features'),
  synthetic: syntheticKeys.optional(),
  digits: digitsKeys.optional(),
});
type DataConfig = z.output<typeof dataConfig>;

/** The keys of a pretrained text encoder, which runs before the model. */
const bertConfig = z.strictObject({
  path: z.string().optional().describe('folder with config.json, weights and tokeniser, as Hugging Face has them'),
  freeze: z
    .union([z.literal('all'), z.int().nonnegative()])
    .default(0)
    .describe('layers that are kept as they are, the embeddings with them; all: its outputs are computed once'),
  learningRate: z.number().positive().default(0.01).describe('times train.learningRate'),
  weightDecay: z.number().nonnegative().default(0.01).describe('in place of train.weightDecay'),
  maxLength: z.int().min(3).default(50).describe('tokens at most, marks among them; longer texts are cut'),
  from: z
    .enum(['text_bert', 'raw_text'])
    .default('text_bert')
    .describe("where tokens come from: the file's ids (of BERT's usual vocabulary), or its sentences"),
  cache: z.string().optional().describe("folder in which an encoder's outputs are kept, with freeze all"),
});
const textConfig = z.strictObject({ bert: bertConfig.prefault({}) });

export const modelNames = Object.keys(models) as [ModelName, ...ModelName[]];

/** The schema of a run without the keys of its model: `runSchema` adds these from the model's own schema. */
const frame = z.strictObject({
  version: z
    .literal(configVersion)
    .default(configVersion)
    .describe(
      'of what keys mean and default to; a configuration of a later one is refused, and one of version 1 or 2 that names no recipe has the recipe paper; a configuration without a version is of this one',
    ),
  recipe: z
    .string()
    .optional()
    .describe("a named variant of the model: decalign has 'decoupled' (default), 'paper' and 'authors'"),
  data: dataConfig.prefault({}),
  text: textConfig.prefault({}),
  model: z.looseObject({ name: z.string() }),
  train: trainConfig.prefault({}),
});

/**
 * The schema of a run with `model`; an unknown key is an error. With `part`, the model's demands on several of its keys
 * together (such as heads that divide the width) are left out: one source need not give all of those keys.
 */
export function runSchema(model: Model, { part = false } = {}) {
  const own = model.config as unknown as z.ZodObject;
  const keys = part ? z.object(own.shape).catchall(own.def.catchall ?? z.never()) : own;
  // A plain object schema drops unknown keys silently, so it is made strict; a schema with a catchall says itself what
  // it takes.
  const strict = keys.def.catchall ? keys : keys.strict();
  return frame.extend({ model: strict.safeExtend({ name: z.literal(model.name).default(model.name) }).prefault({}) });
}

type ModelValues = { [N in ModelName]: { name?: N } & z.input<(typeof models)[N]['config']> }[ModelName];

/**
 * Configuration keys as a program gives them, all optional. `M` are the keys below `model`, of any model of the table
 * by default.
 */
export interface ConfigValues<M = ModelValues> {
  readonly version?: typeof configVersion;
  readonly recipe?: string;
  readonly data?: z.input<typeof dataConfig>;
  readonly text?: z.input<typeof textConfig>;
  readonly model?: M;
  readonly train?: z.input<typeof trainConfig>;
}

/**
 * A resolved configuration: everything but data and seed that decides the result of a run. `config.json` records it.
 */
export interface RunConfig {
  readonly version: typeof configVersion;
  readonly recipe: string;
  readonly data: DataConfig;
  readonly text: z.output<typeof textConfig>;
  readonly model: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly train: z.output<typeof trainConfig>;
}
