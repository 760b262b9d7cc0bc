/** What `benchmark.json` holds of an experiment that has jobs. */
import * as z from 'zod';
import { taskKinds } from '../../data/dataset.ts';
import { metricKinds } from '../../metrics/metric.ts';
import { modelNamed } from '../../models/index.ts';
import { codeSchema } from '../../runs/own-model/code.ts';
import { combinationsOf } from '../sweep-cells.ts';
import { experimentKinds } from './directory.ts';
import { referenceNames } from './entries.ts';

const text = z.string().min(1);
const whole = z.int().nonnegative();
const tree = z.record(z.string(), z.unknown());
const settings = z.array(z.object({ name: text, key: text, value: z.unknown() }));

const folds = z.object({
  of: z.union([whole, text]),
  count: z.int().positive(),
  by: z.enum(['group', 'ids', 'sample', 'file']),
  groups: z.exactOptional(whole),
});
const dataSchema = z.object({
  source: text,
  name: text,
  dataset: z.string(),
  task: z.enum(taskKinds),
  metrics: z.enum(metricKinds),
  classes: z.array(z.string()),
  samples: z.object({ train: whole, valid: whole, test: whole }),
  folds: z.exactOptional(folds),
  /** By id of a test sample, its group. */
  groups: z.exactOptional(z.array(z.tuple([z.string(), z.string()]))),
  warnings: z.array(z.string()),
  hash: text,
});

const variantSchema = z.object({
  name: text,
  title: z.exactOptional(z.string()),
  settings: z.exactOptional(settings),
  file: z.exactOptional(z.object({ name: text, values: tree })),
  without: z.exactOptional(z.array(z.string())),
});
const modelSchema = z
  .object({
    id: text,
    model: text,
    recipe: z.exactOptional(z.string()),
    variant: z.exactOptional(variantSchema),
    /** Of a model of one's own, its file and code. */
    own: z.exactOptional(z.object({ file: text, code: codeSchema })),
  })
  .refine(({ model, own }) => own !== undefined || modelNamed(model) !== undefined, { error: 'no model of that name' });
const name = z.enum(referenceNames);

export const planSchema = z
  .looseObject({
    kind: z.enum(experimentKinds),
    data: z.array(dataSchema).min(1),
    entries: z.array(z.union([z.object({ id: name, reference: name }), modelSchema])).min(1),
    seeds: z.array(whole).min(1),
    trials: whole,
    given: z.object({
      set: z.array(z.object({ entry: z.exactOptional(z.string()), pair: text })),
      options: settings,
      versionBegun: z.exactOptional(z.int()),
    }),
    decoupling: z.exactOptional(z.boolean()),
    base: z.exactOptional(z.string()),
    about: z.exactOptional(z.enum(['models', 'ablation'])),
    /** Of a sweep, what varies, and whether its tables have the test split. */
    keys: z.array(z.object({ key: text, values: z.array(z.unknown()).min(1) })).default([]),
    test: z.boolean().default(false),
  })
  .refine(({ kind, keys, entries }) => kind !== 'sweep' || combinationsOf(keys).length === entries.length, {
    path: ['entries'],
    error: 'not one for each combination of values',
  });
export type RecordedEntry = z.output<typeof planSchema>['entries'][number];
