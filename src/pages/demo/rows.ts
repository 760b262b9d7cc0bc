/** Rows of JSON lines, of CSV and the like, in a text that somebody pasted or that a file holds. */
import { parseCell } from '../../formats/delimited/cells.ts';
import { dialectIn, type Dialect } from '../../formats/delimited/delimiter.ts';
import { cellsInLine } from '../../formats/delimited/json-line.ts';
import { quoted } from '../../files/error.ts';
import type { Row } from '../../deploy/sample.ts';

/** A text that holds no rows: one sentence that says where and what is wrong. */
export class RowsError extends Error {
  override readonly name = 'RowsError';
}

/**
 * The rows of a text: an object of JSON on each line where it begins with one, else a table with the names of its columns on the
 * first line. Throws a RowsError for a line that is neither, and where there is no row.
 */
export function rowsIn(text: string): readonly Row[] {
  const whole = text.replace(/^\uFEFF/, '');
  const rows = /^\s*[{[]/.test(whole) ? jsonRows(whole) : tableRows(whole);
  if (rows.length === 0) throw new RowsError('There is no sample here: give at least one row.');
  return rows;
}

function jsonRows(text: string): readonly Row[] {
  // Some have one object over many lines, or a list of them.
  const listed = asOne(text);
  if (listed)
    return listed.map((object, n) => {
      const cells = cellsInLine(JSON.stringify(object));
      if (!cells) throw new RowsError(`Sample ${n + 1} is no JSON object: write {"id": …, …}.`);
      return { cells, where: `sample ${n + 1}` };
    });
  return text.split('\n').flatMap((line, n) => {
    if (line.trim() === '') return [];
    const cells = cellsInLine(line);
    if (!cells) throw new RowsError(`Line ${n + 1} is no JSON object: write each sample on a line of its own.`);
    return [{ cells, where: `line ${n + 1}` }];
  });
}

function asOne(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly unknown[]) : [value];
  } catch {
    return undefined;
  }
}

function tableRows(text: string): readonly Row[] {
  const dialect = dialectIn(text, true, 'CSV');
  const [head, ...records] = recordsIn(text).slice(dialect.announced ? 1 : 0);
  if (!head) return [];
  const names = cellsIn(head, dialect);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RowsError(`Line 1 names two columns ${quoted(twice)}: rename one.`);
  return records.map((record) => {
    const texts = cellsIn(record, dialect);
    if (texts.length !== names.length)
      throw new RowsError(
        `Line ${record.line} has ${texts.length} cells, and the first line names ${names.length} columns.`,
      );
    return {
      cells: new Map(names.map((name, i) => [name, parseCell(texts[i]!, dialect.decimalComma)])),
      texts: new Map(names.map((name, i) => [name, texts[i]!])),
      where: `line ${record.line}`,
    };
  });
}

interface Record {
  readonly text: string;
  readonly line: number;
}

/** The lines of a table, where a line may go on within quotes; those that are empty are none. */
function recordsIn(text: string): readonly Record[] {
  const records: Record[] = [];
  const marks = /"|\r\n|\n|\r|$/g;
  let [start, line, isQuoted] = [0, 1, false];
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      isQuoted = !isQuoted;
      continue;
    }
    const isEnd = mark.index === text.length;
    if (isQuoted && !isEnd) continue;
    const record = text.slice(start, mark.index);
    if (record !== '') records.push({ text: record, line });
    if (isEnd) break;
    line += record.split('\n').length;
    start = marks.lastIndex;
  }
  return records;
}

function cellsIn({ text, line }: Record, { delimiter }: Dialect): readonly string[] {
  const cells: string[] = [];
  const inQuotes = /"([^"]*(?:""[^"]*)*)"/y;
  for (let at = 0; ; at += 1) {
    if (text[at] === '"') {
      inQuotes.lastIndex = at;
      const inner = inQuotes.exec(text)?.[1];
      at = inQuotes.lastIndex;
      if (inner === undefined || (at < text.length && text[at] !== delimiter))
        throw new RowsError(`Line ${line} has a quote where none may be: write it twice, inside of quotes.`);
      cells.push(inner.replaceAll('""', '"'));
    } else {
      const end = text.indexOf(delimiter, at);
      cells.push(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return cells;
  }
}
