/** What a page shows, as a file of whoever looks at it. */
import { csvLine, type CsvCell } from '../../text/csv.ts';

/** A table as a chart or a page holds it. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvCell[])[];
}

export const csvOf = ({ columns, rows }: TableData): string =>
  [columns, ...rows].map((cells) => csvLine(cells)).join('');

/** A list of objects by column. */
export const jsonOf = ({ columns, rows }: TableData): string =>
  `${JSON.stringify(
    rows.map((cells) => Object.fromEntries(columns.map((column, n) => [column, cells[n] ?? null]))),
    null,
    1,
  )}\n`;

/** Gives the table to the browser as a download. */
export function downloadTable(name: string, format: 'csv' | 'json', table: TableData): void {
  const [text, type] = format === 'csv' ? [csvOf(table), 'text/csv'] : [jsonOf(table), 'application/json'];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName(name)}.${format}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name without what file systems and shells take amiss. */
export const fileName = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^[-.]+|-+$/g, '') || 'table';
