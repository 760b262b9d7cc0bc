/** Rows of CSV, TSV and JSON lines, one after another. */

import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { type ParsedCell, parseCell } from './columns.ts';
import { kindOf } from './kinds.ts';
import { FileProblem } from '../sandbox/worker.ts';

/** Cells in the order of `names`, to which a row of JSON may add. */
export interface Row {
  readonly names: readonly string[];
  readonly cells: readonly ParsedCell[];
  readonly texts: readonly string[];
}

// Characters of the longest row: 64 MiB of text are some millions of numbers.
const longest = 2 ** 26;

export function rowsOf(path: string): AsyncGenerator<Row> {
  const kind = kindOf(path);
  return kind === 'JSON lines' ? jsonRows(path) : textRows(path, kind === 'TSV' ? '\t' : ',');
}

async function* textRows(path: string, delimiter: string): AsyncGenerator<Row> {
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true, max_record_size: longest });
  const source = createReadStream(path, { highWaterMark: 2 ** 20 });
  source.on('error', (error) => parser.destroy(error));
  let names: string[] | undefined;
  try {
    for await (const record of source.pipe(parser) as AsyncIterable<string[]>) {
      if (names === undefined) names = checked(record);
      else yield { names, cells: record.map(parseCell), texts: record };
    }
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error) : error;
  } finally {
    source.destroy();
  }
  if (names === undefined) throw new FileProblem('is empty; its first line names the columns.');
}

function checked(names: string[]): string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new FileProblem(`names two columns ${JSON.stringify(twice)}; rename one.`);
  return names;
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

async function* jsonRows(path: string): AsyncGenerator<Row> {
  const names: string[] = [];
  const known = new Map<string, number>();
  let line = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (text.trim() === '') continue;
    const cells: ParsedCell[] = names.map(() => null);
    for (const [name, value] of Object.entries(objectIn(text, line))) {
      const index = known.get(name) ?? names.push(name) - 1;
      known.set(name, index);
      cells[index] = cellOf(value, name, line);
    }
    yield { names, cells, texts: cells.map((cell) => (cell === null ? '' : String(cell))) };
  }
  if (names.length === 0) throw new FileProblem('holds no rows; write one JSON object a line.');
}

function objectIn(text: string, line: number): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The error is thrown below, together with that of JSON that is no object.
  }
  throw new FileProblem(`has no JSON object in line ${line}; write one a line, such as {"id": "a", "x": [1, 2]}.`);
}

function cellOf(value: unknown, name: string, line: number): ParsedCell {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as ParsedCell;
  throw new FileProblem(`has an object in column ${JSON.stringify(name)}, line ${line}; write its fields as columns.`);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  const source = createReadStream(path, { encoding: 'utf8', highWaterMark: 2 ** 20 });
  for await (const piece of source as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    if (rest.length > longest)
      throw new FileProblem(`has a line of more than ${longest} characters; is it JSON lines?`);
    yield* lines;
  }
  yield rest;
}
