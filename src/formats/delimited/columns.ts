/** Columns of a table that grow by a row at a time. */

import { FileProblem } from '../sandbox/worker.ts';

/** The value of a cell: JSON has types, and a text of CSV may stand for any of them. */
export type ParsedCell = string | number | boolean | null | readonly unknown[];

export type ColumnKind = 'nothing' | 'int32' | 'float64' | 'bool' | 'lists' | 'texts';

export interface ColumnValues {
  readonly kind: ColumnKind;
  /** Numbers; those of lists one after another. */
  readonly values: Float64Array<ArrayBuffer>;
  readonly texts: readonly string[];
  /** The shapes of lists, which all have as many axes, one after another: `axes` numbers for each row. */
  readonly shapes: Int32Array<ArrayBuffer>;
  readonly axes: number;
}

const number = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const special: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
};

/**
 * A cell of CSV as what it looks like. A number that would lose digits (a long identifier, `007`) stays a text, and so
 * does whatever is not plainly something else.
 */
export function parseCell(text: string): ParsedCell {
  if (text === '') return null;
  if (number.test(text)) {
    const value = Number(text);
    return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.e]/i.test(text) ? text : value;
  }
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (Object.hasOwn(special, lower)) return special[lower]!;
  if (!text.startsWith('[')) return text;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && isNumeric(list) ? list : text;
  } catch {
    return text;
  }
}

/** Numbers, missing ones, and lists of them. */
const isNumeric = (value: unknown): boolean =>
  value === null || typeof value === 'number' || (Array.isArray(value) && value.every(isNumeric));

function kindOf(cell: ParsedCell): ColumnKind {
  if (cell === null) return 'nothing';
  if (typeof cell === 'boolean') return 'bool';
  if (typeof cell === 'number') return Number.isInteger(cell) && cell === (cell | 0) ? 'int32' : 'float64';
  return typeof cell === 'string' || !isNumeric(cell) ? 'texts' : 'lists';
}

/** The kind of a column that holds values of both. */
export function widerKind(kind: ColumnKind, cell: ParsedCell): ColumnKind {
  const other = kindOf(cell);
  if (kind === 'nothing' || kind === other) return other;
  if (other === 'nothing') return kind;
  const numbers = [kind, other].every((one) => one === 'int32' || one === 'float64');
  return numbers ? 'float64' : 'texts';
}

/** The values of a column whose kind is known. */
export class GrowingColumn {
  readonly #name: string;
  readonly #kind: ColumnKind;
  readonly #texts: string[] = [];
  #values = new Float64Array(1024);
  #count = 0;
  readonly #shapes: number[] = [];
  #axes = 1;

  constructor(name: string, kind: ColumnKind) {
    this.#name = name;
    this.#kind = kind;
  }

  /** `text` is the cell as it is in the file. */
  add(cell: ParsedCell, text: string, row: number): void {
    if (this.#kind === 'texts' || this.#kind === 'nothing') this.#texts.push(text);
    else if (this.#kind === 'lists') this.#addList(Array.isArray(cell) ? cell : [], row);
    else this.#push(cell === null ? Number.NaN : Number(cell));
  }

  finish(): ColumnValues {
    const values = this.#values.slice(0, this.#count);
    const missing = values.some(Number.isNaN);
    // A whole number or a truth value that is missing can be told as a number only.
    const kind = missing && (this.#kind === 'int32' || this.#kind === 'bool') ? 'float64' : this.#kind;
    return { kind, values, texts: this.#texts, shapes: Int32Array.from(this.#shapes), axes: this.#axes };
  }

  /** A list of numbers `[length]`, or of lists of the same length `[rows, width]`. */
  #addList(list: readonly unknown[], row: number): void {
    const nested = list.some(Array.isArray);
    if (nested && this.#axes === 1) {
      if (this.#shapes.some((length) => length > 0)) throw this.#uneven(row);
      this.#shapes.push(...this.#shapes.splice(0).flatMap(() => [0, 0]));
      this.#axes = 2;
    }
    const items = this.#axes === 2 && !nested && list.length > 0 ? [undefined] : list;
    const width = nested ? (list.find(Array.isArray) as unknown[]).length : 0;
    for (const item of items) {
      const inner: unknown = nested ? item : [item];
      if (
        !Array.isArray(inner) ||
        inner.some(Array.isArray) ||
        (nested && inner.length !== width) ||
        item === undefined
      )
        throw this.#uneven(row);
      for (const value of inner as unknown[]) this.#push(value === null ? Number.NaN : Number(value));
    }
    this.#shapes.push(list.length);
    if (this.#axes === 2) this.#shapes.push(width);
  }

  #push(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count++] = value;
  }

  #uneven = (row: number): FileProblem =>
    new FileProblem(
      `has a list in column "${this.#name}", row ${row}, that is neither numbers nor lists of equal length; make it so.`,
    );
}
