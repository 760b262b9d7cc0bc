/** A dataset of one's own, put together from files as its description says: row n of every column is sample n. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { splits as allSplits, type Dataset, type Split } from '../dataset.ts';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { OpenedFile } from '../../formats/bytes/opened.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { type Columns, lengthKey, numeric, rowCount, texts } from '../tables/table.ts';
import { type Description, readDescription } from './schema.ts';
import { datasetOf, type TableOptions } from '../tables/dataset.ts';
import { padded, splitByColumn, splitByFractions } from '../tables/splits.ts';

/** Stands for the split in the names of files. */
const splitMark = '{split}';

/** The column of groups that fractions keep together; it is no modality, since it has no numbers. */
const splitGroup = 'split group';

/** The dataset that a `dataset.yaml` describes. Throws a `FormatError` that names the file and the key. */
export async function readDescribed(file: string, files: OpenFiles, options: TableOptions): Promise<Dataset> {
  const description = readDescription(file);
  const splits = await splitsOf(description, files, file);
  const {
    task,
    range,
    classes,
    metrics,
    modalities,
    name = path.basename(path.dirname(path.resolve(file))),
  } = description;
  const labels = [...splits.values()].map((columns) => columns.get('labels'));
  const named = task === 'classification' ? (classes ?? classNames(labels)) : undefined;
  const ready = new Map([...splits].map(([split, columns]) => [split, padded(withIndices(columns, named, file))]));
  const names = Object.keys(modalities);
  const unknown = options.ifAny ? undefined : options.modalities?.find((each) => !names.includes(each));
  if (unknown !== undefined)
    throw new FormatError(file, `describes no modality ${quoted(unknown)}; it has ${names.map(quoted).join(', ')}.`);
  const group = options.group ?? (options.groupIfAny && description.group ? 'group' : undefined);
  return datasetOf(ready, {
    modalities: names,
    ...options,
    ...{ file, task, described: true, labelKey: 'labels', groupIfAny: false },
    ...(group !== undefined && { group }),
    known: { name, metrics: metrics ?? task, ...(range && { range }), ...(named && { classes: named }) },
  });
}

/** The splits by file names, or by a column or fractions of the one table that there is. */
async function splitsOf(
  description: Description,
  files: OpenFiles,
  file: string,
): Promise<ReadonlyMap<Split, Columns>> {
  const { modalities, split } = description;
  const names = Object.values(modalities).map((modality) => modality.file);
  if (names.some((name) => name.includes(splitMark))) {
    if (split) throw new FormatError(file, `names a split, and its file names hold ${splitMark}; keep one.`);
    const folder = path.dirname(file);
    const present = allSplits.filter((one) =>
      names.every((name) => existsSync(path.resolve(folder, name.replaceAll(splitMark, one)))),
    );
    if (present.length === 0)
      throw new FormatError(file, `names files by ${splitMark}, and there are none for train, valid or test.`);
    const columns = present.map(
      async (one) => [one, await describedColumns(description, { file, files, split: one })] as const,
    );
    return new Map(await Promise.all(columns));
  }
  const columns = await describedColumns(description, { file, files });
  if (!split) throw new FormatError(file, `says nothing of splits; add "split", or ${splitMark} to the file names.`);
  return 'fractions' in split
    ? splitByFractions(columns, split.fractions, { group: splitGroup, seed: split.seed, file })
    : splitByColumn(columns, 'split', file);
}

interface Reading {
  /** The path of the description, which errors name. */
  readonly file: string;
  readonly files: OpenFiles;
  /** The split that `splitMark` stands for in the names of files. */
  readonly split?: Split;
}

/** The modalities and their lengths by name, and `labels`, `id`, `group`, `split` and `splitGroup` where they are named. */
async function describedColumns(description: Description, { file, files, split }: Reading): Promise<Columns> {
  const { modalities, labels, id, group, split: splitting } = description;
  const open = (name: string): Promise<OpenedFile> =>
    files.open(path.resolve(path.dirname(file), name.replaceAll(splitMark, split ?? splitMark)), {
      columns: description.columns?.[name],
    });
  const columns = new Map<string, unknown>();
  for (const [name, modality] of Object.entries(modalities)) {
    const { key, lengths, paths } = modality;
    const opened = await open(modality.file);
    const column = Array.isArray(key) ? sideBySide(opened, key) : lookUp(opened, key);
    columns.set(name, paths ? await arraysAt(column, opened, files) : column);
    if (lengths !== undefined) columns.set(lengthKey(name), lookUp(opened, lengths));
  }
  const others = {
    labels,
    id,
    group,
    split: splitting && 'file' in splitting ? splitting : undefined,
    [splitGroup]: splitting && 'group' in splitting ? splitting.group : undefined,
  };
  for (const [name, column] of Object.entries(others))
    if (column) columns.set(name, lookUp(await open(column.file), column.key));
  checkRows(columns, file);
  return columns;
}

/** An array or column by its name, through groups by `/`; without a name, the only one there is. */
function lookUp({ value, file }: OpenedFile, key: string | undefined): unknown {
  if (key === undefined) {
    if (!(value instanceof Map)) return value;
    const only = [...(value as Map<unknown, unknown>).values()];
    if (only.length === 1) return only[0];
    throw new FormatError(file, `holds ${namesIn(value)}; say which by "key".`);
  }
  if (value instanceof Map && value.has(key)) return value.get(key) as unknown;
  const found = key
    .split('/')
    .reduce((inner, part): unknown => (inner instanceof Map ? (inner.get(part) as unknown) : undefined), value);
  if (found === undefined) throw new FormatError(file, `has no ${quoted(key)}; it has ${namesIn(value)}.`);
  return found;
}

function namesIn(value: unknown): string {
  if (!(value instanceof Map)) return 'a single array';
  const names = [...value.keys()].map((name) => quoted(String(name)));
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ') || 'nothing';
}

/** Columns of one number per sample as `[N, columns]`. */
function sideBySide(opened: OpenedFile, keys: readonly string[]): NdArray {
  const arrays = keys.map((key) => {
    const array = numeric(lookUp(opened, key));
    if (array?.data.length !== array?.shape[0] || !array)
      throw new FormatError(opened.file, `${quoted(key)} is not one number per row, and cannot be put beside others.`);
    return array;
  });
  const rows = arrays[0]!.shape[0]!;
  const data = new Float32Array(rows * keys.length);
  for (const [d, array] of arrays.entries())
    for (let n = 0; n < rows; n++) data[n * keys.length + d] = Number(array.data[n]!);
  return new NdArray([rows, keys.length], 'float32', data);
}

/** The arrays in the `.npy` files that a column names, which lie in or below the folder of the column's file. */
async function arraysAt(column: unknown, { file }: OpenedFile, files: OpenFiles): Promise<readonly unknown[]> {
  const names = texts(column);
  if (!names) throw new FormatError(file, 'has no column of paths where "paths" says so.');
  const folder = path.dirname(file);
  const arrays: unknown[] = [];
  for (const [row, name] of names.entries()) {
    if (path.relative(folder, path.resolve(folder, name)).startsWith('..') || path.isAbsolute(name))
      throw new FormatError(file, `row ${row} names ${quoted(name)}, which lies outside of the folder.`);
    const opened = await files.open(path.resolve(folder, name));
    const array = numeric(opened.value);
    if (!array) throw new FormatError(opened.file, 'holds no array of numbers.');
    // The numbers are read now, since there may be as many files as samples.
    arrays.push(new NdArray(array.shape, array.dtype, array.data));
  }
  return arrays;
}

/** Every column has as many rows as the first. */
function checkRows(columns: Columns, file: string): void {
  const counts = [...columns].map(([name, column]) => {
    const rows = rowCount(column);
    if (rows === undefined) throw new FormatError(file, `${quoted(name)} is no array or list with a row per sample.`);
    return [name, rows] as const;
  });
  const [first] = counts;
  const other = counts.find(([, rows]) => rows !== first![1]);
  if (other)
    throw new FormatError(
      file,
      `${quoted(first![0])} has ${first![1]} rows and ${quoted(other[0])} ${other[1]}; they must match.`,
    );
}

/** The different labels, if they are texts: sorted, they are the classes. */
function classNames(labels: readonly unknown[]): readonly string[] | undefined {
  const found = labels.flatMap((column) => (column === undefined || numeric(column) ? [] : (texts(column) ?? [])));
  return found.length > 0 ? [...new Set(found)].sort() : undefined;
}

/** Columns whose labels are class names, with indices in their place. */
function withIndices(columns: Columns, classes: readonly string[] | undefined, file: string): Columns {
  const labels = columns.get('labels');
  if (labels === undefined || !classes || numeric(labels)) return columns;
  const indices = texts(labels)!.map((name, row) => {
    const index = classes.indexOf(name);
    if (index < 0)
      throw new FormatError(file, `row ${row}: the label ${quoted(name)} is none of ${classes.join(', ')}.`);
    return index;
  });
  return new Map([...columns, ['labels', new NdArray([indices.length], 'int32', Int32Array.from(indices))]]);
}
