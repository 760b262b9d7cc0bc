import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { roundTrips } from './testing.ts';

const { again, folder } = roundTrips();

describe('--dtype', () => {
  const float32 = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));

  it('rounds floats to the nearest half, and half-way to even; leaves whole numbers', async () => {
    const value = new Map([
      ['x', float32(1, 2049, 2051, 65519, 2 ** -25, 3 * 2 ** -26, -0, Infinity, Number.NaN)],
      ['d', new NdArray([2], 'float64', Float64Array.of(1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -11))],
      ['n', new NdArray([1], 'int32', Int32Array.of(70000))],
    ]);
    const read = (await again(value, '.npz', { dtype: 'float16' })).value as Map<string, NdArray>;
    expect([...(read.get('x')!.data as Float32Array)]).toEqual([
      1,
      2048,
      2052,
      65504,
      0,
      2 ** -24,
      -0,
      Infinity,
      Number.NaN,
    ]);
    // By way of float32 the first would be half-way too.
    expect([...(read.get('d')!.data as Float32Array)]).toEqual([1 + 2 ** -10, 1]);
    expect([read.get('x')!.dtype, read.get('n')!.dtype]).toEqual(['float16', 'int32']);
  });

  it.each(['.npy', '.pkl', '.safetensors', '.jsonl', '.parquet'])(
    'counts what is too large, and writes nothing: %s',
    async (ending) => {
      await expect(
        again(new Map([['x', float32(1, 65520, -70000, Infinity)]]), ending, { dtype: 'float16' }),
      ).rejects.toThrow('"x" has 2 numbers that are too large for float16; ask for a wider --dtype.');
      expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
    },
  );

  it('is needed where a type has no place', async () => {
    const bf = new NdArray([1], 'bfloat16', Float32Array.of(1.5));
    expect((await again(bf, '.npy')).value).toEqual(new NdArray([1], 'float32', Float32Array.of(1.5)));
    const long = new NdArray([1], 'longdouble', Float64Array.of(1.5));
    await expect(again(long, '.npy')).rejects.toThrow(
      '.npy does not hold "arr_0" of type longdouble; ask for --dtype float64',
    );
    expect((await again(long, '.npy', { dtype: 'float64' })).value).toEqual(
      new NdArray([1], 'float64', Float64Array.of(1.5)),
    );
    await expect(again(bf, '.h5', { dtype: 'float16' })).rejects.toThrow(
      'HDF5 does not hold float16; ask for --dtype float32.',
    );
  });
});
