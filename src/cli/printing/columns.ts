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
