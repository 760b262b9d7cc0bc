/** Lines of CSV. */

export type CsvCell = string | number | null | undefined;

/** A line with its line break; a cell of nothing is empty, and a text with a comma, quote or line break is quoted. */
export const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(csvCell).join(',')}\n`;

function csvCell(value: CsvCell): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
