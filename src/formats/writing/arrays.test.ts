import { expect, describe, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { roundTrips } from './testing.ts';

const { again } = roundTrips();

it('lists of equal arrays, of numbers and of texts as arrays', async () => {
  const row = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));
  const value = new Map<string, unknown>([
    ['rows', [row(1, 2), row(3, 4)]],
    ['labels', [0.5, -1, 2]],
    ['classes', [0, 2, 1]],
    ['big', [2n ** 63n]],
    [
      'pairs',
      [
        [1, 2],
        [0.5, 1],
      ],
    ],
    ['flags', [true, false]],
    ['ids', ['a', 'ü🎬']],
    [
      'clips',
      [
        ['a', '1'],
        ['b', '22'],
      ],
    ],
    ['rate', 0.25],
    ['objects', new NdArray([2], 'object', [row(1), row(2)])],
  ]);
  const f64 = (shape: number[], ...values: number[]): NdArray =>
    new NdArray(shape, 'float64', Float64Array.from(values));
  const { value: read, written } = await again(value, '.npz');
  expect(written.leftOut).toEqual([]);
  expect(read).toEqual(
    new Map([
      ['rows', new NdArray([2, 2], 'float32', Float32Array.of(1, 2, 3, 4))],
      ['labels', f64([3], 0.5, -1, 2)],
      ['classes', new NdArray([3], 'int64', BigInt64Array.of(0n, 2n, 1n))],
      ['big', new NdArray([1], 'uint64', BigUint64Array.of(2n ** 63n))],
      ['pairs', f64([2, 2], 1, 2, 0.5, 1)],
      ['flags', new NdArray([2], 'bool', Uint8Array.of(1, 0))],
      ['ids', new NdArray([2], 'string', ['a', 'ü🎬'])],
      ['clips', new NdArray([2, 2], 'string', ['a', '1', 'b', '22'])],
      ['rate', f64([], 0.25)],
      ['objects', new NdArray([2, 1], 'float32', Float32Array.of(1, 2))],
    ]),
  );
});

describe('what has no place', () => {
  const ids = new Map<string, unknown>([
    [
      'train',
      new Map<string, unknown>([
        ['id', ['a']],
        ['x', new NdArray([1], 'int8', Int8Array.of(1))],
        ['config', null],
      ]),
    ],
  ]);

  it('is left out where it is text, and named', async () => {
    const { written, value } = await again(ids, '.safetensors');
    expect(written.leftOut.toSorted()).toEqual(['train/config', 'train/id']);
    expect([...(value as Map<string, unknown>).keys()]).toEqual(['train/x']);
    expect((await again(ids, '.npz')).written.leftOut).toEqual(['train/config']);
    expect((await again(ids, '.pkl')).written.leftOut).toEqual([]);
  });

  it('is an error where it is numbers', async () => {
    const ragged = new Map([
      ['x', [new Float64Array(1), new Float64Array(2)].map((data) => new NdArray([data.length], 'float64', data))],
    ]);
    await expect(again(ragged, '.npz')).rejects.toThrow(
      'cannot hold "x", arrays of different shapes or types; .pkl can',
    );
    await expect(again(ids, '.npy')).rejects.toThrow(
      'an .npy file holds one array, and there are 2; name an .npz file.',
    );
    await expect(again(ids, '.xyz')).rejects.toThrow('x.xyz: has no ending that tells its format; name it .npz, .npy');
  });

  it('is an error where names collide or leave the archive', async () => {
    const x = new NdArray([1], 'int8', Int8Array.of(1));
    await expect(
      again(
        new Map<string, unknown>([
          ['a/b', x],
          ['a', new Map([['b', x]])],
        ]),
        '.npz',
      ),
    ).rejects.toThrow('"a/b" twice');
    await expect(again(new Map([['../a', x]]), '.npz')).rejects.toThrow('cannot hold an array by the name "../a"');
  });

  it('is an error where a value holds itself, but for pickles, which can tell', async () => {
    const value = new Map<string, unknown>();
    value.set('self', value);
    await expect(again(value, '.npz')).rejects.toThrow('holds itself');
    const read = (await again(value, '.pkl')).value as Map<string, unknown>;
    expect(read.get('self')).toBe(read);
  });
});
