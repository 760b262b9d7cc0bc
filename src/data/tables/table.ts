/** One split of a data file as a table, whatever the format: columns by name, each with a row per sample. */
import { isReal, NdArray, type NumericData, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { type Split, splits as allSplits } from '../dataset.ts';
import { videosOf } from '../samples.ts';

/** Arrays and lists by name, in the order of the file. */
export type Columns = ReadonlyMap<string, unknown>;

export type NumericArray = NdArray & { readonly data: NumericData };

/** The column of the true lengths of a modality. */
export const lengthKey = (modality: string): string => `${modality}_lengths`;

/** The column of truth values that says which samples lack a modality, where files were joined and some do. */
export const absentKey = (modality: string): string => `${modality} absent`;

/**
 * The column of truth values that says which rows of a list hold no sequence, where all others are equally long: their
 * lengths tell nothing of where these are padded.
 */
export const emptyKey = (modality: string): string => `${modality} empty`;

/**
 * The column of truth values of `emptyKey`, where other rows of the list are not equally long: where training had padding
 * in front, steps of zeros in front of a row are padding all the same.
 */
export const unevenKey = (modality: string): string => `${modality} uneven`;

export interface SplitTable {
  /** The path of the file, which errors name. */
  readonly file: string;
  readonly split: Split;
  /** All columns, in the order of the file: real numbers as arrays, all else as the format gives it. */
  readonly columns: Columns;
  /** Those of the columns that hold real numbers. */
  readonly numbers: ReadonlyMap<string, NumericArray>;
}

/** The error of a split that lacks the labels which are asked for. */
export const lackingLabels = (
  { file, split, columns }: SplitTable,
  { key, described }: { readonly key: string; readonly described: boolean },
): FormatError =>
  new FormatError(
    file,
    described
      ? `describes no labels for the split "${split}"; add "labels", as in labels: { file: people.csv, key: score }.`
      : `split "${split}" has no ${quoted(key)}; it has ${[...columns.keys()].map(quoted).join(', ')}: ` +
          'say which of them is the label in a dataset.yaml (decalign init-data).',
  );

export function splitTable(file: string, split: Split, given: Columns): SplitTable {
  const numbers = new Map<string, NumericArray>();
  const columns = new Map<string, unknown>();
  for (const [key, column] of given) {
    const array = numeric(column);
    if (array) numbers.set(key, array);
    columns.set(key, array ?? column);
  }
  return { file, split, columns, numbers };
}

/** The splits that a dict of splits has. */
const splitsOf = (value: unknown): readonly Split[] =>
  allSplits.filter((split) => value instanceof Map && value.has(split));

/** The splits that a dict of splits has beside these. */
export const otherSplits = (value: unknown, tables: readonly SplitTable[]): readonly Split[] =>
  splitsOf(value).filter((split) => !tables.some((table) => table.split === split));

/** The table with the first of the columns `keys` that it has as the one of ids. */
export function withIds(table: SplitTable, keys: readonly string[]): SplitTable {
  const key = keys.find((each) => table.columns.has(each));
  if (key === undefined || key === 'id') return table;
  const columns = [...table.columns].filter(([name]) => name !== key);
  return splitTable(table.file, table.split, new Map([...columns, ['id', table.columns.get(key)]]));
}

/** Tables of the splits that are wanted, each of which must be there; or of all that are present. */
export function splitTables(value: unknown, wanted: readonly Split[] | 'present', file: string): SplitTable[] {
  const keys = value instanceof Map ? [...value.keys()].filter((key) => typeof key === 'string') : [];
  const present = splitsOf(value);
  if (!(value instanceof Map) || present.length === 0) {
    const held = value instanceof Map ? `a dict of ${keys.slice(0, 8).map(quoted).join(', ') || 'nothing'}` : 'no dict';
    throw new FormatError(
      file,
      `has no splits: it holds ${held}, not "train", "valid" and "test" of arrays, nor a column "split"; ` +
        'say what is where in a dataset.yaml (decalign init-data).',
    );
  }
  return (wanted === 'present' ? present : wanted).map((split) => {
    const columns: unknown = value.get(split);
    if (columns === undefined)
      throw new FormatError(file, `has no split "${split}"; it has ${present.map(quoted).join(', ')}.`);
    if (!(columns instanceof Map)) throw new FormatError(file, `split "${split}" is no dict of arrays.`);
    const named = [...(columns as Map<unknown, unknown>)].filter(
      (entry): entry is [string, unknown] => typeof entry[0] === 'string',
    );
    return splitTable(file, split, new Map(named));
  });
}

/** The number of samples of a table. Throws a `FormatError` unless each of these columns, one at least, has a row per sample. */
export function sampleCountOf({ file, split, columns }: SplitTable, keys: readonly string[]): number {
  const counts = keys.map((key) => [key, rowCount(columns.get(key)) ?? 0] as const);
  const [firstKey, rows] = counts[0]!;
  for (const [key, count] of counts)
    if (count !== rows)
      throw new FormatError(
        file,
        `split "${split}" has ${rows} rows of ${quoted(firstKey)} and ${count} of ${quoted(key)}; ` +
          'every array of a split needs one row per sample.',
      );
  return rows;
}

/** Rows of any column: the first axis of an array, the length of a list. */
export const rowCount = (column: unknown): number | undefined =>
  column instanceof NdArray ? column.shape[0] : Array.isArray(column) ? column.length : undefined;

/** The column `id`; where there is none, in it or at all, the split, or what is given in its place, with the number of the row. */
export const idsOf = ({ split, columns }: SplitTable, rows: number, unnamed: string = split): string[] =>
  texts(columns.get('id'))?.map((id, n) => id || `${unnamed}-${n}`) ??
  Array.from({ length: rows }, (_, n) => `${unnamed}-${n}`);

/** A column that says which samples belong together; `video` is also told by ids such as `video$_$clip`. */
export function groupsOf({ file, split, columns }: SplitTable, key: string, ids: readonly string[]): string[] {
  const groups = texts(columns.get(key)) ?? (key === 'video' ? videosOf(ids) : undefined);
  if (groups?.length === ids.length) return groups;
  throw new FormatError(
    file,
    groups
      ? `split "${split}" has ${ids.length} samples and ${groups.length} values of ${quoted(key)}.`
      : `split "${split}" has no column ${quoted(key)} to group by; it has ${[...columns.keys()].map(quoted).join(', ')}.`,
  );
}

/** Whether every table has a column `video` of names or numbers; features of that name tell no groups. */
export const nameVideos = (tables: readonly SplitTable[]): boolean =>
  tables.every(({ columns }) => {
    const videos = columns.get('video');
    return videos instanceof NdArray
      ? videos.shape.length === 1
      : Array.isArray(videos) && videos.every((item) => typeof item === 'string' || typeof item === 'number');
  });

/**
 * A value as an array of real numbers, lists of numbers or of equally shaped arrays included; else undefined. What is null
 * in a list within the list is a missing number, or a step of them.
 */
export function numeric(value: unknown, depth = 0): NumericArray | undefined {
  if (value instanceof NdArray && value.dtype !== 'object') return isReal(value) ? (value as NumericArray) : undefined;
  const items = value instanceof NdArray ? value.data : value;
  if (!Array.isArray(items) || items.length === 0 || depth > 3) return undefined;
  const outer = value instanceof NdArray ? value.shape : [items.length];
  const isGap = (item: unknown): boolean => depth > 0 && item === null;
  const isNumber = (item: unknown): boolean =>
    typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint';
  const known = items.findIndex((item) => !isGap(item));
  const isWhole = (item: unknown): boolean => typeof item === 'bigint' || Number.isInteger(item);
  if (items.some((item) => typeof item === 'bigint') && items.every(isWhole)) return longIntegers(outer, items);
  if (items.every((item) => isNumber(item) || isGap(item)))
    return array(
      outer,
      Float64Array.from(items, (item) => (item === null ? Number.NaN : Number(item))),
    );
  const first = numeric(items[known], depth + 1);
  if (first === undefined) return undefined;
  const size = first.data.length;
  const narrow = items.every((item) => item instanceof NdArray && item.dtype === 'float32');
  const stacked = narrow ? new Float32Array(items.length * size) : new Float64Array(items.length * size);
  for (const [i, item] of items.entries()) {
    if (isGap(item)) {
      stacked.fill(Number.NaN, i * size, (i + 1) * size);
      continue;
    }
    const part = numeric(item, depth + 1);
    if (part?.shape.length !== first.shape.length || part.shape.some((axis, a) => axis !== first.shape[a]))
      return undefined;
    stacked.set(part.data instanceof Float32Array ? part.data : toNumbers(part.data), i * size);
  }
  return array([...outer, ...first.shape], stacked);
}

/** Whole numbers of which some are beyond 2^53, to the last digit; undefined where 64 bits are too few. */
function longIntegers(shape: readonly number[], items: readonly unknown[]): NumericArray | undefined {
  const whole = items.map((item) => BigInt(item as number | bigint));
  if (whole.every((value) => BigInt.asIntN(64, value) === value))
    return new NdArray(shape, 'int64', BigInt64Array.from(whole)) as NumericArray;
  return whole.every((value) => BigInt.asUintN(64, value) === value)
    ? (new NdArray(shape, 'uint64', BigUint64Array.from(whole)) as NumericArray)
    : undefined;
}

const array = (shape: readonly number[], data: Float32Array | Float64Array): NumericArray =>
  new NdArray(shape, data instanceof Float32Array ? 'float32' : 'float64', data) as NumericArray;

/** A value as one text per row: ids come as lists, NumPy texts, numbers, or (video, start, end) triples. */
export function texts(value: unknown): string[] | undefined {
  if (value instanceof NdArray && value.shape.length > 1) {
    const width = value.shape.slice(1).reduce((product, axis) => product * axis, 1);
    const cells = Array.from(value.data as ArrayLike<unknown>, (cell) => text(cell));
    return Array.from({ length: value.shape[0]! }, (_, n) => cells.slice(n * width, (n + 1) * width).join('_'));
  }
  const items = value instanceof NdArray ? value.data : value;
  return Array.isArray(items) || ArrayBuffer.isView(items)
    ? Array.from(items as ArrayLike<unknown>, (item) => text(item))
    : undefined;
}

function text(value: unknown, depth = 0): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  const parts = value instanceof NdArray ? Array.from(value.data as ArrayLike<unknown>) : value;
  // A damaged file may hold a list that holds itself.
  return Array.isArray(parts) && depth === 0 ? parts.map((part) => text(part, 1)).join('_') : '';
}
