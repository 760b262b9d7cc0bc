/** The names of the columns: the first line of a file, or those that a person gives where there is none. */

import { quoted } from '../../files/error.ts';
import { parseCell } from './cells.ts';
import { FileProblem } from '../sandbox/worker.ts';

/** The first row as names, each of which there is once. A row of values is none. */
export function headerOf(cells: readonly string[]): readonly string[] {
  if (isData(cells))
    throw new FileProblem(
      `has no header line: the first line is of values, ${cells.slice(0, 3).map(quoted).join(', ')}${cells.length > 3 ? ', …' : ''}; ` +
        'write a line of names above it, or give them in a dataset.yaml under "columns".',
    );
  const twice = repeated(cells);
  if (twice !== undefined) throw new FileProblem(`names two columns ${JSON.stringify(twice)}; rename one.`);
  return cells;
}

/** Names that a person gave, for rows of so many cells. */
export function givenNames(names: readonly string[], cells: number): readonly string[] {
  const twice = repeated(names);
  if (twice !== undefined) throw new FileProblem(`is given two columns ${JSON.stringify(twice)}; rename one.`);
  if (names.length !== cells)
    throw new FileProblem(`has ${cells} cells in its first line and is given ${names.length} names; name each column.`);
  return names;
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/**
 * Whether a row is one of values: some are numbers, and not such as name columns, which count up (0, 1, 2, as pandas has
 * it; 2019, 2020).
 */
function isData(cells: readonly string[]): boolean {
  const values = cells.map((cell) => parseCell(cell));
  const numbers = values.filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
  if (values.some(Array.isArray)) return true;
  if (numbers.length === 0) return false;
  const [first = 0] = numbers;
  const counts = numbers.every((value, i) => Number.isInteger(value) && value === first + i);
  if (!counts || first < 0) return true;
  // One number alone counts nothing.
  return numbers.length === 1 && first > 1 && !(first >= 1900 && first <= 2100);
}
