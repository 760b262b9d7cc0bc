import { describe, expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { toNumbers, isNumericData } from '../../formats/bytes/array.ts';
import { encoded, encodingOf } from './encode.ts';
import { type ColumnEncoding, dateNumbers } from './numbers.ts';

const numbers = (...values: number[]): NdArray => new NdArray([values.length], 'float64', Float64Array.from(values));
const of = (column: unknown, encoding: ColumnEncoding): number[][] => {
  const { shape, data } = encoded(new Map([['c', column]]), [encoding], { file: 'a.csv' });
  const flat = isNumericData(data) ? toNumbers(data) : [];
  return Array.from({ length: shape[0]! }, (_, n) => flat.slice(n * shape[1]!, (n + 1) * shape[1]!));
};

describe('a category', () => {
  test('is one-hot over the values of the training rows, sorted, with one place for all others', () => {
    const encoding = encodingOf('c', 'category', () => ['b', 'a', 'b', 'a', 'once', ''])!;
    expect(encoding).toEqual({ column: 'c', category: ['a', 'b'] });
    expect(of(['b', 'a', 'new', 'once', ''], encoding)).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
      [0, 0, 1],
      [NaN, NaN, NaN],
    ]);
  });

  test('leaves out values that fewer than 1 in 100 training rows have', () => {
    const values = [...Array<string>(295).fill('usual'), ...Array<string>(3).fill('seldom'), 'rare', 'rare'];
    expect(encodingOf('c', 'category', () => values)).toMatchObject({ category: ['seldom', 'usual'] });
  });

  test('has the values that are declared, and may be of numbers', () => {
    const encoding = encodingOf('c', { category: ['7', '10'] }, () => [])!;
    expect(of(numbers(10, 7, 8), encoding)).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    // Texts are compared as they stand.
    expect(of(['007', '7'], encoding)).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });
});

describe('a value', () => {
  const of1 = (cell: string, encoding: ColumnEncoding): number[] => of([cell], encoding)[0]!;

  test('is missing by any of the words for that, unless it is one of the values', () => {
    const category = encodingOf('c', 'category', () => ['a', 'a', 'NA', 'NA', 'null', 'null'])!;
    expect(category).toEqual({ column: 'c', category: ['a'] });
    for (const word of ['NA', 'null', 'nan', '']) expect(of1(word, category)).toEqual([NaN, NaN]);
    expect(of1('NA', { column: 'c', category: ['NA'] })).toEqual([1, 0]);
    expect(of1('NA', 'c')).toEqual([NaN]);
    expect(of1('None', { column: 'c', boolean: [['no', 'yes']] })).toEqual([NaN]);
    expect(of1('NA', { column: 'c', date: ['year'], order: 'ymd' })).toEqual([NaN]);
  });

  test('is the same, whatever is beside it in its file: a column of numbers alone is read as numbers', () => {
    const mixed: ColumnEncoding = { column: 'c', category: ['1.0', 'A', '3'] };
    expect(of(['1.0', '3.0', 'A'], mixed)).toEqual([
      [1, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 1, 0, 0],
    ]);
    expect(of(numbers(1, 3, 4), mixed)).toEqual([
      [1, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    expect(of(numbers(1, 0), { column: 'c', boolean: [['False', 'True']] })).toEqual([[1], [0]]);
  });
});

describe('a boolean', () => {
  const encoding = encodingOf('c', 'boolean', () => [])!;
  test.each(['yes no', 'TRUE False', 't F', 'Y n', '1 0', 'on off'])('is 1 or 0 by the words %s', (words) => {
    expect(of(words.split(' '), encoding)).toEqual([[1], [0]]);
  });

  test('has words of its own where they are declared', () => {
    const own = encodingOf('c', { boolean: ['healthy', 'ill'] }, () => [])!;
    expect(of(['ill', 'healthy', ''], own)).toEqual([[1], [0], [NaN]]);
    expect(() => of(['ill', 'perhaps'], own)).toThrow(
      'a.csv: row 1: "c" is "perhaps", which is none of healthy/ill; name its words as "boolean: [no, yes]".',
    );
  });

  test('may be numbers or truth values', () => {
    expect(of(numbers(1, 0, NaN), encoding)).toEqual([[1], [0], [NaN]]);
    expect(of(new NdArray([2], 'bool', Uint8Array.of(1, 0)), 'c')).toEqual([[1], [0]]);
  });
});

describe('a date', () => {
  test('is a number for each of its parts', () => {
    const type = { date: ['year', 'month', 'day', 'weekday', 'hour', 'days'], order: 'ymd' } as const;
    const encoding = encodingOf('c', { ...type, date: [...type.date] }, () => [])!;
    expect(of(['2024-05-11', '1970-01-02T06:30:00Z', '2024/2/29 18:00', ''], encoding)).toEqual([
      [2024, 5, 11, 6, 0, 19854],
      [1970, 1, 2, 5, 6.5, 1 + 6.5 / 24],
      [2024, 2, 29, 4, 18, 19782.75],
      [NaN, NaN, NaN, NaN, NaN, NaN],
    ]);
    expect(() => of(['2024-05-11', '2024-02-30'], encoding)).toThrow(
      'row 1: "c" is "2024-02-30", which is no date in the order ymd',
    );
  });

  test('stands in the order that is declared', () => {
    expect(dateNumbers('11.5.2024', 'dmy')).toMatchObject({ year: 2024, month: 5, day: 11 });
    expect(dateNumbers('5/11/2024', 'mdy')).toMatchObject({ year: 2024, month: 5, day: 11 });
    for (const [text, order] of [
      ['11.5.2024', 'ymd'],
      ['13/13/2024', 'dmy'],
      ['2024-05', 'ymd'],
      ['12', 'ymd'],
      ['yesterday', 'ymd'],
    ] as const)
      expect(dateNumbers(text, order)).toBeUndefined();
  });

  test('counts days in its zone', () => {
    expect(dateNumbers('1970-01-01T02:00:00+02:00', 'ymd')).toMatchObject({ hour: 2, days: 0 });
    expect(dateNumbers('1969-12-31 19:00:00-0500', 'ymd')).toMatchObject({ hour: 19, days: 0 });
  });
});

describe('a number', () => {
  test('may be missing, and may be written as a text', () => {
    expect(of(['1.5', '', '-2'], 'c')).toEqual([[1.5], [NaN], [-2]]);
  });

  test('is none where a text is no number, and the row is named with its id', () => {
    const columns = new Map([['c', ['1', 'many']]]);
    expect(() => encoded(columns, ['c'], { file: 'a.csv', ids: ['p1', 'p2'] })).toThrow(
      'a.csv: row 1 ("p2"): "c" is "many", which is no number; say under "types" what the column holds, or leave it out by "!c".',
    );
    expect(() => of(new NdArray([2, 2], 'float64', new Float64Array(4)), 'c')).toThrow('"c" is not one number per row');
    expect(() => of([], 'd')).toThrow('a.csv: has no "d", which is part of a modality.');
  });
});

test('columns stand side by side, and free text is none of them', () => {
  expect(encodingOf('notes', 'text', () => [])).toBeUndefined();
  const columns = new Map<string, unknown>([
    ['x', numbers(1, 2)],
    ['y', ['no', 'yes']],
  ]);
  const { shape, data } = encoded(columns, [{ column: 'y', boolean: [['no', 'yes']] }, 'x'], { file: 'a.csv' });
  expect([shape, data]).toEqual([[2, 2], Float64Array.of(0, 1, 1, 2)]);
});
