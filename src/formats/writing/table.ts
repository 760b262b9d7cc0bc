/** Tables to write, with a row per sample: one, or one per split. */

import { NdArray, type NumericData } from '../bytes/array.ts';
import { encoded, keyText, type NumberArray, defaultName, Sharing, type TextArray, writable } from './arrays.ts';
import { byPosition } from '../positions.ts';
import type { WriteRequest } from './request.ts';
import { splitOf } from '../split-names.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { bytesOf, decodeNumbers, type NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from './numbers.ts';

/** The value of a row: a text, or numbers of shape `[]`, `[width]` or `[time, width]`. */
export type Cell = string | { readonly numbers: NumericData; readonly shape: readonly number[] };

export interface Column {
  readonly name: string;
  readonly dtype: NumericDType | 'string';
  /** Axes per row. */
  readonly axes: number;
  /** Numbers per row, more or less. */
  readonly width: number;
  /** The cells of the next rows, which follow those that were asked for before. */
  readonly next: (rows: number) => Promise<readonly Cell[]>;
}

export interface OutputTable {
  readonly split?: string;
  readonly rows: number;
  readonly columns: readonly Column[];
}

export interface OutputTables {
  /** At least one, all with the same columns, and at least one row. */
  readonly tables: readonly OutputTable[];
  readonly leftOut: readonly string[];
}

/** The column that says which split a row is of. */
export const splitColumn = 'split';

/** The tables of a value. What has no row per sample is an error, but for texts, which are left out. */
export function tablesOf(request: WriteRequest, supported: SupportedTypes): OutputTables {
  const { file, value } = request;
  const leftOut: string[] = [];
  const shared = new Sharing(file);
  const made = [...splitsOf(value, file)].map(([split, entries]): OutputTable => {
    const columns: Column[] = [];
    let rows: number | undefined;
    for (const [key, item] of entries) {
      const column = columnOf(keyText(key), item, { supported, request, shared });
      if (column === undefined) {
        leftOut.push(split === undefined ? keyText(key) : `${split}/${keyText(key)}`);
        continue;
      }
      rows ??= column.rows;
      if (rows !== column.rows)
        throw new FormatError(
          file,
          `needs a row per sample${split === undefined ? '' : ` in ${split}`}: ${quoted(columns[0]!.name)} has ${rows} ` +
            `and ${quoted(column.name)} ${column.rows}; .npz and .pkl hold both.`,
        );
      columns.push(column);
    }
    return { rows: rows ?? 0, columns, ...(split !== undefined && { split }) };
  });
  const tables = made.filter(({ rows }) => rows > 0);
  if (tables.length === 0) throw new FormatError(file, 'would have no rows; nothing to write has a row per sample.');
  checkAlike(tables, file);
  return { tables, leftOut };
}

type Entries = Iterable<readonly [unknown, unknown]>;

/** Splits where all that there is belongs to one: as dicts or groups, or by names such as `train/text`. */
function splitsOf(value: unknown, file: string): ReadonlyMap<string | undefined, Entries> {
  const parts = byPosition(value);
  if (parts !== undefined) return new Map([[undefined, parts]]);
  if (!(value instanceof Map)) return new Map([[undefined, [[defaultName, value]]]]);
  const entries = [...(value as Map<unknown, unknown>)];
  if (entries.length > 0 && entries.every(([key, inner]) => splitOf(key) !== undefined && inner instanceof Map))
    return new Map(entries.map(([key, inner]) => [keyText(key), inner as Map<unknown, unknown>]));
  const nested = entries.find(([, inner]) => inner instanceof Map);
  if (nested !== undefined)
    throw new FormatError(
      file,
      `is one table, and ${quoted(keyText(nested[0]))} is one in itself; .npz, .h5 and .pkl nest.`,
    );
  const splits = new Map<string | undefined, [string, unknown][]>();
  for (const [key, inner] of entries) {
    const [, split, name] = (typeof key === 'string' && /^([a-z]+)[/._](.+)$/is.exec(key)) || [];
    if (splitOf(split) === undefined) return new Map([[undefined, entries]]);
    splits.set(split, [...(splits.get(split) ?? []), [name!, inner]]);
  }
  return splits;
}

function checkAlike(tables: readonly OutputTable[], file: string): void {
  const [first, ...others] = tables;
  for (const { split, columns } of others) {
    const [missing] = [
      ...first!.columns.filter(({ name }) => columns.every((column) => column.name !== name)),
      ...columns.filter(({ name }) => first!.columns.every((column) => column.name !== name)),
    ];
    if (missing)
      throw new FormatError(
        file,
        `needs the same columns in ${first!.split!} and ${split!}; ${quoted(missing.name)} is in one.`,
      );
  }
  if (first!.split !== undefined && first!.columns.some(({ name }) => name === splitColumn))
    throw new FormatError(file, `has a column ${quoted(splitColumn)} of its own beside its splits; rename it.`);
}

type ColumnWithRows = Column & { readonly rows: number };

function columnOf(
  name: string,
  item: unknown,
  { supported, request, shared }: { supported: SupportedTypes; request: WriteRequest; shared: Sharing },
): ColumnWithRows | undefined {
  const found = writable(item, shared);
  if (found?.kind === 'texts') return found.shape.length === 1 ? textColumn(name, found) : undefined;
  const list: unknown = item instanceof NdArray && item.dtype === 'object' ? item.data : item;
  if (found?.kind === 'numbers') {
    const [rows, ...rest] = found.shape;
    if (rows === undefined)
      throw new FormatError(
        request.file,
        `needs a row per sample, and ${quoted(name)} is one value; .npz and .pkl hold it.`,
      );
    // A row `[]` says nothing of what would have been in it.
    if (rest.length > 2 || (rest.length === 2 && rest[0] === 0))
      throw new FormatError(
        request.file,
        `cannot hold ${quoted(name)} of shape [${found.shape.join(', ')}]; .npz, .h5 and .pkl can.`,
      );
    return numberColumn(name, found, supported, request);
  }
  return Array.isArray(list) && found !== undefined
    ? raggedColumn(name, list, { supported, request, shared })
    : undefined;
}

function textColumn(name: string, { shape, texts }: TextArray): ColumnWithRows {
  let row = 0;
  const next = (rows: number): Promise<readonly string[]> => Promise.resolve(texts().slice(row, (row += rows)));
  return { name, dtype: 'string', axes: 0, width: 8, rows: shape[0]!, next };
}

function numberColumn(
  name: string,
  numbers: NumberArray,
  supported: SupportedTypes,
  request: WriteRequest,
): ColumnWithRows {
  const [rows = 0, ...shape] = numbers.shape;
  const { dtype, pieces } = encoded(name, numbers, supported, request);
  const width = shape.reduce((product, axis) => product * axis, 1);
  const take = taking(pieces);
  let left = rows;
  const next = async (count: number): Promise<readonly Cell[]> => {
    const values = inMemory(await take(count * width), dtype);
    left -= count;
    // Only at the end of the pieces it is known whether all numbers were small enough.
    if (left === 0) await take(0);
    return Array.from({ length: count }, (_, i) => ({ numbers: values.subarray(i * width, (i + 1) * width), shape }));
  };
  return { name, dtype, axes: shape.length, width, rows, next };
}

/** Lists of different lengths. */
function raggedColumn(
  name: string,
  list: readonly unknown[],
  { supported, request, shared }: { supported: SupportedTypes; request: WriteRequest; shared: Sharing },
): ColumnWithRows {
  const items = list.map((item) => writable(item, shared));
  const uneven = new FormatError(
    request.file,
    `cannot hold ${quoted(name)}: its rows are of different kinds; .pkl can.`,
  );
  const numbers = items.map((item) => {
    if (item?.kind !== 'numbers') throw uneven;
    return item;
  });
  const full = numbers.filter(({ shape }) => !shape.includes(0));
  const { shape: [, width] = [], dtype: from = 'float64' } = full[0] ?? {};
  const axes = full[0]?.shape.length ?? 1;
  const whole = full.every(({ dtype }) => dtype === from);
  const plain = full.every(({ dtype }) => dtype === 'int64' || dtype === 'float64');
  if ((axes !== 1 && axes !== 2) || !(whole || plain)) throw uneven;
  if (full.some(({ shape }) => shape.length !== axes || shape[1] !== width)) throw uneven;
  let row = 0;
  const next = async (count: number): Promise<readonly Cell[]> => {
    const cells: Cell[] = [];
    for (const item of numbers.slice(row, (row += count))) {
      const { dtype, pieces } = encoded(name, item, supported, request);
      const take = taking(pieces);
      const values = inMemory(await take(item.shape.reduce((product, axis) => product * axis, 1)), dtype);
      await take(0);
      cells.push({ numbers: values, shape: item.shape.includes(0) ? [0] : item.shape });
    }
    return cells;
  };
  const dtype = whole && full[0] ? encoded(name, full[0], supported, request).dtype : 'float64';
  const mean =
    full.reduce((sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1), 0) / list.length;
  return { name, dtype, axes, width: mean, rows: list.length, next };
}

/** Halves as the floats that they are. */
const inMemory = (numbers: NumericData, dtype: NumericDType): NumericData =>
  numbers instanceof Uint16Array && dtype !== 'uint16' ? decodeNumbers(dtype, bytesOf(numbers)) : numbers;

/**
 * Gives the next `count` numbers of the pieces, in memory of their own. Asked for none after the last, it goes on to the
 * end of the pieces, where it is told whether all of them were small enough for their type.
 */
function taking(pieces: AsyncIterable<NumericData>): (count: number) => Promise<NumericData> {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece: NumericData | undefined;
  let at = 0;
  return async (count) => {
    let taken: NumericData | undefined;
    let filled = 0;
    while (filled < count || count === 0) {
      if (piece === undefined || at === piece.length) {
        const step = await iterator.next();
        if (step.done === true) break;
        [piece, at] = [step.value, 0];
      }
      const part = piece.subarray(at, at + count - filled);
      taken ??= new (piece.constructor as Float32ArrayConstructor)(count);
      (taken as Float32Array).set(part as Float32Array, filled);
      filled += part.length;
      at += part.length;
      if (count === 0 && at < piece.length) break;
    }
    return taken ?? new Float32Array(0);
  };
}

/** Calls `use` with a few rows of a table at a time, about so many numbers. */
export async function forBlocks(
  { rows, columns }: OutputTable,
  numbers: number,
  use: (cells: readonly (readonly Cell[])[], rows: number) => Promise<void>,
): Promise<void> {
  const step = Math.max(1, Math.floor(numbers / columns.reduce((sum, { width }) => sum + Math.max(1, width), 0)));
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const cells: (readonly Cell[])[] = [];
    for (const column of columns) cells.push(await column.next(count));
    await use(cells, count);
  }
}
