/** The thread that reads Parquet. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  type ColumnMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type FileMetaData,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import type { NumericData } from '../bytes/array.ts';
import { emptyNumbers } from '../bytes/numbers.ts';
import { ColumnCursor, type Expected, type ListLengths } from './cursor.ts';
import { isText, typeWithNulls } from './nulls.ts';
import { pagesOf, type PageValues } from './stream.ts';
import { dtypeOf, leafOf, mayBeBytes, type ParquetColumn, sizeProblem, textsOf } from './types.ts';
import { FileProblem, serve } from '../sandbox/worker.ts';

export interface ParquetContents {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  readonly metadata: Record<string, string>;
  readonly skipped: readonly string[];
}

/** Where values lie, for whoever has to find one that is missing: `width` values a row from value `from` on. */
export interface Place {
  readonly row: number;
  readonly from: number;
  readonly width: number;
}

export type ParquetService = {
  open: (path: string) => Promise<ParquetContents>;
  /** How long the lists of a row group are. */
  lengths: (column: string, group: number) => ListLengths;
  numbers: (column: string, from: number, count: number, place: Place, expected?: Expected) => NumericData;
  texts: (column: string, from: number, count: number) => string[];
};

let descriptor = -1;
let fileSize = 0;
const columns = new Map<string, { readonly column: ParquetColumn; readonly cursor: ColumnCursor }>();

function read(position: number, length: number): Uint8Array<ArrayBuffer> {
  if (!(position >= 0) || !(length >= 0) || position + length > fileSize)
    throw new FileProblem(`points to ${length} bytes at ${position} and has ${fileSize} in all; copy it again.`);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(descriptor, bytes, done, length - done, position + done);
    if (count === 0) throw new FileProblem('became shorter while it was read; wait until it is written.');
    done += count;
  }
  return bytes;
}

const textOf = (value: unknown, name: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new FileProblem(`holds texts in column "${name}" that are none; the file is damaged.`);
};

const service: ParquetService = {
  async open(path) {
    if (descriptor >= 0) closeSync(descriptor);
    columns.clear();
    descriptor = openSync(path, 'r');
    fileSize = fstatSync(descriptor).size;
    const isParquet = (position: number): boolean => Buffer.from(read(position, 4)).toString('latin1') === 'PAR1';
    if (fileSize < 12 || !isParquet(0))
      throw new FileProblem('is no Parquet file; check its name and how it was made.');
    if (!isParquet(fileSize - 4)) throw new FileProblem('is truncated; copy it again.');
    const slice = (start: number, end = fileSize): ArrayBuffer => read(start, end - start).buffer;
    return contentsOf(await parquetMetadataAsync({ byteLength: fileSize, slice }, { geoparquet: false }));
  },

  lengths: (name, group) => columns.get(name)!.cursor.lengths(group),

  numbers(name, from, count, place, expected) {
    const { column, cursor } = columns.get(name)!;
    if (column.dtype === 'string') throw new FileProblem(`holds texts in column "${name}".`);
    const numbers = emptyNumbers(column.dtype, count);
    const isFloat = numbers instanceof Float32Array || numbers instanceof Float64Array;
    cursor.read(from, count, expected, (values, at) => {
      if (ArrayBuffer.isView(values) && values.constructor === numbers.constructor) {
        numbers.set(values as Float32Array & BigInt64Array & BigUint64Array, at);
        return;
      }
      for (let i = 0; i < values.length; i++) {
        const value: unknown = values[i];
        if (value !== null && value !== undefined) numbers[at + i] = isFloat ? Number(value) : (value as number);
        else if (isFloat) numbers[at + i] = Number.NaN;
        else {
          const row = place.row + Math.floor((from + at + i - place.from) / place.width);
          throw new FileProblem(
            `has no value in column "${name}", row ${row}; fill it in, or write the column as float.`,
          );
        }
      }
    });
    return numbers;
  },

  texts(name, from, count) {
    const texts: string[] = [];
    columns.get(name)!.cursor.read(from, count, undefined, (values) => {
      for (const value of values as readonly unknown[])
        texts.push(value === null || value === undefined ? '' : textOf(value, name));
    });
    return texts;
  },
};

function contentsOf(metadata: FileMetaData): ParquetContents {
  const root = parquetSchema(metadata);
  const skipped: string[] = [];
  for (const child of root.children) {
    const problem = addColumn(child, root, metadata);
    if (problem !== undefined) skipped.push(`${child.element.name} (${problem})`);
  }
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  return { columns: [...columns.values()].map(({ column }) => column), rows, metadata: textsOf(metadata), skipped };
}

const byPath = new WeakMap<RowGroup, ReadonlyMap<string, RowGroup['columns'][number]>>();

/** The chunk of a column in a row group, of which each is gone through once: there may be many columns. */
function chunkOf(group: RowGroup, key: string): RowGroup['columns'][number] | undefined {
  let chunks = byPath.get(group);
  if (chunks === undefined) {
    chunks = new Map(group.columns.map((chunk) => [chunk.meta_data?.path_in_schema.join('.') ?? '', chunk]));
    byPath.set(group, chunks);
  }
  return chunks.get(key);
}

/** Why a column is not read, where it is not. */
function addColumn(child: SchemaTree, root: SchemaTree, { row_groups: groups }: FileMetaData): string | undefined {
  const path = leafOf(child, root);
  if (typeof path === 'string') return path;
  const { name } = child.element;
  const leaf = path.at(-1)!.element;
  const found = dtypeOf(leaf);
  const depth = path.filter(({ element }) => element.repetition_type === 'REPEATED').length;
  if (found === undefined) return 'neither numbers nor texts';
  if (depth > 2) return `lists nested ${depth} deep; write them flat`;
  if (found === 'string' && depth > 0) return 'lists of texts; write them as one text';
  const key = path.at(-1)!.path.join('.');
  const chunks = groups.map((group): ColumnMetaData => {
    const chunk = chunkOf(group, key);
    if (chunk?.meta_data === undefined) throw new FileProblem(`lacks column "${name}" in a row group; copy it again.`);
    if (chunk.file_path) throw new FileProblem('keeps columns in other files; write them into one.');
    return chunk.meta_data;
  });
  const pages = (group: number): Generator<PageValues> => pagesOf(chunks[group]!, path, read);
  if (mayBeBytes(leaf) && !groups.every((_, group) => isText(pages(group)))) return 'bytes that are no text';
  const dtype = typeWithNulls(found, leaf, depth, { chunks, pages });
  const column: ParquetColumn = {
    name,
    dtype,
    depth: depth as 0 | 1 | 2,
    groups: groups.map((group, i) => ({ rows: Number(group.num_rows), entries: Number(chunks[i]!.num_values) })),
  };
  const problem = sizeProblem(column, fileSize);
  if (problem !== undefined) throw new FileProblem(problem);
  columns.set(name, {
    column,
    cursor: new ColumnCursor(column, pages),
  });
  return undefined;
}

serve(service);
