/** The thread that reads CSV, TSV and JSON lines: once to see what the columns hold, once to keep it. */

import { ColumnSurvey, type ColumnValues, GrowingColumn } from './columns.ts';
import type { ParsedCell } from './cells.ts';
import { mannerOf, rowsOf } from './rows.ts';
import { serve } from '../sandbox/worker.ts';

export interface DelimitedContents {
  /** The names of the columns. */
  readonly names: readonly string[];
  /** What to tell of how the file was read. */
  readonly notes: readonly string[];
}

export type DelimitedService = {
  /** Reads the file, whose columns `names` names where it has no line of names itself. */
  open: (path: string, names?: readonly string[]) => Promise<DelimitedContents>;
  /** The next columns, some numbers' worth of them, which the thread keeps no longer. */
  take: () => ColumnValues[];
};

let columns: GrowingColumn[] = [];

// What is copied from one thread to the other at a time.
const mostColumns = 4096;
const mostValues = 2 ** 22;
// Columns whose notes are told: the others are most likely alike.
const mostNotes = 5;

const service: DelimitedService = {
  async open(path, given) {
    columns = [];
    const manner = await mannerOf(path, given);
    const surveys: ColumnSurvey[] = [];
    let names: readonly string[] = [];
    let row = 0;
    for await (const { names: known, cells, texts } of rowsOf(path, manner)) {
      names = known;
      for (let i = 0; i < cells.length; i++) (surveys[i] ??= new ColumnSurvey()).see(cells[i]!, texts?.[i], row);
      row++;
    }
    const growing = names.map((name, i) => new GrowingColumn(name, surveys[i]!.kind));
    row = 0;
    for await (const { cells, texts } of rowsOf(path, manner)) {
      for (let i = 0; i < growing.length; i++) {
        const cell = cells[i] ?? null;
        growing[i]!.add(cell, texts?.[i] ?? textOf(cell), row);
      }
      row++;
    }
    columns = growing;
    const told = names.flatMap((name, i) => surveys[i]!.note(name) ?? []);
    const more = told.length - mostNotes;
    const rest = more > 0 ? [`${more} more columns of numbers are read as texts for such cells.`] : [];
    return { names: [...names], notes: [...manner.notes, ...told.slice(0, mostNotes), ...rest] };
  },

  take() {
    const taken: ColumnValues[] = [];
    let values = 0;
    while (columns.length > taken.length && taken.length < mostColumns && values < mostValues) {
      const column = columns[taken.length]!.finish();
      values += column.values.length + column.texts.length;
      taken.push(column);
    }
    columns = columns.slice(taken.length);
    return taken;
  },
};

/** What JSON holds, as the cell of a column of texts. */
const textOf = (cell: ParsedCell): string =>
  cell === null ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);

serve(service);
