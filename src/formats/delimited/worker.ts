/** The thread that reads CSV, TSV and JSON lines: once to see what the columns hold, once to keep it. */

import { type ColumnValues, GrowingColumn, type ColumnKind, widerKind } from './columns.ts';
import { rowsOf } from './rows.ts';
import { serve } from '../sandbox/worker.ts';

export type DelimitedService = {
  /** Reads the file; gives the names of its columns. */
  open: (path: string) => Promise<string[]>;
  /** A column, which the thread keeps no longer. */
  take: (name: string) => ColumnValues;
};

const columns = new Map<string, GrowingColumn>();

const service: DelimitedService = {
  async open(path) {
    columns.clear();
    const kinds: ColumnKind[] = [];
    let names: readonly string[] = [];
    for await (const row of rowsOf(path)) {
      names = row.names;
      for (const [i, cell] of row.cells.entries()) kinds[i] = widerKind(kinds[i] ?? 'nothing', cell);
    }
    const growing = names.map((name, i) => new GrowingColumn(name, kinds[i]!));
    let index = 0;
    for await (const { cells, texts } of rowsOf(path)) {
      for (const [i, column] of growing.entries()) column.add(cells[i] ?? null, texts[i] ?? '', index);
      index++;
    }
    for (const [i, name] of names.entries()) columns.set(name, growing[i]!);
    return [...names];
  },

  take(name) {
    const column = columns.get(name)!;
    columns.delete(name);
    return column.finish();
  },
};

serve(service);
