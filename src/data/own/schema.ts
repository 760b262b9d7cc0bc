/** `dataset.yaml`: which files hold the modalities, labels and splits of a dataset of one's own. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { nearest } from '../../text/nearest.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { conventions } from '../../metrics/metric.ts';
import { columnType } from '../columns/types.ts';
import { taskKinds } from '../dataset.ts';
import { isSeveral } from '../task.ts';

const file = z
  .string()
  .min(1)
  .describe(
    'path from the folder of the description; {split} in it stands for train, valid and test, and {id} for the id of a sample',
  );

const ownId = z.string().optional().describe('column or array of the same file with the ids; default: as `id` says');

const column = z.strictObject({
  file,
  key: z.string().optional().describe('which array or column; default: the only one'),
  id: ownId,
});

/** Labels: one of each sample, or several. */
const labels = column.extend({
  key: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'which array or column; of several labels their columns, or patterns such as x*, x0..x5 and !name, or one array [N, L]; default: the only one',
    ),
  names: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('of several labels, in their order; default: the names of the columns, or label1, label2, … of an array'),
});

const modality = z.strictObject({
  file,
  key: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'which array or column; several columns, or patterns such as x*, x0..x1999 and !name, are put side by side; {id}: an array per sample, by its id; default: the only one',
    ),
  types: z
    .record(z.string(), columnType)
    .optional()
    .describe('of columns, or of patterns of their names: number, category, boolean, date, text; default: number'),
  id: ownId,
  lengths: z.string().optional().describe('array or column of true time steps in the same file'),
  paths: z
    .boolean()
    .default(false)
    .describe('the column holds paths of .npy files, one per sample, from the folder of its file'),
});

const fractions = z.strictObject({
  fractions: z
    .strictObject({ train: z.number().positive(), valid: z.number().positive(), test: z.number().positive() })
    .describe('shares of the samples'),
  seed: z.int().default(0),
  group: column
    .optional()
    .describe('samples with the same value stay together, as those of one person; default: `group`'),
});

export const descriptionSchema = z.strictObject({
  name: z.string().optional().describe('default: the name of the folder'),
  task: z
    .enum(taskKinds)
    .optional()
    .describe('what the labels are; default: of several columns multilabel where all are 0 or 1, else multitarget'),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('of regression labels; default: that of the training split'),
  classes: z
    .array(z.string())
    .min(2)
    .optional()
    .describe('of class labels, by index; default: the different labels, sorted'),
  metrics: z.enum(conventions).optional().describe("thresholds of a published dataset's metrics"),
  modalities: z.record(z.string(), modality),
  columns: z
    .record(z.string(), z.array(z.string()).min(1))
    .optional()
    .describe('by file, the names of the columns of a CSV or TSV file that has no header line'),
  labels: labels.optional(),
  id: z
    .union([z.string().min(1), column])
    .optional()
    .describe('column of ids, by which files that have it are joined; default: `id`'),
  group: column.optional().describe('which samples belong together: for `--folds` with `--group group`'),
  split: z
    .union([column, fractions])
    .optional()
    .describe('a column of train, valid and test, or shares; not needed where file names hold {split}'),
});

export type Description = z.output<typeof descriptionSchema>;

/** Columns of a sample that are no features: a modality of that name would be taken for them, or they for it. */
const reserved: ReadonlySet<string> = new Set(['labels', 'id', 'group', 'raw_text']);
export const isReserved = (modality: string): boolean => reserved.has(modality);

/** The description in a YAML or JSON file. Throws a `FormatError` that names the key. */
export function readDescription(path: string): Description {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new FormatError(path, `cannot be read as YAML (${line}).`, { cause: error });
  }
  const parsed = descriptionSchema.safeParse(value);
  if (parsed.success) {
    const { modalities, split } = parsed.data;
    if (Object.keys(modalities).length === 0) throw new FormatError(path, 'names no modality under "modalities".');
    const taken = Object.keys(modalities).find(isReserved);
    if (taken !== undefined)
      throw new FormatError(
        path,
        `modalities.${taken}: a modality cannot be called ${quoted(taken)}, as that is where samples have something else; give it another name.`,
      );
    if (split && 'fractions' in split) checkShares(split.fractions, path);
    checkLabels(parsed.data, path);
    return parsed.data;
  }
  // Where one key is unknown and another is missing, the unknown one is the missing one misspelt, so that it is named first.
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path.map(String));
    const near = nearest(issue.keys[0]!, known);
    const full = [...issue.path, issue.keys[0]].join('.');
    throw new FormatError(
      path,
      `unknown key ${quoted(full)}; ${near === undefined ? `known here: ${known.join(', ')}.` : `did you mean "${near}"?`}`,
    );
  }
  throw new FormatError(path, `${place || 'the whole'}: ${issue.message.replace(/^Invalid input: /, '')}.`);
}

/** Whether samples have several labels each. */
export const describesSeveral = ({ task, labels: described }: Description): boolean =>
  task === undefined ? Array.isArray(described?.key) : isSeveral(task);

function checkLabels({ task, labels: { key, names } = { file: '' } }: Description, path: string): void {
  if (task === undefined && !Array.isArray(key))
    throw new FormatError(path, `task: is missing; it is one of ${taskKinds.join(', ')}.`);
  const isOne = task !== undefined && !isSeveral(task);
  if (isOne && (Array.isArray(key) || names))
    throw new FormatError(
      path,
      `labels.${names ? 'names' : 'key'} is of several labels, and the task ${task} has one; set task: multilabel (each 0 or 1) or multitarget (values).`,
    );
  const twice = repeatedIn(Array.isArray(key) ? key : []) ?? repeatedIn(names ?? []);
  if (twice !== undefined) throw new FormatError(path, `labels names ${quoted(twice)} twice; name each label once.`);
}

const repeatedIn = (names: readonly string[]): string | undefined => names.find((name, n) => names.indexOf(name) < n);

function checkShares(shares: Readonly<Record<string, number>>, path: string): void {
  const sum = Object.values(shares).reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > 1e-6) throw new FormatError(path, `split.fractions sum to ${sum}, not to 1.`);
}

function knownKeys([first, second]: readonly string[]): string[] {
  if (first === undefined) return Object.keys(descriptionSchema.shape);
  if (first === 'modalities' && second !== undefined) return Object.keys(modality.shape);
  if (first === 'labels') return Object.keys(labels.shape);
  return first === 'split'
    ? [...Object.keys(column.shape), ...Object.keys(fractions.shape)]
    : Object.keys(column.shape);
}
