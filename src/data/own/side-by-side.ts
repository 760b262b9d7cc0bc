/** Columns of one file that are put side by side: features of a modality, or several labels. */
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { columnsNamed } from '../columns/names.ts';
import { encoded } from '../columns/encode.ts';
import { booleanWords, type ColumnEncoding } from '../columns/numbers.ts';
import type { ColumnType } from '../columns/types.ts';
import { type Columns, numeric, rowCount } from '../tables/table.ts';

/** The rows that all columns have. Throws a `FormatError` where they have not the same number. */
export function evenRows(columns: Columns, file: string): number {
  const counts = [...columns].map(([name, column]) => [name, rowCount(column)] as const);
  const [first] = counts;
  const other = counts.find(([, rows]) => rows === undefined || rows !== first![1]);
  if (other)
    throw new FormatError(
      file,
      `${quoted(other[0])} has ${other[1] ?? 'no'} rows and ${quoted(first![0])} ${first![1] ?? 'none'}; columns side by side have as many.`,
    );
  return first?.[1] ?? 0;
}

/** The type of each column: declared by its name, else by a pattern of it, else a number. */
export function typesOf(
  names: readonly string[],
  declared: Readonly<Record<string, ColumnType>> | undefined,
  file: string,
): ReadonlyMap<string, ColumnType> {
  const types = new Map<string, ColumnType>(names.map((name) => [name, 'number']));
  const exactLast = Object.entries(declared ?? {}).sort(([a], [b]) => Number(types.has(a)) - Number(types.has(b)));
  try {
    for (const [pattern, type] of exactLast)
      for (const name of columnsNamed([pattern], { names, reserved: new Set() })) types.set(name, type);
  } catch (error) {
    throw new FormatError(file, `is given types: ${(error as Error).message}`, { cause: error });
  }
  return types;
}

/**
 * Several labels `[N, L]` from a column each: numbers, or words such as true and false as 1 and 0. NaN is one that is
 * missing. Throws a `FormatError` that names the row of any other word.
 */
export function labelsOf(columns: Columns, file: string, ids: readonly string[] | undefined): NdArray {
  evenRows(columns, file);
  const encodings = [...columns].map(([column, cells]): ColumnEncoding =>
    numeric(cells) ? column : { column, boolean: booleanWords.map(([no, yes]) => [no, yes]) },
  );
  return encoded(columns, encodings, { file, ids });
}

/** One value per row, which is a number of the features and no array of them. */
export const isFlat = (column: unknown): boolean => {
  const array = numeric(column);
  if (array) return array.shape.length === 1;
  if (column instanceof NdArray) return column.dtype === 'string' && column.shape.length === 1;
  return Array.isArray(column) && column.every((cell) => typeof cell === 'string');
};
