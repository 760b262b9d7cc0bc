/** Predictions as a table, for programs that read CSV. */
import { isTree, type Tree } from '../../json/tree.ts';
import { csvLine, type CsvCell } from '../../text/csv.ts';

/** The keys of a line, in the order of their columns. */
const order = ['id', 'group', 'label', 'prediction', 'probabilities'];

/**
 * CSV with a row for each of the JSON lines that `predict` prints, and a column for each key: of several labels, classes and
 * their probabilities one for each name, as in `label/happy` and `probabilities/happy`. A key that no line has is no column,
 * and a label that is not known is empty.
 */
export function predictionsCsv(lines: readonly string[]): string {
  const rows = lines.map((line) => new Map(order.flatMap((key) => cellsOf(key, (JSON.parse(line) as Tree)[key]))));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const ordered = order.flatMap((key) => names.filter((name) => name === key || name.startsWith(`${key}/`)));
  return [ordered, ...rows.map((row) => ordered.map((name) => row.get(name)))].map(csvLine).join('');
}

function cellsOf(key: string, value: unknown): [string, CsvCell][] {
  if (value === undefined) return [];
  return isTree(value)
    ? Object.entries(value).map(([name, inner]) => [`${key}/${name}`, cell(inner)])
    : [[key, cell(value)]];
}

const cell = (value: unknown): CsvCell => (typeof value === 'string' || typeof value === 'number' ? value : undefined);
