/** Columns of a table as the features of a modality, `[N, D]`. */
import { isMissing } from '../../formats/delimited/cells.ts';
import { NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { type Columns, numeric, texts } from '../tables/table.ts';
import { booleanWords, type ColumnEncoding, columnOf, encoderOf, widthOf } from './numbers.ts';
import type { ColumnType } from './types.ts';

/** Where columns come from, for errors. */
export interface Origin {
  readonly file: string;
  /** Of each row, where rows have some. */
  readonly ids?: readonly string[] | undefined;
}

/** A value in fewer of the training rows than this share of them, or in a single one, is one of the others. */
const rare = 0.01;

/**
 * How a column of a declared type becomes numbers. Of a category whose values are not declared they are those of
 * `training`, sorted, without the rare ones: in fewer than 1 in 100 of these rows, or in one alone. Undefined for text.
 */
export function encodingOf(
  column: string,
  type: ColumnType,
  training: () => readonly string[],
): ColumnEncoding | undefined {
  if (type === 'number') return column;
  if (type === 'text') return undefined;
  if (type === 'boolean') return { column, boolean: booleanWords.map(([no, yes]) => [no, yes]) };
  if (type === 'category') return { column, category: commonValues(training()) };
  if ('boolean' in type) return { column, boolean: [type.boolean] };
  if ('category' in type) return { column, category: type.category };
  return { column, date: type.date, order: type.order };
}

function commonValues(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (!isMissing(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const least = Math.max(2, rare * values.length);
  return [...counts].flatMap(([value, count]) => (count >= least ? [value] : [])).sort();
}

/** The columns as numbers `[N, D]`, side by side in the order of `encodings`. Throws a `FormatError` that names the row. */
export function encoded(columns: Columns, encodings: readonly ColumnEncoding[], origin: Origin): NdArray {
  const { file, ids } = origin;
  const rows = encodings.length === 0 ? 0 : cellsOf(columns, encodings[0]!, origin).length;
  const width = encodings.reduce((sum, encoding) => sum + widthOf(encoding), 0);
  const data = new Float64Array(rows * width);
  let first = 0;
  for (const encoding of encodings) {
    const own = widthOf(encoding);
    const encode = encoderOf(encoding);
    for (const [n, cell] of cellsOf(columns, encoding, origin).entries()) {
      const wrong = encode(cell, data.subarray(n * width + first, n * width + first + own));
      if (wrong === undefined) continue;
      const row = `row ${n}${ids ? ` (${quoted(ids[n]!)})` : ''}: ${quoted(columnOf(encoding))} is ${quoted(String(cell))}`;
      throw new FormatError(file, `${row}, which is ${wrong}; ${remedyOf(encoding)}.`);
    }
    first += own;
  }
  return new NdArray([rows, width], 'float64', data);
}

/** The values of a column, as numbers where it holds some and else as texts, which are empty where they are missing. */
function cellsOf(columns: Columns, encoding: ColumnEncoding, { file }: Origin): readonly (number | string)[] {
  const name = columnOf(encoding);
  const column = columns.get(name);
  if (column === undefined) throw new FormatError(file, `has no ${quoted(name)}, which is part of a modality.`);
  const array = numeric(column);
  const found = array ? toNumbers(array.data) : texts(column);
  if (found && (array ?? { shape: [found.length] }).shape[0] === found.length) return found;
  throw new FormatError(file, `${quoted(name)} is not one number per row, and cannot be put beside others.`);
}

/** What a person may do about a cell that is wrong. */
function remedyOf(encoding: ColumnEncoding): string {
  if (typeof encoding === 'string')
    return `say under "types" what the column holds, or leave it out by ${quoted(`!${encoding}`)}`;
  return 'boolean' in encoding ? 'name its words as "boolean: [no, yes]"' : 'set "order", or correct it';
}
