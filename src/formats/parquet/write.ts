import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';

import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import type { NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { type Cell, type Column, forBlocks, splitColumn, type OutputTable, tablesOf } from '../writing/table.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

type Element = Omit<SchemaElement, 'name'>;

const whole = (bits: number, converted: NonNullable<SchemaElement['converted_type']>): Element => ({
  type: bits > 32 ? 'INT64' : 'INT32',
  converted_type: converted,
});

const elements: Readonly<Partial<Record<NumericDType | 'string', Element>>> = {
  bool: { type: 'BOOLEAN' },
  int8: whole(8, 'INT_8'),
  uint8: whole(8, 'UINT_8'),
  int16: whole(16, 'INT_16'),
  uint16: whole(16, 'UINT_16'),
  int32: { type: 'INT32' },
  uint32: whole(32, 'UINT_32'),
  int64: { type: 'INT64' },
  uint64: whole(64, 'UINT_64'),
  float16: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

const supported: SupportedTypes = {
  format: 'Parquet',
  dtypes: new Set((Object.keys(elements) as (NumericDType | 'string')[]).filter((name) => name !== 'string')),
};

/** A column of scalars, of lists, or of lists of lists; nothing is missing in any. */
function schemaOf({ name, dtype, axes }: Column): SchemaElement[] {
  const value: SchemaElement = {
    ...elements[dtype]!,
    name: axes === 0 ? name : 'element',
    repetition_type: 'REQUIRED',
  };
  const lists = Array.from({ length: axes }, (_, i): SchemaElement[] => [
    { name: i === 0 ? name : 'element', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ]);
  return [...lists.flat(), value];
}

/** Parquet with a row per sample and a column `split` where the value has splits; vectors and matrices as lists. */
export function writeParquet(request: WriteRequest): Promise<WriteResult> {
  const { file, signal } = request;
  return writeWholeFile(
    file,
    async (output) => {
      const { tables, leftOut } = tablesOf(request, supported);
      const columns = tables[0]!.columns;
      checkTypes(tables, file);
      const hasSplits = tables[0]!.split !== undefined;
      const split: Column[] = hasSplits
        ? [{ name: splitColumn, dtype: 'string', axes: 0, width: 1, next: () => Promise.resolve([]) }]
        : [];
      const all = [...split, ...columns];
      const bytes = new ByteWriter();
      const writer = new ParquetWriter({
        writer: bytes,
        schema: [{ name: 'root', num_children: all.length }, ...all.flatMap(schemaOf)],
        createdBy: 'decalign',
      });
      const flush = async (): Promise<void> => {
        await output.write(bytes.getBytes().slice());
        bytes.index = 0;
      };
      for (const table of tables) {
        const sorted = columns.map(({ name }) => table.columns.find((column) => column.name === name)!);
        await forBlocks({ ...table, columns: sorted }, 2 ** 18, async (cells, rows) => {
          const columnData = [
            ...(hasSplits ? [{ name: splitColumn, data: new Array<string>(rows).fill(table.split!) }] : []),
            ...sorted.map((column, i) => columnSource(column, cells[i]!)),
          ];
          await writer.write({ columnData, rowGroupSize: rows });
          await flush();
        });
      }
      await writer.finish();
      await flush();
      return { format: 'Parquet', arrays: columns.length, bytes: output.position, leftOut };
    },
    { signal },
  );
}

function checkTypes(tables: readonly OutputTable[], file: string): void {
  const [first, ...others] = tables;
  for (const { split, columns } of others)
    for (const { name, dtype, axes } of columns) {
      const other = first!.columns.find((column) => column.name === name)!;
      if (dtype !== other.dtype || axes !== other.axes)
        throw new FormatError(
          file,
          `needs one type per column: ${quoted(name)} is ${other.dtype} in ${first!.split!} and ${dtype} in ${split!}; ` +
            'make them alike, floats by --dtype.',
        );
    }
}

/** A column as its writer takes it. Floats are not packed: no packing saves enough of them to be worth its time. */
function columnSource({ name, dtype, axes }: Column, cells: readonly Cell[]) {
  const data = cells.map((cell) => valueOf(cell, dtype));
  if (!dtype.startsWith('float')) return { name, data };
  return { name, data, encoding: 'PLAIN', codec: 'UNCOMPRESSED', statistics: axes === 0 } as const;
}

function valueOf(cell: Cell, dtype: Column['dtype']): unknown {
  if (typeof cell === 'string') return cell;
  const { numbers, shape } = cell;
  const values: unknown[] =
    dtype === 'bool' ? Array.from(numbers as Uint8Array, Boolean) : Array.from<unknown>(numbers);
  if (shape.length < 2) return shape.length === 0 ? values[0] : values;
  const [rows = 0, width = 0] = shape;
  return Array.from({ length: rows }, (_, i) => values.slice(i * width, (i + 1) * width));
}
