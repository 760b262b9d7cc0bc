/** Splits all of whose samples lack a modality that samples of other splits have. */
import { NdArray } from '../../formats/bytes/array.ts';
import { isNothing } from './splits.ts';
import { absentKey, splitTable, type SplitTable } from './table.ts';

/**
 * The tables, in which nothing in every row (null, an empty list, an array without a number) is zeros `[N, 1, D]` of absent
 * samples, where another split holds an array `[N, T, D]` or `[N, D]` by that name.
 */
export function withLacking(tables: readonly SplitTable[]): SplitTable[] {
  return tables.map((table) => {
    const { file, split, columns } = table;
    const added = new Map<string, unknown>();
    for (const [name, column] of columns) {
      const count = rowsOfNothing(column);
      if (count === 0) continue;
      const width = tables
        .map(({ numbers }) => numbers.get(name)?.shape)
        .find((shape) => (shape?.length === 2 || shape?.length === 3) && !shape.includes(0))
        ?.at(-1);
      if (width === undefined) continue;
      added.set(name, new NdArray([count, 1, width], 'float32', new Float32Array(count * width)));
      added.set(absentKey(name), new NdArray([count], 'uint8', new Uint8Array(count).fill(1)));
    }
    return added.size === 0 ? table : splitTable(file, split, new Map([...columns, ...added]));
  });
}

/** How many rows a column has, none of which holds anything; 0 for any other column. */
function rowsOfNothing(column: unknown): number {
  if (column instanceof NdArray && column.dtype !== 'object') return isNothing(column) ? column.shape[0]! : 0;
  const rows: unknown = column instanceof NdArray ? column.data : column;
  return Array.isArray(rows) && rows.every(isNothing) ? rows.length : 0;
}
