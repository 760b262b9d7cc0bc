import { stat } from 'node:fs/promises';
import { countOf, NdArray } from '../bytes/array.ts';
import type { ColumnValues } from './columns.ts';
import { kindOf } from './kinds.ts';
import type { DelimitedService } from './worker.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import type { OpenOptions } from '../format.ts';
import { Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';

/**
 * CSV, TSV and JSON lines with one row per sample; the ending of the name tells which. Columns of numbers become
 * arrays, of equal lists (`[1, 2]` in a cell) arrays of more axes, of lists of different lengths a list of arrays, and
 * all others lists of texts. Unlike other files, these are read whole: their columns stay in memory. `columns` names the
 * columns of CSV and TSV without a line of names.
 */
export async function openDelimited(file: string, { columns, signal }: OpenOptions = {}): Promise<OpenedFile> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const megabytes = size / 2 ** 20;
  const heap = Math.min(4096, 256 + Math.ceil(16 * megabytes));
  const sandbox = startDelimited(file, { heap, seconds: 60 + megabytes, signal });
  try {
    return { ...(await openInSandbox(sandbox, file, columns)), file, close: () => Promise.resolve() };
  } finally {
    await sandbox.close();
  }
}

export type DelimitedSandbox = Sandbox<DelimitedService>;

/** A reader, which takes longer to start than to read a small file. */
export const startDelimited = (file: string, options: SandboxOptions = {}): DelimitedSandbox =>
  new Sandbox(new URL('./worker.ts', import.meta.url), file, options);

export async function openInSandbox(
  sandbox: DelimitedSandbox,
  file: string,
  columns?: readonly string[],
): Promise<Pick<OpenedFile, 'format' | 'value' | 'notes'>> {
  const value = new Map<string, NdArray | readonly NdArray[] | readonly string[]>();
  const { names, notes } = await sandbox.call('open', file, columns);
  while (value.size < names.length)
    for (const column of await sandbox.call('take')) value.set(names[value.size]!, valueOf(column));
  return { format: kindOf(file), value, ...(notes.length > 0 && { notes }) };
}

function valueOf({ kind, values, texts, shapes, axes }: ColumnValues): NdArray | NdArray[] | readonly string[] {
  switch (kind) {
    case 'float64':
      return new NdArray([values.length], 'float64', values);
    case 'int32':
      return new NdArray([values.length], 'int32', Int32Array.from(values));
    case 'bool':
      return new NdArray([values.length], 'bool', Uint8Array.from(values));
    case 'lists':
      return listsOf(values, shapes, axes);
    case 'texts':
    case 'nothing':
      return texts;
  }
}

function listsOf(values: Float64Array, shapes: Int32Array, axes: number): NdArray | NdArray[] {
  const rows = shapes.length / axes;
  const shapeOf = (row: number): number[] => [...shapes.subarray(row * axes, (row + 1) * axes)];
  const first = shapeOf(0);
  if (shapes.every((length, i) => length === first[i % axes])) return new NdArray([rows, ...first], 'float64', values);
  let from = 0;
  return Array.from({ length: rows }, (_, row) => {
    const shape = shapeOf(row);
    const list = values.subarray(from, from + countOf(shape));
    from += list.length;
    return new NdArray(shape, 'float64', list);
  });
}
