/** The files that a description names, as tables: columns by name, or one array, with the ids of their rows. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import { byPosition } from '../../formats/positions.ts';
import { listed } from '../columns/names.ts';
import type { Split } from '../dataset.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { nestedIn } from '../tables/splits.ts';
import { numeric, texts } from '../tables/table.ts';
import type { Description } from './schema.ts';

/** Stands for the split in the names of files. */
export const splitMark = '{split}';
/** Stands for the id of a sample in the name of a file of one sample each, or for the keys of a dict of samples. */
export const idMark = '{id}';

/** A file that a description names. */
export interface Table {
  /** Its path, which errors name; of files by id, with the mark in it. */
  readonly file: string;
  readonly shown: string;
  /** Columns by name, or anything else that a file holds. */
  readonly value: unknown;
  /** Of files by id. */
  readonly ids?: readonly string[];
  /** Whether it is of the split that is read alone: by its name, or by a dict of splits in it. */
  readonly isOfSplit: boolean;
}

export interface TableFiles {
  readonly folder: string;
  readonly files: OpenFiles;
  readonly split: Split | undefined;
  /** By file, the names of the columns of a table of text that has no header line. */
  readonly headers: Description['columns'];
}

/** The splits that a file has in it, as a dict of them; none where it is no such dict. */
export async function splitsInside(
  name: string,
  { folder, files, headers }: Omit<TableFiles, 'split'>,
): Promise<readonly Split[]> {
  if (name.includes(splitMark) || name.includes(idMark)) return [];
  const { value } = await files.open(path.resolve(folder, name), { columns: headers?.[name] });
  return nestedIn(value).map(([split]) => split);
}

export async function openTable(name: string, { folder, files, split, headers }: TableFiles): Promise<Table> {
  const shown = name.replaceAll(splitMark, split ?? splitMark);
  const file = path.resolve(folder, shown);
  const isOfSplit = name.includes(splitMark);
  if (shown.includes(idMark)) return { file, shown, isOfSplit, ...(await arraysById(file)) };
  const opened = await files.open(file, { columns: headers?.[name] });
  const value = byPosition(opened.value) ?? opened.value;
  const nested = split === undefined ? [] : nestedIn(value);
  if (nested.length === 0) return { file, shown, isOfSplit, value };
  const [, own] = nested.find(([each]) => each === split) ?? [];
  if (own === undefined) throw new FormatError(file, `has no split "${split!}".`);
  return { file, shown, isOfSplit: true, value: own };
}

/** What stands under a key, through groups by `/`; undefined where nothing does. */
function valueAt(value: unknown, key: string): unknown {
  if (value instanceof Map && value.has(key)) return value.get(key) as unknown;
  return key
    .split('/')
    .reduce((inner, part): unknown => (inner instanceof Map ? (inner.get(part) as unknown) : undefined), value);
}

export const holds = ({ value }: Table, key: string): boolean => valueAt(value, key) !== undefined;

/** An array or column of a table by its name, through groups by `/`; without a name, the only one there is. */
export function lookUp({ value, file }: Table, key: string | undefined): unknown {
  if (key === undefined) {
    if (!(value instanceof Map)) return value;
    const only = [...(value as Map<unknown, unknown>).values()];
    if (only.length === 1) return only[0];
    throw new FormatError(file, `holds ${namesIn(value)}; say which by "key".`);
  }
  const found = valueAt(value, key);
  if (found === undefined) throw new FormatError(file, `has no ${quoted(key)}; it has ${namesIn(value)}.`);
  return found;
}

const namesIn = (value: unknown): string =>
  value instanceof Map ? listed([...value.keys()].map(String)) : 'a single array';

/** The ids of the rows of a table: those of its files, or its column of that name; undefined where it has none. */
export function idsIn(table: Table, key: string): readonly string[] | undefined {
  if (table.ids) return table.ids;
  const column = table.value instanceof Map ? (table.value.get(key) as unknown) : undefined;
  return column === undefined ? undefined : idTexts(column);
}

/** Ids as texts, without the space that exports leave around them. */
export const idTexts = (column: unknown): string[] | undefined => texts(column)?.map((id) => id.trim());

/** A dict with an array per sample, under its id. */
export function samplesByKey({ value, file }: Table): { readonly ids: readonly string[]; readonly column: unknown } {
  if (!(value instanceof Map) || value.size === 0)
    throw new FormatError(file, `is no dict with an array for each id, which the key ${idMark} asks for.`);
  const entries = [...(value as Map<unknown, unknown>)];
  return { ids: entries.map(([id]) => String(id)), column: entries.map(([, array]) => array) };
}

/** The arrays of the files whose names differ in the id alone, which may stand once in a name, sorted by id. */
async function arraysById(
  pattern: string,
): Promise<{ readonly ids: readonly string[]; readonly value: readonly NdArray[] }> {
  const folder = path.dirname(pattern);
  const [before, after, more] = path.basename(pattern).split(idMark);
  if (after === undefined || more !== undefined || folder.includes(idMark))
    throw new FormatError(pattern, `has ${idMark} in its folder, or twice; it stands once, in the name of the file.`);
  const names = await readdir(folder).catch((error: unknown) => {
    throw new FormatError(folder, `cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  });
  const isMeant = (name: string): boolean =>
    name.startsWith(before!) && name.endsWith(after) && name.length > before!.length + after.length;
  const found = names.filter((name) => !name.startsWith('.') && isMeant(name)).sort();
  if (found.length === 0) throw new FormatError(folder, `holds no file ${quoted(path.basename(pattern))}.`);
  const value: NdArray[] = [];
  for (const name of found) value.push(await arrayIn(path.join(folder, name)));
  return { ids: found.map((name) => name.slice(before!.length, name.length - after.length)), value };
}

/** The array that a file holds, read at once and the file closed: there may be as many files as samples. */
async function arrayIn(file: string): Promise<NdArray> {
  const opened = await openFile(file);
  try {
    const array = numeric(opened.value);
    if (!array) throw new FormatError(file, 'holds no array of numbers.');
    return new NdArray(array.shape, array.dtype, array.data);
  } finally {
    await opened.close();
  }
}

/** The arrays in the `.npy` files that a column names, which lie in or below the folder of the column's file. */
export async function arraysAt(column: unknown, { file }: Table): Promise<readonly NdArray[]> {
  const names = texts(column);
  if (!names) throw new FormatError(file, 'has no column of paths where "paths" says so.');
  const folder = path.dirname(file);
  const arrays: NdArray[] = [];
  for (const [row, name] of names.entries()) {
    if (path.relative(folder, path.resolve(folder, name)).startsWith('..') || path.isAbsolute(name))
      throw new FormatError(file, `row ${row} names ${quoted(name)}, which lies outside of the folder.`);
    arrays.push(await arrayIn(path.resolve(folder, name)));
  }
  return arrays;
}
