import { describe, expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { padded, splitsIn } from './splits.ts';

const numbers = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));
const table = new Map<string, unknown>([['text', numbers(1, 2)]]);

describe('splitsIn', () => {
  test('knows splits by their usual names', () => {
    const value = new Map(['train', 'val', 'Test'].map((name) => [name, table]));
    expect([...(splitsIn(value, 'x') as Map<string, unknown>).keys()]).toEqual(['train', 'valid', 'test']);
  });

  test.each(['/', '.', '_'])('knows them in names with %s', (mark) => {
    const value = new Map(['train', 'dev', 'test'].map((name) => [`${name}${mark}text`, numbers(1, 2)]));
    expect(splitsIn(value, 'x')).toEqual(new Map(['train', 'valid', 'test'].map((name) => [name, table])));
  });

  test('divides one table by its column "split"', () => {
    const value = new Map<string, unknown>([
      ['text', new NdArray([3, 2], 'int32', Int32Array.of(1, 2, 3, 4, 5, 6))],
      ['id', ['a', 'b', 'c']],
      ['split', ['train', 'test', 'train']],
    ]);
    const tables = splitsIn(value, 'x') as Map<string, Map<string, unknown>>;
    expect(tables.get('train')!.get('text')).toEqual(new NdArray([2, 2], 'int32', Int32Array.of(1, 2, 5, 6)));
    expect(tables.get('test')!.get('id')).toEqual(['b']);
    expect(tables.has('valid')).toBe(false);
  });

  test('leaves anything else as it is, and refuses what it cannot tell', () => {
    for (const value of [3, undefined, table, new Map([['a', 1]])]) expect(splitsIn(value, 'x')).toBe(value);
    expect(() => splitsIn(new Map([['split', ['train', 'extra']]]), 'x.csv')).toThrow(
      'x.csv: row 1: "split" is "extra"; a split is train, valid or test.',
    );
    const twice = new Map(['val', 'valid'].map((name) => [name, table]));
    expect(() => splitsIn(twice, 'x')).toThrow('holds the split "valid" under two names');
    const all = new Map(['val', 'valid', 'test', 'Test'].map((name) => [name, table]));
    expect(() => splitsIn(all, 'x')).toThrow('holds the split "valid" under two names');
  });
});

describe('padded', () => {
  test('makes sequences of one length of those that differ, and says how long they were', () => {
    const sequences = [
      new NdArray([2, 2], 'float32', Float32Array.of(1, 2, 3, 4)),
      new NdArray([1, 2], 'int32', Int32Array.of(5, 6)),
    ];
    const columns = padded(new Map<string, unknown>([['audio', sequences]]));
    expect(columns.get('audio')).toEqual(new NdArray([2, 2, 2], 'float32', Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0)));
    expect(columns.get('audio_lengths')).toEqual(new NdArray([2], 'int32', Int32Array.of(2, 1)));
  });

  test('makes rows that hold nothing sequences of no steps', () => {
    const steps = new NdArray([2, 2], 'float32', Float32Array.of(1, 2, 3, 4));
    const rows = [steps, null, [], undefined, new NdArray([0, 0], 'float64', new Float64Array(0)), [[5, null]], ''];
    const columns = padded(new Map<string, unknown>([['audio', rows]]));
    const [audio, lengths] = ['audio', 'audio_lengths'].map((name) => columns.get(name) as NdArray);
    expect(audio!.shape).toEqual([7, 2, 2]);
    expect([...(audio!.data as Float32Array)].slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect([...(audio!.data as Float32Array)].slice(20, 22)).toEqual([5, Number.NaN]);
    expect(lengths!.data).toEqual(Int32Array.of(2, 0, 0, 0, 0, 1, 0));
  });

  test('makes vectors of one width, some of them absent, vectors still', () => {
    const columns = padded(new Map<string, unknown>([['lab', [[1, null, 3], null, numbers(4, 5, 6)]]]));
    expect(columns.get('lab')).toEqual(
      new NdArray([3, 3], 'float32', Float32Array.of(1, Number.NaN, 3, 0, 0, 0, 4, 5, 6)),
    );
    expect(columns.get('lab_lengths')).toEqual(new NdArray([3], 'int32', Int32Array.of(1, 0, 1)));
  });

  test('leaves a column that holds anything else as it is', () => {
    for (const rows of [
      [[1, 2], 'none'],
      [[1, 2], 3],
      ['a', null],
      [null, null],
    ]) {
      const columns = new Map<string, unknown>([['x', rows]]);
      expect(padded(columns)).toEqual(columns);
    }
  });

  test('takes numbers alone as steps of width 1, and leaves what is even or of several widths', () => {
    expect((padded(new Map([['x', [numbers(1), numbers(2, 3)]]])).get('x') as NdArray).shape).toEqual([2, 2, 1]);
    const even = new Map<string, unknown>([['x', [numbers(1), numbers(2)]]]);
    expect(padded(even)).toEqual(even);
    const widths = [
      new NdArray([1, 2], 'float32', new Float32Array(2)),
      new NdArray([1, 3], 'float32', new Float32Array(3)),
    ];
    expect(padded(new Map([['x', widths]])).get('x')).toBe(widths);
  });
});
