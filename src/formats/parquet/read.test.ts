import { describe, expect, it } from 'vitest';
import { isInFile, NdArray } from '../bytes/array.ts';
import { openInSandbox, type ParquetSandbox, startParquet } from './read.ts';
import { type Column, flat, listed, numbers, opened, type Options, written } from './testing.ts';
import { survivesDamage, withFile } from '../testing.ts';

describe('openParquet', () => {
  it('reads numbers, texts and times', async () => {
    const times = [new Date('2026-01-02T03:04:05.678Z'), new Date(0)];
    const file = written({
      bool: flat([true, false], 'BOOLEAN'),
      int8: flat([-1, 2], 'INT32', { converted_type: 'INT_8' }),
      uint16: flat([1, 65535], 'INT32', { converted_type: 'UINT_16' }),
      int32: flat([-3, 4], 'INT32'),
      int64: flat([-(2n ** 60n), 5n], 'INT64'),
      float32: flat([0.5, Number.NaN], 'FLOAT'),
      float64: flat([0.1, -0.2], 'DOUBLE'),
      text: flat(['ünïcode 🎬', ''], 'BYTE_ARRAY', { converted_type: 'UTF8' }),
      time: flat(times, 'INT64', { converted_type: 'TIMESTAMP_MILLIS' }),
      day: flat(times, 'INT32', { converted_type: 'DATE' }),
    });
    await opened(file, (value, { format, metadata }) => {
      expect([format, metadata?.['title']]).toEqual(['Parquet', 'of a test']);
      for (const [name, column] of value)
        if (column instanceof NdArray) expect([column.dtype, column.shape]).toEqual([name, [2]]);
      expect((value.get('bool') as NdArray).data).toEqual(Uint8Array.of(1, 0));
      expect((value.get('int8') as NdArray).data).toEqual(Int8Array.of(-1, 2));
      expect((value.get('uint16') as NdArray).data).toEqual(Uint16Array.of(1, 65535));
      expect((value.get('int32') as NdArray).data).toEqual(Int32Array.of(-3, 4));
      expect((value.get('int64') as NdArray).data).toEqual(BigInt64Array.of(-(2n ** 60n), 5n));
      expect((value.get('float32') as NdArray).data).toEqual(Float32Array.of(0.5, Number.NaN));
      expect((value.get('float64') as NdArray).data).toEqual(Float64Array.of(0.1, -0.2));
      expect(value.get('text')).toEqual(['ünïcode 🎬', '']);
      expect(value.get('time')).toEqual(['2026-01-02T03:04:05.678Z', '1970-01-01T00:00:00.000Z']);
      expect(value.get('day')).toEqual(['2026-01-02', '1970-01-01']);
    });
  });

  it.each<Options>([
    {},
    { rowGroupSize: 7 },
    { rowGroupSize: 40, pageSize: 200 },
    { codec: 'GZIP' },
    { codec: 'BROTLI' },
    { codec: 'ZSTD' },
  ])('makes equal lists arrays, and others a list of arrays, whatever the pages: %j', async (options) => {
    const rows = Array.from({ length: 50 }, (_, i) => i);
    const row = (i: number, length: number): number[] => Array.from({ length }, (_, j) => 10 * i + j);
    const file = written(
      {
        id: flat(rows, 'INT32'),
        equal: listed(
          flat(
            rows.map((i) => row(i, 3)),
            'FLOAT',
          ),
        ),
        nested: listed(
          listed(
            flat(
              rows.map((i) => [row(i, 3), row(i + 100, 3)]),
              'FLOAT',
            ),
          ),
        ),
        ragged: listed(
          flat(
            rows.map((i) => row(i, i % 4)),
            'DOUBLE',
          ),
        ),
        frames: listed(
          listed(
            flat(
              rows.map((i) => Array.from({ length: 1 + (i % 3) }, () => row(i, 2))),
              'FLOAT',
            ),
          ),
        ),
      },
      options,
    );
    await opened(file, async (value) => {
      const equal = value.get('equal') as NdArray;
      expect([equal.shape, numbers(equal)]).toEqual([[50, 3], rows.flatMap((i) => row(i, 3))]);
      const nested = value.get('nested') as NdArray;
      expect(nested.shape).toEqual([50, 2, 3]);
      if (!isInFile(nested.elements)) throw new TypeError('is in memory');
      const all = Float32Array.from(rows.flatMap((i) => [...row(i, 3), ...row(i + 100, 3)]));
      expect(await nested.elements.readFloat32()).toEqual(all);
      for (const [from, count] of [
        [200, 100],
        [3, 5],
        [299, 1],
        [0, 300],
      ] as const)
        expect(await nested.elements.read(from, count)).toEqual(all.slice(from, from + count));
      const ragged = value.get('ragged') as NdArray[];
      expect(ragged.map(({ shape }) => shape)).toEqual(rows.map((i) => [i % 4]));
      for (const i of [49, 3, 4, 7, 0]) expect(numbers(ragged[i])).toEqual(row(i, i % 4));
      const frames = value.get('frames') as NdArray[];
      expect(frames.map(({ shape }) => shape)).toEqual(rows.map((i) => [1 + (i % 3), 2]));
      expect(numbers(frames[5])).toEqual([50, 51, 50, 51, 50, 51]);
    });
  });

  it('gives NaN for missing floats and the row of a missing whole number', async () => {
    const file = written({
      float: flat([1, null, 3], 'FLOAT'),
      list: listed(
        flat(
          [
            [1, 2],
            [null, 4],
            [5, 6],
          ],
          'DOUBLE',
        ),
      ),
      none: listed(flat([[1], null, []], 'FLOAT')),
      whole: flat([1, 2, null], 'INT32'),
      text: flat(['a', null, 'c'], 'BYTE_ARRAY', { converted_type: 'UTF8' }),
    });
    await opened(file, (value) => {
      expect(numbers(value.get('float'))).toEqual([1, Number.NaN, 3]);
      expect(numbers(value.get('list'))).toEqual([1, 2, Number.NaN, 4, 5, 6]);
      expect((value.get('none') as NdArray[]).map(numbers)).toEqual([[1], [], []]);
      expect(value.get('whole')).toMatchObject({ dtype: 'float64', shape: [3] });
      expect(numbers(value.get('whole'))).toEqual([1, 2, Number.NaN]);
      expect(value.get('text')).toEqual(['a', '', 'c']);
    });
  });

  it('says what it leaves out', async () => {
    const record: Column = {
      data: [{ a: 1, b: 2 }],
      schema: [
        { name: '', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'a', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'b', type: 'INT32', repetition_type: 'OPTIONAL' },
      ],
    };
    const words = listed(flat([['a', 'b']], 'BYTE_ARRAY', { converted_type: 'UTF8' }));
    await opened(written({ x: flat([1], 'FLOAT'), record, words }), (value, { metadata }) => {
      expect([...value.keys()]).toEqual(['x']);
      expect(metadata?.['skipped']).toBe(
        'record (a record or a map; write each of its fields as a column), words (lists of texts; write them as one text)',
      );
    });
  });

  it('refuses lists that turn uneven after the first row group', async () => {
    // Of the same size in all, so only reading them shows it.
    const lists = [[1, 2], [3, 4], [5], [6, 7, 8]];
    await opened(written({ x: listed(flat(lists, 'FLOAT')) }, { rowGroupSize: 2 }), (value) => {
      const x = value.get('x') as NdArray;
      expect(x.shape).toEqual([4, 2]);
      expect(() => x.data).toThrow('has a list of 1 values in column "x", row group 1, where the first have 2;');
    });
  });

  it('refuses what is packed in other ways, or too much', async () => {
    const lz4 = written({ x: flat([1, 2], 'FLOAT') }, { codec: 'LZ4_RAW' });
    await opened(lz4, (value) => {
      expect(() => (value.get('x') as NdArray).data).toThrow(
        'is packed with LZ4_RAW; write it with snappy, gzip or zstd.',
      );
    });
    const zeros = { x: flat(new Array<number>(2 ** 22).fill(0), 'DOUBLE', { repetition_type: 'REQUIRED' }) };
    const message = /announces 33554432 bytes for column "x" and has \d+ in all; the file is damaged\.$/;
    await expect(opened(written(zeros, { codec: 'GZIP' }), () => undefined)).rejects.toThrow(message);
  });

  it('refuses what is no Parquet', async () => {
    const open = (bytes: Uint8Array) => opened(bytes, () => undefined);
    const good = written({ x: flat([1, 2], 'FLOAT') });
    await expect(open(Uint8Array.of(1, 2, 3))).rejects.toThrow(/x\.pkl: is no Parquet file; check its name/);
    await expect(open(good.subarray(0, 40))).rejects.toThrow('is truncated; copy it again.');
    await expect(open(good)).resolves.toBeUndefined();
  });

  it('survives damage', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => i);
    const file = written(
      {
        x: listed(
          flat(
            rows.map((i) => [i, i + 1]),
            'FLOAT',
          ),
        ),
        y: flat(rows, 'INT32'),
        z: flat(rows.map(String), 'BYTE_ARRAY', { converted_type: 'UTF8' }),
      },
      { rowGroupSize: 10 },
    );
    // Starting a reader takes longer than all else, so one reads file after file until it has to be stopped.
    let sandbox: ParquetSandbox | undefined;
    await survivesDamage(file, (bytes) =>
      withFile(bytes, async (path) => {
        if (sandbox === undefined || sandbox.ended) sandbox = startParquet('x.parquet', { seconds: 5, heap: 128 });
        const { value } = await openInSandbox(sandbox, path);
        for (const array of [...(value as Map<string, unknown>).values()].flat())
          if (array instanceof NdArray) expect(array.data).toBeDefined();
      }),
    );
    await sandbox?.close();
  });
});
