/** What the files of a folder hold, for a first description of them. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NdArray } from '../../../formats/bytes/array.ts';
import { FormatError } from '../../../files/error.ts';
import { openFile } from '../../../formats/open.ts';
import { byPosition } from '../../../formats/positions.ts';
import { nestedIn, padded } from '../../tables/splits.ts';
import { numeric, rowCount, texts } from '../../tables/table.ts';
import { asOneSample } from '../../tables/one-sample.ts';
import { idMark, splitMark } from '../tables.ts';

export type ColumnKind = 'sequence' | 'vector' | 'number' | 'paths' | 'text';

/** A column or array with one row per sample. */
export interface Seen {
  readonly file: string;
  /** The name of the column; undefined where the file is one array. */
  readonly key: string | undefined;
  readonly rows: number;
  readonly kind: ColumnKind;
  /** Of numbers and texts, as texts; a missing number is empty. */
  readonly values: readonly string[];
  /** Of arrays by id: these. */
  readonly ids?: readonly string[];
  /** Set in a dict of splits, whose names of columns are those that MMSA uses. */
  readonly isNested?: true;
}

/** All that was seen of a folder. */
export interface Look {
  readonly columns: readonly Seen[];
  /** Whether the files say by themselves what is in which split. */
  readonly isSplit: boolean;
  /** Whether the files hold one sample and no axis of samples. */
  readonly isOneSample: boolean;
  /** What could not be read or described, a line each. */
  readonly notes: readonly string[];
}

export async function look(folder: string): Promise<Look> {
  const notes: string[] = [];
  const names = await namesIn(folder);
  const { files, pattern } = filesIn(names.files);
  const held: { readonly shown: string; readonly held: Held }[] = [];
  for (const { shown, actual } of files) {
    try {
      const found = await heldBy(path.join(folder, actual), shown);
      held.push({ shown, held: found });
      notes.push(...found.notes.map((note) => `${shown}: ${note}`));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      notes.push(error.message.replace(`${folder}${path.sep}`, ''));
    }
  }
  const nested = held.filter((each) => each.held.isNested);
  const isApart = nested.length === 1 && held.length > 1;
  const kept = isApart ? held.filter((each) => each !== nested[0]) : held;
  if (isApart) notes.push(`${nested[0]!.shown}: has splits in it and needs no description: train on the file itself.`);
  const columns = kept.flatMap((each) => each.held.columns);
  const paths = new Set(
    columns.flatMap(({ kind, values }) => (kind === 'paths' ? values.map((value) => value.split(/[\\/]/)[0]!) : [])),
  );
  for (const inner of names.folders) if (!paths.has(inner)) columns.push(...(await arraysById(folder, inner)));
  return {
    columns,
    isSplit: pattern || (nested.length > 0 && !isApart),
    isOneSample: kept.length > 0 && kept.every((each) => each.held.isOneSample),
    notes,
  };
}

async function namesIn(folder: string): Promise<{ readonly files: string[]; readonly folders: string[] }> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
    const files = entries.filter((entry) => entry.isFile() && !/\.(ya?ml|md|txt)$/i.test(entry.name));
    const folders = entries.filter((entry) => entry.isDirectory());
    return { files: files.map(({ name }) => name).sort(), folders: folders.map(({ name }) => name).sort() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new FormatError(
      folder,
      code === 'ENOTDIR' ? 'is a file; give the folder of the data.' : `cannot be read (${code}).`,
    );
  }
}

interface FileGroup {
  /** The name that a description gives, in which `{split}` may stand for the split. */
  readonly shown: string;
  /** One of the files that this name stands for, to look into. */
  readonly actual: string;
}

/** Files of one name but for the split are one: `train.npz` and `test.npz` are `{split}.npz`. */
function filesIn(names: readonly string[]): { readonly files: readonly FileGroup[]; readonly pattern: boolean } {
  const marked = (name: string): string => name.replace(/(?<![a-z])(train|valid|test)(?![a-z])/i, splitMark);
  const grouped = names.filter((name) => {
    const mark = marked(name);
    return mark !== name && names.some((other) => other !== name && marked(other) === mark);
  });
  if (grouped.length === 0) return { files: names.map((name) => ({ shown: name, actual: name })), pattern: false };
  const first = new Map(
    grouped
      .toSorted()
      .reverse()
      .map((name) => [marked(name), name]),
  );
  return { files: [...first].map(([shown, actual]) => ({ shown, actual })), pattern: true };
}

/** The columns of one file. */
interface Held {
  readonly columns: readonly Seen[];
  /** Whether it is a dict of splits, of the first of which these are. */
  readonly isNested: boolean;
  readonly isOneSample: boolean;
  /** What is to be told of how the file was read. */
  readonly notes: readonly string[];
}

async function heldBy(place: string, file: string): Promise<Held> {
  const opened = await openFile(place);
  try {
    const { notes = [] } = opened;
    const [nested] = nestedIn(opened.value);
    const content = nested ? nested[1] : opened.value;
    const value = byPosition(content) ?? content;
    const one = value instanceof Map ? asOneSample(value) : undefined;
    const ids = value instanceof Map && !one ? keysThatAreIds(value) : undefined;
    if (ids) {
      const arrays = numeric([...(value as ReadonlyMap<string, unknown>).values()]);
      const kind = arrays?.shape.length === 2 ? 'vector' : 'sequence';
      const seen: Seen = { file, key: idMark, rows: ids.length, kind, values: [], ids };
      return { columns: [seen], isNested: false, isOneSample: false, notes };
    }
    const held = value instanceof Map ? (one ?? (value as ReadonlyMap<string, unknown>)) : undefined;
    // Padding puts lengths beside sequences, which a description cannot name: the file has no such column.
    const entries: (readonly [string | undefined, unknown])[] = held
      ? [...padded(held)].filter(([key]) => held.has(key))
      : [[undefined, value]];
    const columns = entries.flatMap(([key, column]): Seen[] => {
      const kind = kindOf(column);
      const rows = rowCount(column);
      const seen = kind && rows ? { file, key, rows, kind, values: valuesOf(column, kind) } : undefined;
      return seen ? [{ ...seen, ...(nested && { isNested: true }) }] : [];
    });
    return { columns, isNested: nested !== undefined, isOneSample: one !== undefined, notes };
  } finally {
    await opened.close();
  }
}

/** Fewer arrays than this are taken for columns, not for samples. */
const leastSamples = 8;

/** The keys of a dict with an array per sample, all of one kind and width. */
function keysThatAreIds(value: ReadonlyMap<unknown, unknown>): readonly string[] | undefined {
  if (value.size < leastSamples) return undefined;
  const shapes = [...value.values()].map((item) => numeric(item)?.shape);
  const [first] = shapes;
  const isSample = first?.length === 1 || first?.length === 2;
  const same = shapes.every((shape) => shape?.length === first?.length && shape?.at(-1) === first?.at(-1));
  // Columns of one table have a name each, and are as long as one another.
  const isTable = first?.length === 1 && [...value.keys()].every((key) => !/\d/.test(String(key)));
  return isSample && same && !isTable ? [...value.keys()].map(String) : undefined;
}

const valuesOf = (column: unknown, kind: ColumnKind): readonly string[] => {
  if (kind === 'sequence' || kind === 'vector') return [];
  const array = kind === 'number' ? numeric(column) : undefined;
  return array ? (texts(array) ?? []).map((value) => (value === 'NaN' ? '' : value)) : (texts(column) ?? []);
};

const kinds = [undefined, 'number', 'vector', 'sequence'] as const;

function kindOf(column: unknown): ColumnKind | undefined {
  if (column instanceof NdArray && column.dtype !== 'object' && column.dtype !== 'string')
    return kinds[column.shape.length];
  const array = numeric(column);
  if (array) return kinds[array.shape.length];
  const items = texts(column);
  if (!items || items.length === 0) return undefined;
  return items.every((text) => text.endsWith('.npy')) ? 'paths' : 'text';
}

/** The `.npy` files of a folder inside, named by the ids of samples. */
async function arraysById(folder: string, inner: string): Promise<Seen[]> {
  const names = (await readdir(path.join(folder, inner))).filter((name) => /^[^.].*\.npy$/.test(name)).sort();
  if (names.length < 2) return [];
  const opened = await openFile(path.join(folder, inner, names[0]!));
  const steps = numeric(opened.value)?.shape.length;
  await opened.close();
  if (steps !== 1 && steps !== 2) return [];
  const ids = names.map((name) => name.replace(/\.npy$/, ''));
  const kind = steps === 1 ? 'vector' : 'sequence';
  return [{ file: `${inner}/${idMark}.npy`, key: undefined, rows: ids.length, kind, values: [], ids }];
}
