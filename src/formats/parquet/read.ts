import { NdArray, sizeOf } from '../bytes/array.ts';
import { bytesPerElement, emptyNumbers, type NumericDType } from '../bytes/numbers.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import type { Expected } from './cursor.ts';
import type { ParquetColumn } from './types.ts';
import type { ParquetService, Place } from './worker.ts';
import { PiecewiseElements } from '../bytes/piecewise.ts';
import { Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';

/**
 * Parquet with one row per sample: columns of numbers as arrays, of equal lists as arrays of more axes, of lists of
 * different lengths as a list of arrays; dates, times and texts as lists of texts. Missing values are NaN in columns of
 * numbers, which are float64 then, and '' in texts; whole numbers beyond 2^53 of which some are missing are texts. Numbers are read page by page when they are asked for; texts at once. The first row group of
 * a list column is looked at to see how long lists are, and all of it where they differ.
 */
export async function openParquet(file: string, options: SandboxOptions = {}): Promise<OpenedFile> {
  const sandbox = startParquet(file, options);
  try {
    return { ...(await openInSandbox(sandbox, file)), file, close: () => sandbox.close() };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

export type ParquetSandbox = Sandbox<ParquetService>;

/** A reader, which takes longer to start than to open a file. */
export const startParquet = (file: string, options: SandboxOptions = {}): ParquetSandbox =>
  new Sandbox(new URL('./worker.ts', import.meta.url), file, options);

/** Opens a file, and closes the one before. */
export async function openInSandbox(
  sandbox: ParquetSandbox,
  file: string,
): Promise<Pick<OpenedFile, 'format' | 'value' | 'metadata'>> {
  const { columns, rows, metadata, skipped } = await sandbox.call('open', file);
  const value = new Map<string, NdArray | NdArray[] | string[]>();
  for (const column of columns) value.set(column.name, await valueOf(sandbox, column, rows));
  return {
    format: 'Parquet',
    value,
    metadata: skipped.length === 0 ? metadata : { ...metadata, skipped: skipped.join(', ') },
  };
}

const targetBytes = 2 ** 22;

async function valueOf(
  sandbox: ParquetSandbox,
  column: ParquetColumn,
  rows: number,
): Promise<NdArray | NdArray[] | string[]> {
  const { name, dtype, depth } = column;
  if (dtype === 'string') return textsOf(sandbox, name, rows);
  if (depth === 0) return arrayOf(sandbox, column, dtype, [rows], { row: 0, from: 0, width: 1 });
  const equal = await equalLists(sandbox, column);
  if (equal === undefined) return raggedOf(sandbox, column, dtype);
  const { row, list } = equal;
  const shape = depth === 1 ? [rows, row] : [rows, row / list, list];
  const expected = depth === 1 ? { row, list: 0 } : equal;
  return arrayOf(sandbox, column, dtype, shape, { row: 0, from: 0, width: row }, expected);
}

/** The length of all lists of a column, as far as the first row group and the sizes of the others tell. */
async function equalLists(sandbox: ParquetSandbox, column: ParquetColumn): Promise<Expected | undefined> {
  const first = column.groups.find(({ rows }) => rows > 0);
  if (first === undefined) return undefined;
  const row = first.entries / first.rows;
  if (column.groups.some(({ rows, entries }) => entries !== rows * row)) return undefined;
  const { rows, list = 0 } = await sandbox.call('lengths', column.name, column.groups.indexOf(first));
  if (rows.some((length) => length !== row) || (column.depth === 2 && list === 0)) return undefined;
  return { row, list };
}

async function raggedOf(sandbox: ParquetSandbox, column: ParquetColumn, dtype: NumericDType): Promise<NdArray[]> {
  const arrays: NdArray[] = [];
  let from = 0;
  let width: number | undefined;
  for (const group of column.groups.keys()) {
    const { rows, list } = await sandbox.call('lengths', column.name, group);
    width ??= list;
    if (column.depth === 2 && rows.some((length) => length > 0) && (list === undefined || list !== width))
      throw sandbox.fault(`has lists of different lengths within rows in column "${column.name}"; make them equal.`);
    for (const length of rows) {
      const shape = column.depth === 1 ? [length] : [width ? length / width : 0, width ?? 0];
      arrays.push(arrayOf(sandbox, column, dtype, shape, { row: arrays.length, from, width: Infinity }));
      from += length;
    }
  }
  return arrays;
}

/** Values from `place.from` on. */
function arrayOf(
  sandbox: ParquetSandbox,
  { name }: ParquetColumn,
  dtype: NumericDType,
  shape: readonly number[],
  place: Place,
  expected?: Expected,
): NdArray {
  const length = sizeOf(shape, sandbox.file);
  const step = targetBytes / bytesPerElement(dtype);
  const elements = new PiecewiseElements({
    file: sandbox.file,
    dtype,
    length,
    step,
    read: (from, count) => sandbox.call('numbers', name, place.from + from, count, place, expected),
    readNow: (from, count) => sandbox.callNow('numbers', name, place.from + from, count, place, expected),
  });
  return new NdArray(shape, dtype, length === 0 ? emptyNumbers(dtype, 0) : elements);
}

async function textsOf(sandbox: ParquetSandbox, name: string, rows: number): Promise<string[]> {
  const texts: string[] = [];
  const step = 100_000;
  for (let from = 0; from < rows; from += step)
    for (const text of await sandbox.call('texts', name, from, Math.min(step, rows - from))) texts.push(text);
  return texts;
}
