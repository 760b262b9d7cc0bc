/**
 * Rows of JSON lines, CSV or TSV, one after another: `{ cells, texts, where }`, where `cells` are values by the name of
 * their column, and `texts` the same as they stand in a file of text.
 */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { TextDecoder } from 'node:util';
import { short } from './checks.mjs';
import { parseCell } from './library/cells.mjs';
import { dialectIn, isSample } from './library/delimiter.mjs';
import { cellsInLine } from './library/json-line.mjs';

/** The rows of a file, or of JSON lines in standard input (`-`), none longer than `most` characters. */
export async function* rowsIn(file, most) {
  const name = file === '-' ? 'standard input' : file;
  const kind = { '.csv': 'CSV', '.tsv': 'TSV' }[path.extname(file).toLowerCase()];
  const rows = kind === undefined ? jsonRows(file, most) : tableRows(file, most, kind);
  let count = 0;
  try {
    for await (const { line, ...row } of rows) {
      count += 1;
      yield { ...row, where: `${name}, line ${line}` };
    }
  } catch (error) {
    throw new Error(`${name}${error.line === undefined ? '' : `, line ${error.line}`}: ${error.message}`, {
      cause: error,
    });
  }
  if (count === 0) throw new Error(`${name}: holds no samples`);
}

async function* jsonRows(file, most) {
  let line = 0;
  for await (const text of linesOf(file, most)) {
    line += 1;
    if (text.trim() === '') continue;
    const cells = cellsInLine(text);
    if (!cells) throw Object.assign(new Error('is no JSON object'), { line });
    yield { cells, texts: undefined, line };
  }
}

/** Lines of any number, none longer than `most` characters. */
async function* linesOf(file, most) {
  let rest = '';
  for await (const piece of textOf(file)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    if (rest.length > most) throw new Error(`holds a line of more than ${most} characters, which no sample has`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* tableRows(file, most, kind) {
  let names;
  for await (const { cells: texts, line, decimalComma } of cellsOf(recordsOf(file, most), kind)) {
    if (names === undefined) {
      names = texts;
      const twice = names.find((name, i) => names.indexOf(name) < i);
      if (twice !== undefined) throw new Error(`names two columns ${short(twice)}; rename one`);
      continue;
    }
    if (texts.length !== names.length)
      throw Object.assign(new Error(`has ${texts.length} cells, and the first line ${names.length}`), { line });
    yield {
      cells: new Map(names.map((name, i) => [name, parseCell(texts[i], decimalComma)])),
      texts: new Map(names.map((name, i) => [name, texts[i]])),
      line,
    };
  }
}

/** The cells of each record: the first ones tell what separates them. */
async function* cellsOf(records, kind) {
  const first = [];
  let sample = '';
  let dialect;
  const begin = function* (isWhole) {
    dialect = dialectIn(sample, isWhole, kind);
    for (const record of dialect.announced ? first.slice(1) : first) yield separated(record, dialect);
  };
  for await (const record of records) {
    if (dialect !== undefined) {
      yield separated(record, dialect);
      continue;
    }
    first.push(record);
    sample += `${record.text}\n`;
    if (isSample(sample)) yield* begin(false);
  }
  if (dialect === undefined) yield* begin(true);
}

function separated({ text, line }, { delimiter, decimalComma }) {
  const cells = [];
  const quoted = /"([^"]*(?:""[^"]*)*)"/y;
  for (let at = 0; ; at += 1) {
    if (text[at] === '"') {
      quoted.lastIndex = at;
      const inner = quoted.exec(text)?.[1];
      at = quoted.lastIndex;
      if (inner === undefined || (at < text.length && text[at] !== delimiter))
        throw Object.assign(new Error('has a quote where none may be; write it twice, inside of quotes'), { line });
      cells.push(inner.replaceAll('""', '"'));
    } else {
      const end = text.indexOf(delimiter, at);
      cells.push(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return { cells, line, decimalComma };
  }
}

/** The lines of a table, where a line may go on within quotes; those that are empty are none. */
async function* recordsOf(file, most) {
  let [rest, line] = ['', 1];
  for await (const piece of textOf(file)) {
    const text = rest + piece;
    const marks = /"|\r\n|\n|\r(?=[^])/g;
    let [start, isQuoted] = [0, false];
    for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
      if (mark[0] === '"') isQuoted = !isQuoted;
      else if (!isQuoted) {
        const record = text.slice(start, mark.index);
        if (record !== '') yield { text: record, line };
        line += record.split('\n').length;
        start = marks.lastIndex;
      }
    }
    rest = text.slice(start);
    if (rest.length > most)
      throw new Error(`holds a row of more than ${most} characters, which no sample has; is a quote left open?`);
  }
  rest = rest.replace(/\r$/, '');
  if (rest !== '') yield { text: rest, line };
}

/** The text of a file, without the mark that it may begin with. */
async function* textOf(file) {
  const encoding = file === '-' ? 'utf-8' : await encodingOf(file);
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (piece, options) => {
    try {
      return decoder.decode(piece, options);
    } catch (error) {
      throw new Error('is not UTF-8; save it so', { cause: error });
    }
  };
  for await (const piece of piecesOf(file)) yield decoded(piece, { stream: true });
  const rest = decoded();
  if (rest !== '') yield rest;
}

/** UTF-16 by the mark that it begins with; UTF-8 where it can be that, else what Windows has for western languages. */
async function encodingOf(file) {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const piece of piecesOf(file)) {
      if (isFirst && piece[0] === 0xff && piece[1] === 0xfe) return 'utf-16le';
      if (isFirst && piece[0] === 0xfe && piece[1] === 0xff) return 'utf-16be';
      isFirst = false;
      utf8.decode(piece, { stream: true });
    }
    utf8.decode();
    return 'utf-8';
  } catch (error) {
    if (error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    process.stderr.write(`warning: ${file} is no UTF-8 and is read as Windows-1252 (Latin-1); save it as UTF-8.\n`);
    return 'windows-1252';
  }
}

const piecesOf = (file) => (file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 2 ** 20 }));
