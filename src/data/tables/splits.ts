/** The splits in what a file holds, each with its columns: files nest and name them in several ways. */
import { isNumericData, isInFile, NdArray, type NumericData, toFloat32 } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { rowsOfNumbers, StoredRows } from '../../formats/bytes/stored-rows.ts';
import { asOneSample } from './one-sample.ts';
import { splitOf } from '../../formats/split-names.ts';
import { splits as allSplits, type Split } from '../dataset.ts';
import { type Columns, emptyKey, lengthKey, numeric, texts, unevenKey } from './table.ts';

/**
 * A `Map` of splits, each a `Map` of columns, from a `Map` of these (a pickle, groups of HDF5), from names such as
 * `train/text`, `train.text` or `train_text` (npz, safetensors), or from columns of which one is called `split`. Anything
 * else is returned as it is. Sequences of different lengths are padded, with their lengths beside them.
 */
export function splitsIn(value: unknown, file: string): unknown {
  if (!(value instanceof Map)) return value;
  const entries = [...(value as Map<unknown, unknown>)];
  const nested = nestedIn(value);
  if (nested.length > 0) return paddedSplits(nested, file);
  const named = new Map<Split, Map<string, unknown>>();
  for (const [key, inner] of entries) {
    const { split, column } = splitAndColumn(key);
    if (split !== undefined) named.set(split, (named.get(split) ?? new Map<string, unknown>()).set(column, inner));
  }
  if (named.size > 0) return paddedSplits([...named], file);
  if (value.get(splitColumn) === undefined) return value;
  const columns = new Map(entries.filter((entry): entry is [string, unknown] => typeof entry[0] === 'string'));
  return paddedSplits([...splitByColumn(columns, splitColumn, file)], file);
}

/**
 * What `splitsIn` gives; where there are no splits, all rows as the split `test`, and arrays `[T, D]` of one sample as one.
 * With `all`, a column that names the split of each row is passed over, so that rows stay in the order of the file.
 */
export function splitsOrWhole(
  value: unknown,
  file: string,
  { all = false }: { readonly all?: boolean } = {},
): { readonly splits: unknown; readonly isWhole: boolean } {
  const given: unknown = all && value instanceof Map && hasSplits(value) === 'maybe' ? withoutSplit(value) : value;
  const splits = splitsIn(given, file);
  if (splits !== given || !(given instanceof Map)) return { splits, isWhole: false };
  const columns = new Map([...given].filter((entry): entry is [string, unknown] => typeof entry[0] === 'string'));
  return { splits: new Map([['test', padded(asOneSample(given) ?? columns)]]), isWhole: true };
}

const withoutSplit = (value: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> =>
  new Map([...value].filter(([name]) => name !== splitColumn));

/** The dicts of a dict that is of splits; none for anything else. */
export const nestedIn = (value: unknown): (readonly [Split, Columns])[] =>
  (value instanceof Map ? [...(value as Map<unknown, unknown>)] : []).flatMap(([key, inner]) => {
    const split = splitOf(key);
    return split !== undefined && inner instanceof Map ? [[split, inner as Columns] as const] : [];
  });

/** Whether `splitsIn` finds splits; `maybe` where names alone say so, which may mean something else: `train_text` beside `train_loss`. */
export function hasSplits(value: unknown): 'yes' | 'maybe' | 'no' {
  if (!(value instanceof Map)) return 'no';
  const entries = [...(value as Map<unknown, unknown>)];
  if (nestedIn(value).length > 0) return 'yes';
  const named = entries.some(
    ([key, inner]) =>
      splitAndColumn(key).split !== undefined && (!(inner instanceof NdArray) || inner.shape.length > 1),
  );
  return named || value.has(splitColumn) ? 'maybe' : 'no';
}

/** The column that names the split of each row. */
const splitColumn = 'split';

/** The parts of a name such as `train_text`. */
function splitAndColumn(key: unknown): { readonly split: Split | undefined; readonly column: string } {
  const [, name, column = ''] = (typeof key === 'string' && /^([a-z]+)[/._](.+)$/i.exec(key)) || [];
  return { split: splitOf(name), column };
}

function paddedSplits(splits: readonly (readonly [Split, Columns])[], file: string): ReadonlyMap<Split, Columns> {
  const twice = splits.find(([split], i) => splits.findIndex(([other]) => other === split) < i);
  if (twice) throw new FormatError(file, `holds the split "${twice[0]}" under two names; keep one of them.`);
  return new Map(splits.map(([split, columns]) => [split, padded(columns)]));
}

/** Columns of all samples as splits, by one of them that names the split of each row. */
function splitByColumn(columns: Columns, key: string, file: string): ReadonlyMap<Split, Columns> {
  const names = texts(columns.get(key));
  if (!names) throw new FormatError(file, `column ${quoted(key)} is no list of split names.`);
  const others = new Map([...columns].filter(([name]) => name !== key));
  return new Map([...rowsBySplit(names, key, file)].map(([split, own]) => [split, pickRows(others, own)]));
}

/** The rows of each split that has some, by the name of the split of each row. */
export function rowsBySplit(
  names: readonly string[],
  key: string,
  file: string,
  among: Iterable<number> = names.keys(),
): ReadonlyMap<Split, readonly number[]> {
  const rows = new Map<Split, number[]>(allSplits.map((split) => [split, []]));
  for (const row of among) {
    const name = names[row]!;
    const split = splitOf(name.trim());
    if (split === undefined)
      throw new FormatError(file, `row ${row}: ${quoted(key)} is ${quoted(name)}; a split is train, valid or test.`);
    rows.get(split)!.push(row);
  }
  return new Map([...rows].filter(([, own]) => own.length > 0));
}

/** Some rows of every column, in the order of `rows`; row -1 is one of zeros, or of an empty text. */
const pickRows = (columns: Columns, rows: readonly number[]): Columns =>
  new Map([...columns].map(([name, column]) => [name, pickRowsOf(column, rows)]));

export function pickRowsOf(column: unknown, rows: readonly number[]): unknown {
  if (Array.isArray(column)) return rows.map((row) => (row < 0 ? '' : (column as readonly unknown[])[row]));
  if (!(column instanceof NdArray)) return column;
  const { elements, dtype, shape } = column;
  const [count = 0, ...rest] = shape;
  const picked = [rows.length, ...rest];
  if (isInFile(elements) && dtype !== 'string' && dtype !== 'object')
    return new NdArray(picked, dtype, new StoredRows(column, elements, dtype, rows));
  const { data } = column;
  const size = count === 0 ? 0 : data.length / count;
  const some = isNumericData(data)
    ? rowsOfNumbers(data, rows, size)
    : rows.flatMap((row) => (row < 0 ? Array<unknown>(size).fill('') : data.slice(row * size, (row + 1) * size)));
  return new NdArray(picked, dtype, some);
}

/**
 * The columns, with lists of sequences `[T_n, D]` or `[T_n]` of different lengths padded to `[N, T, D]`. A row that holds
 * none, such as null or an empty list, has length 0; where all others are vectors `[D]` of one width, the column becomes
 * `[N, D]`.
 */
export function padded(columns: Columns): Columns {
  const result = new Map<string, unknown>();
  for (const [name, column] of columns) {
    const sequences = sequencesIn(column);
    if (!sequences) {
      result.set(name, column);
      continue;
    }
    const { array, lengths } = pad(sequences);
    result.set(name, array);
    if (columns.has(lengthKey(name))) continue;
    const { length: count } = lengths;
    result.set(lengthKey(name), new NdArray([count], 'int32', lengths));
    if (array.shape.length < 3) continue;
    const isUneven = lengths.some((length) => length > 0 && length < array.shape[1]!);
    const empty = Uint8Array.from(lengths, (length) => Number(length === 0));
    result.set((isUneven ? unevenKey : emptyKey)(name), new NdArray([count], 'bool', empty));
  }
  return result;
}

/** Sequences of one width whose lengths differ, undefined in rows that hold none; undefined for anything else. */
function sequencesIn(column: unknown): readonly (NdArray | undefined)[] | undefined {
  const items = column instanceof NdArray && column.dtype === 'object' ? column.data : column;
  if (!Array.isArray(items) || items.length === 0) return undefined;
  const rows = items.map((item): unknown => (isNothing(item) ? undefined : item));
  if (!rows.some((row) => row instanceof NdArray || Array.isArray(row))) return undefined;
  const arrays = rows.map((row) => (row instanceof NdArray ? row : numeric(row, 1)));
  const known = arrays.filter((array) => array !== undefined);
  const [first] = known;
  if (!first || (first.shape.length !== 1 && first.shape.length !== 2)) return undefined;
  const alike = ({ shape }: NdArray): boolean => shape.length === first.shape.length && shape[1] === first.shape[1];
  if (!known.every((array) => alike(array) && numeric(array) !== undefined)) return undefined;
  // What is neither nothing nor numbers makes the column one of something else.
  if (arrays.some((array, n) => array === undefined && rows[n] !== undefined)) return undefined;
  return arrays.every((array) => array?.shape[0] === first.shape[0]) ? undefined : arrays;
}

/** Whether a row of a column of sequences holds none. */
export const isNothing = (item: unknown): boolean =>
  item === null ||
  item === undefined ||
  item === '' ||
  (Array.isArray(item) && item.length === 0) ||
  (item instanceof NdArray && item.shape.includes(0)) ||
  Number.isNaN(item);

function pad(sequences: readonly (NdArray | undefined)[]): { readonly array: NdArray; readonly lengths: Int32Array } {
  const count = sequences.length;
  const { shape } = sequences.find((each) => each !== undefined)!;
  const vectors = shape.length === 1 && sequences.every((each) => each === undefined || each.shape[0] === shape[0]);
  const width = vectors ? shape[0]! : (shape[1] ?? 1);
  const lengths = sequences.map((each) => (each === undefined ? 0 : vectors ? 1 : each.shape[0]!));
  const time = Math.max(...lengths);
  const data = new Float32Array(count * time * width);
  for (const [n, each] of sequences.entries())
    if (each) data.set(toFloat32(each.data as NumericData), n * time * width);
  return {
    array: new NdArray(vectors ? [count, width] : [count, time, width], 'float32', data),
    lengths: Int32Array.from(lengths),
  };
}
