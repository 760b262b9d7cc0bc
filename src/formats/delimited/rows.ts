/** Rows of CSV, TSV and JSON lines, one after another. */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type ParsedCell, parseCell } from './cells.ts';
import type { Dialect } from './delimiter.ts';
import { dialectOf } from './dialect.ts';
import { type Encoding, encodingOf, textOf } from './encoding.ts';
import { givenNames, headerOf } from './header.ts';
import { cellsInLine } from './json-line.ts';
import { kindOf } from './kinds.ts';
import { FileProblem } from '../sandbox/worker.ts';

/** Cells in the order of `names`, to which a row of JSON may add. */
export interface Row {
  readonly names: readonly string[];
  readonly cells: readonly ParsedCell[];
  /** The cells as they stand in the file; undefined where the file says by itself which of them are texts. */
  readonly texts: readonly string[] | undefined;
}

/** How a file is read, which is found before its rows are. */
export interface Manner {
  readonly encoding: Encoding;
  /** What to tell of it. */
  readonly notes: readonly string[];
  /** What separates cells; undefined for JSON lines. */
  readonly dialect: Dialect | undefined;
  /** The names of the columns, where the file has no line of them. */
  readonly names: readonly string[] | undefined;
}

// Characters of the longest row: 64 MiB of text are some millions of numbers.
const longest = 2 ** 26;

export async function mannerOf(path: string, names?: readonly string[]): Promise<Manner> {
  const { encoding, note } = await encodingOf(path);
  const kind = kindOf(path);
  const dialect = kind === 'JSON lines' ? undefined : await dialectOf(path, encoding, kind);
  return { encoding, notes: note === undefined ? [] : [note], dialect, names };
}

export const rowsOf = (path: string, manner: Manner): AsyncGenerator<Row> =>
  manner.dialect === undefined ? jsonRows(path, manner) : textRows(path, manner, manner.dialect);

async function* textRows(
  path: string,
  { encoding, names: given }: Manner,
  { delimiter, announced, decimalComma }: Dialect,
): AsyncGenerator<Row> {
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: longest,
    from_line: announced ? 2 : 1,
  });
  const source =
    encoding === 'utf-8'
      ? createReadStream(path, { highWaterMark: 2 ** 20 })
      : Readable.from(textOf(path, encoding), { objectMode: false });
  source.on('error', (error: Error) => parser.destroy(error));
  let names: readonly string[] | undefined;
  try {
    for await (const record of source.pipe(parser) as AsyncIterable<string[]>) {
      if (names === undefined) {
        names = given === undefined ? headerOf(record) : givenNames(given, record.length);
        if (given === undefined) continue;
      }
      yield { names, cells: record.map((cell) => parseCell(cell, decimalComma)), texts: record };
    }
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error) : error;
  } finally {
    source.destroy();
  }
  if (names === undefined) throw new FileProblem('is empty; its first line names the columns.');
}

function problemOf(error: CsvError): FileProblem {
  const line = typeof error['lines'] === 'number' ? error['lines'] : 0;
  const record: unknown = error['record'];
  const count = Array.isArray(record) ? `${record.length} cells` : 'another number of cells';
  const problems: Partial<Record<string, string>> = {
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: `has ${count} in line ${line}, which differs from its first line; quote cells with commas.`,
    CSV_QUOTE_NOT_CLOSED: `opens a quote that is never closed, by line ${line}; close it, or copy the file again.`,
    CSV_MAX_RECORD_SIZE: `has a row of more than ${longest} characters, by line ${line}; is a quote left open?`,
  };
  const other = `has a quote where none may be in line ${line}; write it twice, inside of quotes.`;
  return new FileProblem(problems[error.code] ?? other);
}

async function* jsonRows(path: string, { encoding }: Manner): AsyncGenerator<Row> {
  const names: string[] = [];
  const known = new Map<string, number>();
  let line = 0;
  for await (const text of linesOf(path, encoding)) {
    line++;
    if (text.trim() === '') continue;
    const cells: ParsedCell[] = new Array<ParsedCell>(names.length).fill(null);
    const found = cellsInLine(text);
    if (!found)
      throw new FileProblem(`has no JSON object in line ${line}; write one a line, such as {"id": "a", "x": [1, 2]}.`);
    for (const [name, cell] of found) {
      const index = known.get(name) ?? names.push(name) - 1;
      known.set(name, index);
      cells[index] = cell;
    }
    yield { names, cells, texts: undefined };
  }
  if (names.length === 0) throw new FileProblem('holds no rows; write one JSON object a line.');
}

async function* linesOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of textOf(path, encoding)) {
    const text = rest + piece;
    // A carriage return at the end may be the first half of a line end.
    const held = text.endsWith('\r') ? 1 : 0;
    const lines = text.slice(0, text.length - held).split(/\r\n|\n|\r/);
    rest = lines.pop()! + text.slice(text.length - held);
    if (rest.length > longest)
      throw new FileProblem(`has a line of more than ${longest} characters; is it JSON lines?`);
    yield* lines;
  }
  yield rest;
}
