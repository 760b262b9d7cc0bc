import { describe, expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { numeric, texts } from './table.ts';

const floats = (shape: number[], ...values: number[]): NdArray =>
  new NdArray(shape, 'float32', Float32Array.from(values));
const doubles = (shape: number[], ...values: number[]): NdArray =>
  new NdArray(shape, 'float64', Float64Array.from(values));
const held = (value: unknown): unknown => {
  const array = numeric(value);
  return array && { shape: [...array.shape], dtype: array.dtype, data: Array.from(array.data, Number) };
};

describe('numeric', () => {
  test('is an array of real numbers as it is', () => {
    const array = floats([2], 1, 2);
    expect(numeric(array)).toBe(array);
  });

  test('is lists of numbers, of truth values and of whole numbers of any size, at most four deep', () => {
    expect(held([1, 2.5])).toEqual({ shape: [2], dtype: 'float64', data: [1, 2.5] });
    expect(held([true, 3n, 0.5])).toEqual({ shape: [3], dtype: 'float64', data: [1, 3, 0.5] });
    expect(held([[[[1]], [[2]]]])).toEqual({ shape: [1, 2, 1, 1], dtype: 'float64', data: [1, 2] });
    expect(held([[[[[1]]]]])).toBeUndefined();
  });

  test('is whole numbers beyond 2^53 to the last digit, as ids are', () => {
    const [id, other] = [2n ** 62n + 1n, 2n ** 62n + 2n];
    expect(numeric([id, other, 5])).toEqual(new NdArray([3], 'int64', BigInt64Array.of(id, other, 5n)));
    expect(numeric([2n ** 64n - 1n])).toEqual(new NdArray([1], 'uint64', BigUint64Array.of(2n ** 64n - 1n)));
    expect(texts([2n ** 64n, 2n ** 64n + 1n])).toEqual(['18446744073709551616', '18446744073709551617']);
    expect(numeric([2n ** 64n, 1])).toBeUndefined();
  });

  test('is equally shaped arrays one after another, of single precision where all of them are', () => {
    expect(held([floats([2], 1, 2), floats([2], 3, 4)])).toEqual({
      shape: [2, 2],
      dtype: 'float32',
      data: [1, 2, 3, 4],
    });
    const third = 1 / 3;
    expect(held([doubles([1], third), doubles([1], 2)])).toEqual({ shape: [2, 1], dtype: 'float64', data: [third, 2] });
    expect(held([floats([1], 0.5), doubles([1], third)])).toEqual({
      shape: [2, 1],
      dtype: 'float64',
      data: [0.5, third],
    });
    const objects = new NdArray([2, 1], 'object', [floats([2], 1, 2), floats([2], 3, 4)]);
    expect(held(objects)).toEqual({ shape: [2, 1, 2], dtype: 'float32', data: [1, 2, 3, 4] });
  });

  test('is nothing else', () => {
    const ragged = [floats([1], 1), floats([2], 1, 2)];
    const deeper = [floats([1], 1), floats([1, 1], 1)];
    for (const value of [undefined, 'a', [], ['a'], [1, 'a'], ragged, deeper, new Map()])
      expect(numeric(value)).toBeUndefined();
  });
});

describe('texts', () => {
  test('are those of lists and arrays, numbers among them, rows joined by an underscore', () => {
    expect(texts(['a', 1, 2n, new TextEncoder().encode('bytes')])).toEqual(['a', '1', '2', 'bytes']);
    expect(texts([['video', 1.5, 2], floats([2], 3, 4)])).toEqual(['video_1.5_2', '3_4']);
    expect(texts(floats([2], 5, 6))).toEqual(['5', '6']);
    expect(texts(floats([2, 2], 5, 6, 7, 8))).toEqual(['5_6', '7_8']);
    expect(texts(floats([1, 2, 2], 5, 6, 7, 8))).toEqual(['5_6_7_8']);
    expect(texts(Int32Array.of(1, 2))).toEqual(['1', '2']);
  });

  test('are empty for lists in lists and for what is no text; undefined for what is no list', () => {
    const itself: unknown[] = ['a'];
    itself.push(itself);
    expect(texts([itself])).toEqual(['a_']);
    expect(texts([null, {}])).toEqual(['', '']);
    expect(texts('a')).toBeUndefined();
    expect(texts(undefined)).toBeUndefined();
  });
});
