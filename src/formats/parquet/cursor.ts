/** A place in the values of a column: reading on is quick, going back begins the row group again. */

import type { DecodedArray } from 'hyparquet';
import type { PageValues, Runs } from './stream.ts';
import type { ParquetColumn } from './types.ts';
import { FileProblem } from '../sandbox/worker.ts';

/** Values that every row and every inner list of a column was found to have. */
export interface Expected {
  readonly row: number;
  readonly list: number;
}

export interface ListLengths {
  /** Values per row. */
  readonly rows: Int32Array<ArrayBuffer>;
  /** Values per inner list, where all have as many and lists are nested; else undefined. */
  readonly list: number | undefined;
}

export class ColumnCursor {
  readonly #column: ParquetColumn;
  readonly #pagesOf: (group: number) => Iterator<PageValues>;
  /** Values per row group. An entry for an empty list counts until its lengths are asked for. */
  readonly #counts: number[];
  #group = -1;
  #pages: Iterator<PageValues> | undefined;
  #page: DecodedArray = [];
  /** The number of the first value of the page. */
  #start = 0;
  #rows = new RunLengths();
  #lists = new RunLengths();

  constructor(column: ParquetColumn, pages: (group: number) => Iterator<PageValues>) {
    this.#column = column;
    this.#pagesOf = pages;
    this.#counts = column.groups.map(({ entries }) => entries);
  }

  lengths(group: number): ListLengths {
    const [rows, lists] = [new RunLengths(), new RunLengths()];
    const lengths: number[] = [];
    const widths = new Set<number>();
    const pages = this.#pagesOf(group);
    for (let next = pages.next(); next.done !== true; next = pages.next()) {
      for (const length of rows.complete(next.value.rows)) lengths.push(length);
      for (const width of lists.complete(next.value.lists)) widths.add(width);
    }
    lengths.push(...rows.end());
    for (const width of lists.end()) widths.add(width);
    if (lengths.length !== this.#column.groups[group]!.rows)
      throw this.#damaged(`${lengths.length} rows in place of ${this.#column.groups[group]!.rows}`);
    this.#counts[group] = lengths.reduce((sum, length) => sum + length, 0);
    return { rows: Int32Array.from(lengths), list: widths.size === 1 ? [...widths][0] : undefined };
  }

  /** Gives `use` values `from` to `from + count` in parts, and for each where it begins. */
  read(
    from: number,
    count: number,
    expected: Expected | undefined,
    use: (values: DecodedArray, at: number) => void,
  ): void {
    for (let done = 0; done < count;) {
      this.#seek(from + done, expected);
      const begin = from + done - this.#start;
      const values = this.#page.slice(begin, begin + count - done) as DecodedArray;
      use(values, done);
      done += values.length;
    }
  }

  /** Makes the page that holds value `index` the current one. */
  #seek(index: number, expected: Expected | undefined): void {
    let group = 0;
    let first = 0;
    while (group < this.#counts.length && index >= first + this.#counts[group]!) first += this.#counts[group++]!;
    if (group !== this.#group || index < this.#start) this.#begin(group, first);
    while (index >= this.#start + this.#page.length) {
      const next = this.#pages?.next();
      if (next === undefined || next.done === true) throw this.#damaged('too few values');
      this.#start += this.#page.length;
      this.#page = next.value.values;
      if (expected !== undefined) {
        const end = this.#start + this.#page.length === first + this.#counts[group]!;
        check(this.#rows, next.value.rows, expected.row, end, (length) => this.#uneven(length, expected.row));
        check(this.#lists, next.value.lists, expected.list, end, (length) => this.#uneven(length, expected.list));
      }
    }
  }

  #begin(group: number, first: number): void {
    this.#group = group;
    this.#pages = group < this.#counts.length ? this.#pagesOf(group) : undefined;
    this.#page = [];
    this.#start = first;
    this.#rows = new RunLengths();
    this.#lists = new RunLengths();
  }

  #uneven = (length: number, expected: number): FileProblem =>
    new FileProblem(
      `has a list of ${length} values in column "${this.#column.name}", row group ${this.#group}, where the first have ` +
        `${expected}; make them equal, or write the uneven ones first.`,
    );

  #damaged = (what: string): FileProblem =>
    new FileProblem(`holds ${what} in column "${this.#column.name}"; the file is damaged, copy it again.`);
}

function check(runs: RunLengths, page: Runs, expected: number, end: boolean, uneven: (length: number) => Error): void {
  for (const length of [...runs.complete(page), ...(end ? runs.end() : [])])
    if (length !== expected) throw uneven(length);
}

/** Puts together runs that pages cut. */
class RunLengths {
  #open: number | undefined;

  /** The lengths that are final. */
  complete({ continues, lengths }: Runs): number[] {
    if (lengths.length === 0) return [];
    const all = continues && this.#open !== undefined ? [this.#open + lengths[0]!, ...lengths.slice(1)] : lengths;
    const before = !continues && this.#open !== undefined ? [this.#open] : [];
    this.#open = all.at(-1);
    return [...before, ...all.slice(0, -1)];
  }

  end(): number[] {
    const last = this.#open === undefined ? [] : [this.#open];
    this.#open = undefined;
    return last;
  }
}
