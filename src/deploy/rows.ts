/** Rows of JSON lines, CSV or TSV, one after another, of text that comes in pieces. */
import { FormatError, quoted } from '../files/error.ts';
import { parseCell } from '../formats/delimited/cells.ts';
import { dialectIn, isSample, type Dialect } from '../formats/delimited/delimiter.ts';
import { cellsInLine } from '../formats/delimited/json-line.ts';
import type { TextKind } from '../formats/delimited/kinds.ts';
import { SampleError, type Row } from './sample.ts';

/** Text that holds rows. */
export interface RowText {
  /** What errors call it. */
  readonly name: string;
  readonly kind: TextKind;
  readonly pieces: AsyncIterable<string> | Iterable<string>;
}

/** Throws a SampleError for a row that is none, and a FormatError for one longer than `most` characters, and where there is none. */
export async function* rowsIn(text: RowText, most: number): AsyncGenerator<Row> {
  let isEmpty = true;
  for await (const row of text.kind === 'JSON lines' ? jsonRows(text, most) : tableRows(text, most, text.kind)) {
    isEmpty = false;
    yield row;
  }
  if (isEmpty) throw new FormatError(text.name, 'holds no samples');
}

const placeOf = ({ name }: RowText, line: number): string => `${name}, line ${line}`;

async function* jsonRows(text: RowText, most: number): AsyncGenerator<Row> {
  let line = 0;
  for await (const content of linesOf(text, most)) {
    line += 1;
    if (content.trim() === '') continue;
    const where = placeOf(text, line);
    const cells = cellsInLine(content);
    if (!cells) throw new SampleError(where, 'is no JSON object');
    yield { cells, where };
  }
}

async function* linesOf({ name, pieces }: RowText, most: number): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    if (rest.length > most)
      throw new FormatError(name, `holds a line of more than ${most} characters, which no sample has`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* tableRows(text: RowText, most: number, kind: TextKind): AsyncGenerator<Row> {
  let names: readonly string[] | undefined;
  for await (const { texts, line, decimalComma } of cellsOf(text, most, kind)) {
    if (names === undefined) {
      names = texts;
      const twice = texts.find((name, i) => texts.indexOf(name) < i);
      if (twice !== undefined) throw new FormatError(text.name, `names two columns ${quoted(twice)}; rename one`);
      continue;
    }
    const where = placeOf(text, line);
    if (texts.length !== names.length)
      throw new SampleError(where, `has ${texts.length} cells, and the first line ${names.length}`);
    yield {
      cells: new Map(names.map((name, i) => [name, parseCell(texts[i]!, decimalComma)])),
      texts: new Map(names.map((name, i) => [name, texts[i]!])),
      where,
    };
  }
}

interface TableRow {
  readonly texts: readonly string[];
  readonly line: number;
  readonly decimalComma: RegExp | undefined;
}

/** A line of a table, or several where a quote goes on over their ends. */
interface TableRecord {
  readonly content: string;
  readonly line: number;
}

/** The cells of each record: the first ones tell what separates them. */
async function* cellsOf(text: RowText, most: number, kind: TextKind): AsyncGenerator<TableRow> {
  const first: TableRecord[] = [];
  let sample = '';
  let dialect: Dialect | undefined;
  const rowOf = (record: TableRecord, { delimiter, decimalComma }: Dialect): TableRow => ({
    texts: separated(record, delimiter, placeOf(text, record.line)),
    line: record.line,
    decimalComma,
  });
  const firstRows = (known: Dialect): TableRow[] =>
    first.slice(known.announced ? 1 : 0).map((record) => rowOf(record, known));
  for await (const record of recordsOf(text, most)) {
    if (dialect) {
      yield rowOf(record, dialect);
      continue;
    }
    first.push(record);
    sample += `${record.content}\n`;
    if (!isSample(sample)) continue;
    dialect = dialectIn(sample, false, kind);
    yield* firstRows(dialect);
  }
  if (!dialect) yield* firstRows(dialectIn(sample, true, kind));
}

function separated({ content }: TableRecord, delimiter: string, where: string): readonly string[] {
  const cells: string[] = [];
  const quotedCell = /"([^"]*(?:""[^"]*)*)"/y;
  for (let at = 0; ; at += 1) {
    if (content[at] === '"') {
      quotedCell.lastIndex = at;
      const inner = quotedCell.exec(content)?.[1];
      at = quotedCell.lastIndex;
      if (inner === undefined || (at < content.length && content[at] !== delimiter))
        throw new SampleError(where, 'has a quote where none may be; write it twice, inside of quotes');
      cells.push(inner.replaceAll('""', '"'));
    } else {
      const end = content.indexOf(delimiter, at);
      cells.push(content.slice(at, end < 0 ? content.length : end));
      at = end < 0 ? content.length : end;
    }
    if (at >= content.length) return cells;
  }
}

/** The records of a table; lines that are empty are none. */
async function* recordsOf({ name, pieces }: RowText, most: number): AsyncGenerator<TableRecord> {
  let [rest, line] = ['', 1];
  for await (const piece of pieces) {
    const text = rest + piece;
    const marks = /"|\r\n|\n|\r(?=[^])/g;
    let [start, isQuoted] = [0, false];
    for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
      if (mark[0] === '"') isQuoted = !isQuoted;
      else if (!isQuoted) {
        const content = text.slice(start, mark.index);
        if (content !== '') yield { content, line };
        line += content.split('\n').length;
        start = marks.lastIndex;
      }
    }
    rest = text.slice(start);
    if (rest.length > most)
      throw new FormatError(
        name,
        `holds a row of more than ${most} characters, which no sample has; is a quote left open?`,
      );
  }
  rest = rest.replace(/\r$/, '');
  if (rest !== '') yield { content: rest, line };
}
