/** What separates the cells of a table in text: its ending says what is usual, and its first lines what is so. */
import { clearCommaNumber, commaNumber } from './cells.ts';
import type { TextKind } from './kinds.ts';

export interface Dialect {
  readonly delimiter: string;
  /** Which numbers may have a decimal comma. */
  readonly decimalComma?: RegExp;
  /** Whether the first line names the delimiter (`sep=;`, as Excel has it) and is none of the table. */
  readonly announced: boolean;
}

const usual = [',', ';', '\t', '|'];
// The first lines are a sample: a header alone may take a MiB.
const sampleLength = 2 ** 22;
const sampleRows = 20;

/** Whether the beginning of a file is as much of it as `dialectIn` looks at. */
export const isSample = (text: string): boolean => text.length >= sampleLength || lineCount(text) > 2 * sampleRows;

/** The dialect of a file that begins so; `whole` says whether that is all of it. */
export function dialectIn(sample: string, whole: boolean, kind: TextKind): Dialect {
  const announced = /^sep=([^\r\n])\r?\n/.exec(sample)?.[1];
  const delimiter = announced ?? delimiterIn(rowsIn(sample, whole), kind);
  const comma = delimiter === ',' ? undefined : delimiter === ';' ? commaNumber : clearCommaNumber;
  return { delimiter, announced: announced !== undefined, ...(comma && { decimalComma: comma }) };
}

/** That of the ending where all rows have as many as the header, else another of which that is true. */
function delimiterIn(rows: readonly (readonly number[])[], kind: TextKind): string {
  const own = kind === 'TSV' ? '\t' : ',';
  const ways = [own, ...usual.filter((delimiter) => delimiter !== own)];
  const [head = []] = rows;
  const fits = (delimiter: string): boolean => {
    const index = usual.indexOf(delimiter);
    return head[index]! > 0 && rows.every((counts) => counts[index] === head[index]);
  };
  return ways.find(fits) ?? own;
}

const lineCount = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && count <= 2 * sampleRows; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

/** How many of each of the usual delimiters the first rows have outside of quotes; the last row only where it is whole. */
function rowsIn(text: string, whole: boolean): number[][] {
  const rows: number[][] = [];
  let counts = usual.map(() => 0);
  let isEmpty = true;
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < sampleRows; i++) {
    const character = text[i]!;
    if (character === '"') quoted = !quoted;
    const ends = !quoted && (character === '\n' || character === '\r');
    if (ends && !isEmpty) rows.push(counts);
    if (ends) {
      counts = usual.map(() => 0);
      isEmpty = true;
      continue;
    }
    isEmpty = false;
    const index = quoted ? -1 : usual.indexOf(character);
    if (index >= 0) counts[index]!++;
  }
  if (whole && !isEmpty && !quoted && rows.length < sampleRows) rows.push(counts);
  return rows;
}
