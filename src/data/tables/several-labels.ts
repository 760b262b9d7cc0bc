/** Labels `[N, L]`, several of a sample: each 0 or 1, or each a value. */
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Split } from '../dataset.ts';
import { labelColumn, type SeveralLabels } from '../task.ts';
import type { Known } from './known.ts';
import { extent, type LabelOptions, type Labels } from './read-labels.ts';
import { lackingLabels, type NumericArray, type SplitTable } from './table.ts';

type Kind = SeveralLabels['kind'];

/** The columns that may hold them, unless one is named; the first of these with more than one number per row is read. */
const usualKeys = ['labels', 'classification_labels', 'regression_labels'] as const;

/**
 * The labels of a dataset each sample of which has several. NaN is one that a sample lacks. Throws a `FormatError` for a
 * sample without any, where labels are required, and for a number that does not fit the task.
 */
export function readSeveralLabels(tables: readonly SplitTable[], kind: Kind, options: LabelOptions): Labels {
  const { required, described, known: given } = options;
  const key = options.key ?? keyIn(tables);
  const found = tables.flatMap((table) => {
    const array = arrayOf(table, key, { required, described });
    return array ? [{ table, ...array }] : [];
  });
  const width = found[0]?.width ?? given.names?.length ?? 0;
  const known = given.title === undefined || given.task === kind ? given : {};
  const names = namesOf(known, width, { key, file: tables[0]!.file });
  for (const each of found) check(each, { kind, names, key, required });
  const bySplit = tables.map(({ split }): [Split, { labels?: Float32Array; keys: readonly string[] }] => {
    const own = found.find(({ table }) => table.split === split);
    return [split, { ...(own && { labels: own.labels }), keys: own ? [key] : [] }];
  });
  const training = (found.find(({ table }) => table.split === 'train') ?? found[0])?.labels;
  const task: SeveralLabels =
    kind === 'multilabel'
      ? { kind, names }
      : { kind, names, ranges: names.map((_, l) => extent(training && labelColumn(training, width, l))) };
  return { task, key, bySplit: new Map(bySplit), known };
}

const widthOf = ({ shape, data }: NumericArray): number => (shape[0] ? data.length / shape[0] : 0);

const keyIn = (tables: readonly SplitTable[]): string =>
  usualKeys.find((name) => tables.some(({ numbers }) => numbers.has(name) && widthOf(numbers.get(name)!) > 1)) ??
  usualKeys[0];

interface LabelArray {
  /** `[N, L]`. */
  readonly labels: Float32Array;
  /** L. */
  readonly width: number;
}

/** Undefined where a split has no labels, and need not have any. */
function arrayOf(
  table: SplitTable,
  key: string,
  { required, described }: Pick<LabelOptions, 'required' | 'described'>,
): LabelArray | undefined {
  const { file, split, columns, numbers } = table;
  if (!columns.has(key)) {
    if (!required) return undefined;
    throw lackingLabels(table, { key, described });
  }
  const array = numbers.get(key);
  const labels = Float32Array.from(array ? toNumbers(array.data) : []);
  if (!required && labels.every(Number.isNaN)) return undefined;
  if (!array || labels.length === 0 || array.shape.filter((size) => size !== 1).length > 2)
    throw new FormatError(
      file,
      `split "${split}": ${quoted(key)} is not several numbers per sample; save numbers [N, labels].`,
    );
  return { labels, width: widthOf(array) };
}

function namesOf(
  { names }: Known,
  width: number,
  { key, file }: { readonly key: string; readonly file: string },
): readonly string[] {
  if (!names) return Array.from({ length: width }, (_, l) => `label${l + 1}`);
  if (names.length !== width)
    throw new FormatError(file, `${quoted(key)} has ${width} labels per sample, and ${names.length} are named.`);
  // By these names JSON and records would hold what every object has, or leave the label out.
  const reserved = names.find((name) => name in Object.prototype);
  if (reserved !== undefined)
    throw new FormatError(file, `a label cannot be called ${quoted(reserved)}, as every object has that; rename it.`);
  return names;
}

function check(
  { table: { file, split }, labels, width }: LabelArray & { readonly table: SplitTable },
  {
    kind,
    names,
    key,
    required,
  }: { readonly kind: Kind; readonly names: readonly string[]; readonly key: string; readonly required: boolean },
): void {
  if (width !== names.length)
    throw new FormatError(
      file,
      `split "${split}": ${quoted(key)} has ${width} labels per sample, and others have ${names.length}.`,
    );
  for (const [i, value] of labels.entries()) {
    if (Number.isNaN(value) || (kind === 'multilabel' ? value === 0 || value === 1 : Number.isFinite(value))) continue;
    const place = `split "${split}", row ${Math.floor(i / width)}: label ${value} of ${quoted(names[i % width]!)}`;
    throw new FormatError(
      file,
      kind === 'multilabel'
        ? `${place} is neither 0 nor 1; correct the file, or read values with the task multitarget.`
        : `${place} is no finite number; correct the file, or leave the cell empty.`,
    );
  }
  if (!required) return;
  for (let row = 0; row * width < labels.length; row++)
    if (labels.subarray(row * width, (row + 1) * width).every(Number.isNaN))
      throw new FormatError(file, `split "${split}", row ${row}: none of its labels is a number; leave the row out.`);
}
