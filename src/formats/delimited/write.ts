/** Writes CSV, TSV and JSON lines with a row per sample, in numbers of as many digits as they have. */

import type { NumericData } from '../bytes/array.ts';

import { parseCell } from './cells.ts';
import { ColumnSurvey } from './columns.ts';
import { kindOf, type TextKind } from './kinds.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import type { FileOutput } from '../../files/output.ts';
import type { NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { type Cell, type Column, forBlocks, splitColumn, type OutputTable, tablesOf } from '../writing/table.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

const types = ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'bfloat16'];

const supported = (format: string): SupportedTypes => ({
  format,
  dtypes: new Set([...types, 'float32', 'float64'] as NumericDType[]),
});

/** How a row is written. */
interface Style {
  readonly format: string;
  /** The first line. */
  readonly head: (names: readonly string[]) => string;
  /** Numbers, or text that is quoted where it must be. */
  readonly cell: (cell: Cell, column: Column) => string;
  readonly row: (names: readonly string[], cells: readonly string[]) => string;
}

const jsonLines: Style = {
  format: 'JSON lines',
  head: () => '',
  cell: (cell, { dtype }) => (typeof cell === 'string' ? JSON.stringify(cell) : jsonText(cell, dtype)),
  row: (names, cells) => `{${names.map((name, i) => `${JSON.stringify(name)}:${cells[i]!}`).join(',')}}\n`,
};

function delimited(format: string, delimiter: string): Style {
  const special = new RegExp(`^$|^\\ufeff|["\\r\\n${delimiter}]`);
  const quote = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells: readonly string[]): string => `${cells.join(delimiter)}\n`;
  return {
    format,
    head: (names) => line(names.map(quote)),
    cell: (cell, { dtype }) =>
      quote(
        typeof cell === 'string'
          ? cell
          : cell.shape.length === 0
            ? scalarText(cell.numbers[0]!, dtype)
            : jsonText(cell, dtype),
      ),
    row: (_, cells) => line(cells),
  };
}

const styles: Readonly<Record<TextKind, Style>> = {
  CSV: delimited('CSV', ','),
  TSV: delimited('TSV', '\t'),
  'JSON lines': jsonLines,
};

/** A row per sample; with a column `split` where the value has splits. The ending of the name tells which format. */
export function writeDelimited(request: WriteRequest): Promise<WriteResult> {
  const { file, signal } = request;
  const style = styles[kindOf(file)];
  return writeWholeFile(
    file,
    async (output) => {
      const { tables, leftOut } = tablesOf(request, supported(style.format));
      const [first] = tables;
      const names = first!.columns.map(({ name }) => name);
      await output.write(Buffer.from(style.head(first!.split === undefined ? names : [splitColumn, ...names])));
      const checks = new Map(names.map((name) => [name, new ReadBack(style)]));
      for (const table of tables) await writeRows(output, table, names, { style, checks, file });
      for (const [name, check] of checks) check.finish(name, file);
      return { format: style.format, arrays: names.length, bytes: output.position, leftOut };
    },
    { signal },
  );
}

// Characters of the longest row that is read again.
const longest = 2 ** 26;

async function writeRows(
  output: FileOutput,
  table: OutputTable,
  names: readonly string[],
  {
    style,
    checks,
    file,
  }: { readonly style: Style; readonly checks: ReadonlyMap<string, ReadBack>; readonly file: string },
): Promise<void> {
  const { split } = table;
  const sorted = names.map((name) => table.columns.find((column) => column.name === name)!);
  const allNames = split === undefined ? names : [splitColumn, ...names];
  const first = split === undefined ? [] : [style === jsonLines ? JSON.stringify(split) : split];
  await forBlocks({ ...table, columns: sorted }, 2 ** 19, async (columns, rows) => {
    const lines: string[] = [];
    for (let row = 0; row < rows; row++) {
      const cells = columns.map((cells, i) => {
        const cell = cells[row]!;
        checks.get(names[i]!)!.see(cell);
        return style.cell(cell, sorted[i]!);
      });
      const line = style.row(allNames, [...first, ...cells]);
      if (line.length > longest)
        throw new FormatError(
          file,
          `would have a row of ${line.length} characters, too long to be read; .npz has none.`,
        );
      lines.push(line);
    }
    await output.write(Buffer.from(lines.join('')));
  });
}

/** Whether a column is read back as what it is: text tells no types. */
class ReadBack {
  readonly #json: boolean;
  readonly #survey = new ColumnSurvey();
  #onlyMissing = true;
  #changed: string | undefined;

  constructor(style: Style) {
    this.#json = style === jsonLines;
  }

  see(cell: Cell): void {
    if (typeof cell !== 'string') {
      if (cell.shape.length > 0 || !Number.isNaN(cell.numbers[0])) this.#onlyMissing = false;
    } else {
      this.#onlyMissing = false;
      if (this.#json || this.#survey.kind === 'texts') return;
      const parsed = parseCell(cell);
      this.#survey.see(parsed, cell, 0);
      if (String(parsed) !== cell || typeof parsed === 'boolean') this.#changed ??= cell;
    }
  }

  finish(name: string, file: string): void {
    if (this.#json && this.#onlyMissing)
      throw new FormatError(file, `cannot hold ${quoted(name)}: JSON has no NaN, and there is nothing else; .csv can.`);
    const { kind } = this.#survey;
    if (kind !== 'nothing' && kind !== 'texts' && this.#changed !== undefined)
      throw new FormatError(
        file,
        `cannot hold ${quoted(name)}: texts such as ${quoted(this.#changed)} would be read as something else; .jsonl and .parquet keep them.`,
      );
  }
}

function scalarText(value: number | bigint, dtype: Column['dtype']): string {
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (typeof value === 'bigint') return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return numberText(value);
}

function numberText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  // Many digits without a point are an identifier to whoever reads them.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

function jsonText({ numbers, shape }: Exclude<Cell, string>, dtype: Column['dtype']): string {
  if (shape.length === 0) return dtype === 'bool' ? scalarText(numbers[0]!, dtype) : jsonNumber(numbers[0]!);
  if (shape.length === 1) return `[${listText(numbers)}]`;
  const [rows = 0, width = 0] = shape;
  const inner = Array.from({ length: rows }, (_, i) => `[${listText(numbers.subarray(i * width, (i + 1) * width))}]`);
  return `[${inner.join(',')}]`;
}

/** Missing numbers are null, and what is infinite is a number that is too large: JSON has neither. */
const jsonNumber = (value: number | bigint): string =>
  typeof value === 'bigint' || Number.isFinite(value)
    ? typeof value === 'bigint'
      ? String(value)
      : numberText(value)
    : Number.isNaN(value)
      ? 'null'
      : value > 0
        ? '1e999'
        : '-1e999';

const listText = (numbers: NumericData): string =>
  hasSpecial(numbers) ? Array.from(numbers as ArrayLike<number>, jsonNumber).join(',') : numbers.join(',');

function hasSpecial(numbers: NumericData): boolean {
  if (!(numbers instanceof Float32Array || numbers instanceof Float64Array)) return false;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || Object.is(value, -0)) return true;
  }
  return false;
}
