import { onOneLine, terminalWidth } from './terminal.ts';

const gap = '  ';

/**
 * Rows of cells as lines of text in columns: the first column aligned left, the others right. A table that is wider than
 * `width` is told in parts, one below the other, each of which has the first column and as many of the others as fit.
 */
export function columns(given: readonly (readonly string[])[], { width = terminalWidth() } = {}): string {
  const rows = given.map((row) => row.map(onOneLine));
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const table = (shown: readonly number[]): string =>
    rows
      .map((row) =>
        [0, ...shown]
          .map((column) => (column === 0 ? row[0]!.padEnd(widths[0]!) : (row[column] ?? '').padStart(widths[column]!)))
          .join(gap)
          .trimEnd(),
      )
      // Of headings that are told in two lines, a part may need one.
      .filter((line) => line !== '')
      .join('\n');
  return parts(widths, width).map(table).join('\n\n');
}

/** A column that may be cut, and the width that it keeps. */
export interface CutColumn {
  readonly column: number;
  readonly least: number;
}

/**
 * The rows with cells cut in the middle, so that a table of `columns` is no wider than `width`: the columns of `cut` one after the
 * other, as far as each may be.
 */
export function cutToWidth(
  rows: readonly (readonly string[])[],
  cut: readonly CutColumn[],
  { width = terminalWidth() } = {},
): string[][] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => onOneLine(row[column] ?? '').length)));
  const kept = [...widths];
  for (const { column, least } of cut) {
    const excess = kept.reduce((sum, own) => sum + own + gap.length, -gap.length) - width;
    if (excess > 0) kept[column] = Math.max(Math.min(least, widths[column]!), widths[column]! - excess);
  }
  return rows.map((row) => row.map((cell, column) => shortened(onOneLine(cell), kept[column]!)));
}

/** A text without its middle, where it is longer than that. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - end)}…${text.slice(text.length - end)}`;
}

/** The columns after the first, in parts that fit beside it; one that does not fit is in a part of its own. */
function parts([first = 0, ...others]: readonly number[], width: number): readonly (readonly number[])[] {
  const found: number[][] = [[]];
  let taken = first;
  for (const [i, own] of others.entries()) {
    if (taken + gap.length + own > width && found.at(-1)!.length > 0) {
      found.push([]);
      taken = first;
    }
    found.at(-1)!.push(i + 1);
    taken += gap.length + own;
  }
  return found;
}

/** A number as tables show it: with three decimals, or as it is if it is a whole number of 10 or more. */
export const numberText = (x: number): string => (Number.isInteger(x) && Math.abs(x) >= 10 ? String(x) : x.toFixed(3));
