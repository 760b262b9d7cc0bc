/** One split of a data file as a table, whatever the format: columns by name, each with a row per sample. */
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { type Split, splits as allSplits } from '../dataset.ts';
import { videosOf } from '../samples.ts';
import { type Columns, numeric, type NumericArray, texts } from './columns.ts';

export interface SplitTable {
  /** Which errors name. */
  readonly file: string;
  readonly split: Split;
  /** All of them, in the order of the file: real numbers as arrays, and else what the format gives. */
  readonly columns: Columns;
  /** Those of the columns that hold real numbers. */
  readonly numbers: ReadonlyMap<string, NumericArray>;
}

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

/** Tables of the splits that are wanted, each of which must be there; or of all that are present. */
export function tablesOf(value: unknown, wanted: readonly Split[] | 'present', file: string): SplitTable[] {
  const keys = value instanceof Map ? [...value.keys()].filter((key) => typeof key === 'string') : [];
  const present = allSplits.filter((split) => keys.includes(split));
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

/** How many samples a table has: each of these columns, one at least, has a row for every one. */
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
const rowCount = (column: unknown): number | undefined =>
  column instanceof NdArray ? column.shape[0] : Array.isArray(column) ? column.length : undefined;

/** The column `id`; where there is none, the split with the number of the row. */
export const idsOf = ({ split, columns }: SplitTable, rows: number): string[] =>
  texts(columns.get('id')) ?? Array.from({ length: rows }, (_, n) => `${split}-${n}`);

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
