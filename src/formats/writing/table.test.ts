import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import type { NumericDType } from '../bytes/numbers.ts';
import { arrays, roundTrips, wellFormed, without } from './testing.ts';

const { again } = roundTrips();

describe('tables', () => {
  const value = (): Map<string, unknown> => {
    const split = (n: number, ids: string[]): Map<string, unknown> =>
      new Map<string, unknown>([
        ['id', ids],
        [
          'text',
          new NdArray(
            [ids.length, 2, 3],
            'float32',
            Float32Array.from({ length: ids.length * 6 }, (_, i) => i / 8 - n),
          ),
        ],
        [
          'vector',
          new NdArray(
            [ids.length, 2],
            'int32',
            Int32Array.from({ length: ids.length * 2 }, (_, i) => i * n),
          ),
        ],
        [
          'label',
          new NdArray(
            [ids.length],
            'float64',
            Float64Array.from(ids, (_, i) => i + 0.5),
          ),
        ],
        ['ragged', ids.map((_, i) => new NdArray([i], 'float64', new Float64Array(i).fill(i)))],
      ]);
    return new Map([
      ['train', split(1, ['a', 'b,"c"\nd', 'ü🎬'])],
      ['test', split(2, ['e', ''])],
    ]);
  };

  it.each(['.csv', '.tsv', '.jsonl', '.parquet'])(
    'have a row per sample and a column of splits: %s',
    async (ending) => {
      const { value: read, written, bytes } = await again(value(), ending);
      const columns = read as Map<string, NdArray | readonly string[] | readonly NdArray[]>;
      expect([...columns.keys()]).toEqual(['split', 'id', 'text', 'vector', 'label', 'ragged']);
      expect(columns.get('split')).toEqual(['train', 'train', 'train', 'test', 'test']);
      expect(columns.get('id')).toEqual(['a', 'b,"c"\nd', 'ü🎬', 'e', '']);
      const text = columns.get('text') as NdArray;
      expect(text.shape).toEqual([5, 2, 3]);
      expect([...(text.data as Float32Array)].slice(17, 20)).toEqual([17 / 8 - 1, -2, 1 / 8 - 2]);
      expect((columns.get('label') as NdArray).data).toEqual(Float64Array.of(0.5, 1.5, 2.5, 0.5, 1.5));
      expect((columns.get('ragged') as readonly NdArray[]).map(({ shape }) => shape)).toEqual([
        [0],
        [1],
        [2],
        [0],
        [1],
      ]);
      expect(written).toMatchObject({ arrays: 5, bytes: bytes.length, leftOut: [] });
      expect((await again(value(), ending)).bytes).toEqual(bytes);
    },
  );

  const scalars = (dtypes: readonly NumericDType[]) =>
    fc.integer({ min: 1, max: 5 }).chain((rows) =>
      arrays(
        dtypes,
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).map((rest) => [rows, ...rest]),
      ),
    );

  it('.parquet: any real numbers', async () => {
    await fc.assert(
      fc.asyncProperty(scalars(without('bfloat16', 'complex64', 'complex128')), async (x) => {
        expect(((await again(x, '.parquet')).value as Map<string, unknown>).get('arr_0')).toEqual(x);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['.csv', '.jsonl'])('%s: any real numbers that are no identifiers, as numbers', async (ending) => {
    await fc.assert(
      fc.asyncProperty(scalars(without('int64', 'uint64', 'complex64', 'complex128')), async (x) => {
        const all = [...(x.data as Float32Array)];
        // JSON has no NaN, and says so.
        fc.pre(ending === '.csv' || x.shape.length > 1 || !all.every(Number.isNaN));
        const read = ((await again(x, ending)).value as Map<string, NdArray>).get('arr_0')!;
        expect(read.shape).toEqual(x.shape);
        expect([...(read.data as Float64Array)].map((v) => v + 0)).toEqual(all.map((v) => v + 0));
      }),
      { numRuns: 60 },
    );
  });

  it('.csv: any texts, or an error where they would be read as something else', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }).map(wellFormed),
      fc.constantFrom('', '1', '1.50', '[1]', 'nan', 'true', '\r', ' x '),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 4 }), async (ids) => {
        const read = await again(new Map([['id', ids]]), '.csv').catch((error: unknown) => (error as Error).message);
        if (typeof read === 'string') expect(read).toMatch(/would be read as something else/);
        else {
          const column = (read.value as Map<string, unknown>).get('id');
          expect(column instanceof NdArray ? Array.from(column.data as Int32Array, String) : column).toEqual(ids);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keep the digits of long whole numbers', async () => {
    const long = new NdArray([2], 'int64', BigInt64Array.of(2n ** 62n + 1n, -3n));
    for (const ending of ['.csv', '.jsonl'])
      expect(String((await again(long, ending)).bytes)).toContain('4611686018427387905');
  });

  it.each([
    [
      new NdArray([], 'float32', Float32Array.of(1)),
      'needs a row per sample, and "x" is one value; .npz and .pkl hold it.',
    ],
    [
      new NdArray([1, 1, 1, 1], 'float32', Float32Array.of(1)),
      'cannot hold "x" of shape [1, 1, 1, 1]; .npz, .h5 and .pkl can.',
    ],
    [new NdArray([0], 'float32', new Float32Array(0)), 'would have no rows'],
    [
      new NdArray([1], 'complex64', Float32Array.of(1, 2)),
      'JSON lines does not hold "x" of type complex64; .npy, .npz, .pkl and .pt do.',
    ],
    [new NdArray([1], 'float32', Float32Array.of(Number.NaN)), 'cannot hold "x": JSON has no NaN'],
    [new Map([['y', new NdArray([1], 'int8', Int8Array.of(1))]]), 'is one table, and "x" is one in itself'],
  ])('say what they cannot hold', async (x, problem) => {
    await expect(again(new Map([['x', x]]), '.jsonl')).rejects.toThrow(problem);
  });

  it('say where rows or columns differ', async () => {
    const x = (n: number): NdArray => new NdArray([n], 'int8', new Int8Array(n));
    await expect(
      again(
        new Map([
          ['x', x(2)],
          ['y', x(3)],
        ]),
        '.csv',
      ),
    ).rejects.toThrow('"x" has 2 and "y" 3;');
    const uneven = new Map([
      ['train_x', x(2)],
      ['test_x', x(2)],
      ['test_y', x(2)],
    ]);
    await expect(again(uneven, '.csv')).rejects.toThrow('needs the same columns in train and test; "y" is in one.');
  });
});
