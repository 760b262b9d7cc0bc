/** A dataset of one's own, put together from files as its description says: row n of every column is sample n. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { splitsByShares } from '../folds.ts';
import { splits as allSplits, type Dataset, type Split } from '../dataset.ts';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import type { OpenedFile } from '../../formats/opened.ts';
import { type Columns, numeric, texts } from '../tables/columns.ts';
import { type DescribedModality, type Description, readDescription } from './schema.ts';
import { lengthKey } from '../tables/lengths.ts';
import { type MmsaOptions, readMmsa } from '../tables/dataset.ts';
import { readAndClose } from '../datasets/opened.ts';
import { padded, rowsOf, splitByColumn } from '../tables/splits.ts';

const splitMark = '{split}';

/** The dataset that a `dataset.yaml` describes. Throws a `FormatError` that names the file and the key. */
export async function readDescribed(file: string, options: Omit<MmsaOptions, 'preset' | 'labelKey'>): Promise<Dataset> {
  const description = readDescription(file);
  const files = new Files(path.dirname(file));
  return readAndClose(
    () => files.close(),
    options,
    async () => {
      const tables = await tablesOf(description, files, file);
      const {
        task,
        range,
        classes,
        metrics,
        modalities,
        name = path.basename(path.dirname(path.resolve(file))),
      } = description;
      const labels = [...tables.values()].map((columns) => columns.get('labels'));
      const named = task === 'classification' ? (classes ?? classNames(labels)) : undefined;
      const known = {
        name,
        metrics: metrics ?? task,
        ...(range && { range }),
        ...(named && { classes: named }),
      };
      const ready = new Map([...tables].map(([split, columns]) => [split, padded(withIndices(columns, named, file))]));
      const names = Object.keys(modalities);
      const unknown = options.modalities?.find((each) => !names.includes(each));
      if (unknown !== undefined)
        throw new FormatError(
          file,
          `describes no modality ${quoted(unknown)}; it has ${names.map(quoted).join(', ')}.`,
        );
      return await readMmsa(ready, {
        modalities: names,
        ...options,
        ...{ file, task, known, labelKey: 'labels' },
      });
    },
  );
}

/** Files that are opened once, and closed together. */
class Files {
  readonly #opened = new Map<string, Promise<OpenedFile>>();

  constructor(readonly folder: string) {}

  /** `name` from the folder, or from that of another file. */
  open(name: string, from = this.folder): Promise<OpenedFile> {
    const place = path.resolve(from, name);
    const known = this.#opened.get(place) ?? openFile(place);
    this.#opened.set(place, known);
    return known;
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#opened.values());
    for (const one of settled) if (one.status === 'fulfilled') await one.value.close();
  }
}

async function tablesOf(description: Description, files: Files, file: string): Promise<ReadonlyMap<Split, Columns>> {
  const marked = Object.values(description.modalities).some((each) => each.file.includes(splitMark));
  if (marked) {
    if (description.split)
      throw new FormatError(file, `names a split, and its file names hold ${splitMark}; keep one.`);
    const present = allSplits.filter((split) =>
      Object.values(description.modalities).every((each) =>
        existsSync(path.resolve(files.folder, each.file.replaceAll(splitMark, split))),
      ),
    );
    if (present.length === 0)
      throw new FormatError(file, `names files by ${splitMark}, and there are none for train, valid or test.`);
    const tables = present.map(async (split) => [split, await columnsOf(description, files, file, split)] as const);
    return new Map(await Promise.all(tables));
  }
  const columns = await columnsOf(description, files, file);
  const { split } = description;
  if (!split) throw new FormatError(file, `says nothing of splits; add "split", or ${splitMark} to the file names.`);
  if (!('fractions' in split)) return splitByColumn(columns, 'split', file);
  return splitByShares(columns, split.fractions, { seed: split.seed, file });
}

/** Every column that a description names, by what it is. */
async function columnsOf(description: Description, files: Files, file: string, split?: Split): Promise<Columns> {
  const { modalities, labels, id, group, split: splitting } = description;
  const columns = new Map<string, unknown>();
  const place = (name: string): string => name.replaceAll(splitMark, split ?? splitMark);
  const read = async (
    key: string,
    from: { readonly file: string; readonly key?: string | undefined },
  ): Promise<void> => {
    const opened = await files.open(place(from.file));
    columns.set(key, lookUp(opened, from.key));
  };
  for (const [name, modality] of Object.entries(modalities))
    for (const [key, column] of await modalityColumns(name, modality, files, place)) columns.set(key, column);
  if (labels) await read('labels', labels);
  if (id) await read('id', id);
  if (group) await read('group', group);
  if (splitting && 'file' in splitting) await read('split', splitting);
  if (splitting && 'group' in splitting && splitting.group) await read(splitGroup, splitting.group);
  checkRows(columns, file);
  return columns;
}

/** The column that fractions keep together; no feature, since it has no numbers. */
const splitGroup = 'split group';

async function modalityColumns(
  name: string,
  { file, key, lengths, paths }: DescribedModality,
  files: Files,
  place: (name: string) => string,
): Promise<readonly (readonly [string, unknown])[]> {
  const opened = await files.open(place(file));
  const found = Array.isArray(key) ? sideBySide(opened, key) : lookUp(opened, key);
  const column = paths ? await arraysAt(found, opened, files) : found;
  return [[name, column], ...(lengths === undefined ? [] : [[lengthKey(name), lookUp(opened, lengths)] as const])];
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
async function arraysAt(column: unknown, { file }: OpenedFile, files: Files): Promise<readonly unknown[]> {
  const names = texts(column);
  if (!names) throw new FormatError(file, 'has no column of paths where "paths" says so.');
  const folder = path.dirname(file);
  const arrays: unknown[] = [];
  for (const [row, name] of names.entries()) {
    if (path.relative(folder, path.resolve(folder, name)).startsWith('..') || path.isAbsolute(name))
      throw new FormatError(file, `row ${row} names ${quoted(name)}, which lies outside of the folder.`);
    const opened = await files.open(name, folder);
    const array = numeric(opened.value);
    if (!array) throw new FormatError(opened.file, 'holds no array of numbers.');
    // Read now, so that not all files stay open at once.
    arrays.push(new NdArray(array.shape, array.dtype, array.data));
  }
  return arrays;
}

function checkRows(columns: Columns, file: string): void {
  const counts = [...columns].map(([name, column]) => {
    const rows = column instanceof NdArray ? column.shape[0] : Array.isArray(column) ? column.length : undefined;
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

/** Splits by shares of the samples, or of what must stay together, always the same ones for a seed. */
function splitByShares(
  columns: Columns,
  shares: Readonly<Record<Split, number>>,
  { seed, file }: { readonly seed: number; readonly file: string },
): ReadonlyMap<Split, Columns> {
  const [first] = columns.values();
  const rows = first instanceof NdArray ? first.shape[0]! : (first as readonly unknown[]).length;
  const ids = Array.from({ length: rows }, (_, n) => String(n).padStart(10, '0'));
  const groups = texts(columns.get(splitGroup)) ?? ids;
  let named: ReadonlyMap<string, Split>;
  try {
    named = splitsByShares(ids, groups, shares, { seed });
  } catch (error) {
    throw new FormatError(file, (error as Error).message, { cause: error });
  }
  const own: Record<Split, number[]> = { train: [], valid: [], test: [] };
  ids.forEach((id, n) => own[named.get(id)!].push(n));
  const others = new Map([...columns].filter(([name]) => name !== splitGroup));
  return new Map(allSplits.map((split) => [split, rowsOf(others, own[split])]));
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
