/** For the tests of this folder only: Parquet files of a few columns. */

import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { CompressionCodec, SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { type NdArray, type NumericData, toNumbers } from '../bytes/array.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import { openParquet } from './read.ts';
import { withFile } from '../testing.ts';

export type Column = { readonly data: readonly unknown[]; readonly schema: readonly SchemaElement[] };

export const flat = (
  data: readonly unknown[],
  type: SchemaElement['type'],
  more: Partial<SchemaElement> = {},
): Column => ({
  data,
  schema: [{ name: '', type: type!, repetition_type: 'OPTIONAL', ...more }],
});
export const listed = ({ data, schema }: Column): Column => ({
  data,
  schema: [
    { name: '', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { ...schema[0]!, name: 'element' },
    ...schema.slice(1),
  ],
});

/** A frame of Zstandard with one block that is packed in no way. */
function zstd(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(bytes.length, 5);
  head.writeUIntLE((bytes.length << 3) | 1, 9, 3);
  return Buffer.concat([head, bytes]);
}

export interface Options {
  readonly rowGroupSize?: number;
  readonly pageSize?: number;
  readonly codec?: CompressionCodec;
}

/** The bytes of a Parquet file of these columns. */
export function written(columns: Readonly<Record<string, Column>>, options: Options = {}): Uint8Array {
  const writer = new ByteWriter();
  const entries = Object.entries(columns);
  void parquetWrite({
    writer,
    columnData: entries.map(([name, { data }]) => ({ name, data: [...data] })),
    schema: [
      { name: 'root', num_children: entries.length },
      ...entries.flatMap(([name, { schema }]) => [{ ...schema[0]!, name }, ...schema.slice(1)]),
    ],
    compressors: { GZIP: gzipSync, BROTLI: brotliCompressSync, ZSTD: zstd, LZ4_RAW: (bytes) => bytes },
    kvMetadata: [{ key: 'title', value: 'of a test' }],
    ...options,
  });
  return new Uint8Array(writer.getBuffer());
}

/** What `use` makes of the file while it is open. */
export const opened = <T>(
  bytes: Uint8Array,
  use: (value: Map<string, unknown>, file: OpenedFile) => T | Promise<T>,
): Promise<T> =>
  withFile(bytes, async (path) => {
    const file = await openParquet(path);
    try {
      return await use(file.value as Map<string, unknown>, file);
    } finally {
      await file.close();
    }
  });

export const numbers = (array: unknown): number[] => toNumbers((array as NdArray).data as NumericData);
