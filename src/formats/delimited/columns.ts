/** Columns of a table that grow by a row at a time. */

import { quoted } from '../../files/error.ts';
import { type DecimalMark, decimalMarkOf, isMissing, isNumeric, type ParsedCell } from './cells.ts';
import { FileProblem } from '../sandbox/worker.ts';

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

function kindOf(cell: ParsedCell): ColumnKind {
  if (cell === null) return 'nothing';
  if (typeof cell === 'boolean') return 'bool';
  if (typeof cell === 'number') return Number.isInteger(cell) && cell === (cell | 0) ? 'int32' : 'float64';
  return typeof cell === 'string' || !isNumeric(cell) ? 'texts' : 'lists';
}

/** The kind of a column that holds values of both. */
function widerKind(kind: ColumnKind, cell: ParsedCell): ColumnKind {
  const other = kindOf(cell);
  if (kind === 'nothing' || kind === other) return other;
  if (other === 'nothing') return kind;
  const numbers = [kind, other].every((one) => one === 'int32' || one === 'float64');
  return numbers ? 'float64' : 'texts';
}

/** What a column is seen to hold, a cell at a time. */
export class ColumnSurvey {
  #kind: ColumnKind = 'nothing';
  #hasNaN = false;
  #numbers = 0;
  /** The first number with a fraction: its decimal mark is that of all. */
  #fraction: { readonly row: number; readonly text: string; readonly mark: DecimalMark } | undefined;
  /** The first cell that is no number, or that has another decimal mark. */
  #odd: { readonly row: number; readonly text: string } | undefined;

  get kind(): ColumnKind {
    return this.#kind === 'nothing' && this.#hasNaN ? 'float64' : this.#kind;
  }

  /** `text` is the cell as it is in the file, or undefined where the file itself says what it is. */
  see(cell: ParsedCell, text: string | undefined, row: number): void {
    const seen = text === undefined && typeof cell === 'string' && isMissing(cell) ? null : cell;
    if (typeof seen === 'number') this.#numbers++;
    else if (typeof seen === 'string') this.#odd ??= { row, text: seen };
    if (this.#kind === 'texts') return;
    // A number that is none is a missing value too, but makes numbers of a column that has nothing else.
    if (Number.isNaN(seen)) this.#hasNaN = true;
    else this.#kind = widerKind(this.#kind, seen);
    const mark = typeof seen === 'number' && text !== undefined ? decimalMarkOf(text) : undefined;
    if (mark === undefined) return;
    this.#fraction ??= { row, text: text!, mark };
    if (mark === this.#fraction.mark) return;
    // Which of the two separates thousands is anybody's guess.
    this.#odd ??= { row, text: text! };
    this.#kind = 'texts';
  }

  /** What to tell of a column of numbers that is one of texts for the sake of a few cells. */
  note(name: string): string | undefined {
    if (this.#kind !== 'texts' || this.#odd === undefined || this.#numbers < 2) return undefined;
    const { row, text } = this.#odd;
    const other = this.#fraction && this.#fraction.row !== row ? decimalMarkOf(text) : undefined;
    const why =
      other !== undefined && other !== this.#fraction!.mark
        ? `and row ${this.#fraction!.row} ${quoted(this.#fraction!.text)}: one decimal mark is needed`
        : `where ${this.#numbers} others are numbers; an empty cell is a missing number`;
    return `column ${quoted(name)} is read as texts: row ${row} is ${quoted(text)}, ${why}.`;
  }
}

// A table may have a hundred thousand columns of a few rows.
const firstLength = 16;

/** The values of a column whose kind is known. */
export class GrowingColumn {
  readonly #name: string;
  readonly #kind: ColumnKind;
  readonly #texts: string[] = [];
  #values = new Float64Array(firstLength);
  #count = 0;
  readonly #shapes: number[] = [];
  #axes = 1;

  constructor(name: string, kind: ColumnKind) {
    this.#name = name;
    this.#kind = kind;
  }

  /** `text` is the cell as it is in the file; of what is no text, as texts would have it. */
  add(cell: ParsedCell, text: string, row: number): void {
    if (this.#kind === 'texts' || this.#kind === 'nothing') this.#texts.push(text);
    else if (this.#kind === 'lists') this.#addList(Array.isArray(cell) ? cell : [], row);
    else this.#push(typeof cell === 'number' || typeof cell === 'boolean' ? Number(cell) : Number.NaN);
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
      // A step that is null is one whose numbers are all missing.
      const inner: unknown = !nested ? [item] : item === null ? new Array<null>(width).fill(null) : item;
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
