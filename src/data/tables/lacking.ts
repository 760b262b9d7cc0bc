/** Splits all of whose samples lack a modality that samples of other splits have. */
import { NdArray } from '../../formats/bytes/array.ts';
import { isNothing } from './splits.ts';
import { absentKey, splitTable, type SplitTable } from './table.ts';

/**
 * The tables, in which a list of nothing (null, an empty list) in every row is zeros `[N, 1, D]` of absent samples, where
 * another split holds an array `[N, T, D]` or `[N, D]` by that name.
 */
export function withLacking(tables: readonly SplitTable[]): SplitTable[] {
  return tables.map((table) => {
    const { file, split, columns } = table;
    const added = new Map<string, unknown>();
    for (const [name, column] of columns) {
      if (!Array.isArray(column) || column.length === 0 || !column.every(isNothing)) continue;
      const width = tables
        .map(({ numbers }) => numbers.get(name)?.shape)
        .find((shape) => shape?.length === 2 || shape?.length === 3)
        ?.at(-1);
      if (width === undefined) continue;
      const count = column.length;
      added.set(name, new NdArray([count, 1, width], 'float32', new Float32Array(count * width)));
      added.set(absentKey(name), new NdArray([count], 'uint8', new Uint8Array(count).fill(1)));
    }
    return added.size === 0 ? table : splitTable(file, split, new Map([...columns, ...added]));
  });
}
