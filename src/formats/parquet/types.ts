/** A column as a Parquet file describes it, in our terms. */

import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { emptyNumbers, type NumericDType } from '../bytes/numbers.ts';

export interface ParquetColumn {
  readonly name: string;
  readonly dtype: NumericDType | 'string';
  /** How deep its lists are nested: 0 for one value per row, 2 for `[time, width]` per row. */
  readonly depth: 0 | 1 | 2;
  /** Sizes of the row groups. Entries are values, and one more for each list that is empty or missing. */
  readonly groups: readonly { readonly rows: number; readonly entries: number }[];
}

/** From the root of the schema to the values of a column; or why the column is not read. */
export function leafOf(column: SchemaTree, root: SchemaTree): readonly SchemaTree[] | string {
  const path = [root, column];
  for (let node = column; node.children.length > 0; path.push(node)) {
    if (node.children.length > 1) return 'a record or a map; write each of its fields as a column';
    node = node.children[0]!;
  }
  return path;
}

const physical: Readonly<Record<string, NumericDType | 'string' | undefined>> = {
  BOOLEAN: 'bool',
  INT32: 'int32',
  INT64: 'int64',
  // An old form of timestamps.
  INT96: 'string',
  FLOAT: 'float32',
  DOUBLE: 'float64',
  BYTE_ARRAY: 'string',
};

const converted: Readonly<Record<string, NumericDType | 'string' | undefined>> = {
  INT_8: 'int8',
  INT_16: 'int16',
  INT_32: 'int32',
  INT_64: 'int64',
  UINT_8: 'uint8',
  UINT_16: 'uint16',
  UINT_32: 'uint32',
  UINT_64: 'uint64',
  DATE: 'string',
  TIMESTAMP_MILLIS: 'string',
  TIMESTAMP_MICROS: 'string',
  DECIMAL: 'float64',
};

const unread = ['INTERVAL', 'BSON', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY'];

/** The type that the values of a column get, or undefined where they are neither numbers nor texts. */
export function dtypeOf(element: SchemaElement): NumericDType | 'string' | undefined {
  const { type, converted_type: kind = '', logical_type: logical } = element;
  if (unread.includes(kind) || unread.includes(logical?.type ?? '')) return undefined;
  if (logical?.type === 'INTEGER') {
    const name = `${logical.isSigned ? 'INT' : 'UINT'}_${logical.bitWidth}`;
    return converted[name];
  }
  if (logical?.type === 'FLOAT16') return 'float16';
  if (logical?.type === 'UUID' || logical?.type === 'TIMESTAMP') return 'string';
  return converted[kind] ?? physical[type ?? ''];
}

/** Whether a column of texts does not say that it is one: older writers leave it out, and others mean bytes by it. */
export const mayBeBytes = ({ type, converted_type: kind, logical_type: logical }: SchemaElement): boolean =>
  type === 'BYTE_ARRAY' && kind === undefined && logical === undefined;

/**
 * Why columns of that size cannot be in a file of that size. Repeated values take next to nothing in Parquet, so much
 * is allowed, but not everything.
 */
export function sizeProblem({ name, dtype, groups }: ParquetColumn, fileSize: number): string | undefined {
  const width = dtype === 'string' ? 1 : emptyNumbers(dtype, 1).byteLength;
  const announced = groups.reduce((sum, { rows, entries }) => sum + Math.max(rows, entries) * width, 0);
  if (announced <= 2 ** 24 + 200 * fileSize) return undefined;
  return `announces ${announced} bytes for column "${name}" and has ${fileSize} in all; the file is damaged.`;
}

/** Texts that the file says of itself; those that other programs wrote for themselves only are left out. */
export function textsOf({ key_value_metadata: pairs = [], created_by: by }: FileMetaData): Record<string, string> {
  const own = pairs.filter(({ key, value }) => value !== undefined && key !== 'ARROW:schema' && key !== 'pandas');
  return { ...Object.fromEntries(own.map(({ key, value }) => [key, value!])), ...(by ? { 'created by': by } : {}) };
}
