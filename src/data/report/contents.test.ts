import { describe, expect, it } from 'vitest';
import { contentsOf } from './contents.ts';
import { NdArray } from '../../formats/bytes/array.ts';
import { Opaque, OpaqueName } from '../../formats/pickle/opaque.ts';
import { openFile } from '../../formats/open.ts';

const array = (...shape: number[]): NdArray =>
  new NdArray(shape, 'float32', new Float32Array(shape.reduce((size, axis) => size * axis, 1)));

describe('contentsOf', () => {
  it('names arrays, lists, texts and numbers, nested as they are', () => {
    const value = new Map<unknown, unknown>([
      ['weights', new Map([['bias', array(4)]])],
      ['words', [array(3, 8), array(5, 8)]],
      ['image', [array(2, 4)]],
      ['large', 2n ** 64n],
      ['ids', ['a', 'b']],
      ['mixed', [1, 'b', null]],
      [7, 'said'],
      ['epoch', 3],
      ['none', null],
      ['raw', new Uint8Array(6)],
      ['empty', new Map()],
    ]);
    expect(contentsOf(value)).toEqual({
      weights: { bias: 'float32 [4]' },
      words: 'list of 2 arrays, float32 [3–5, 8]',
      image: 'list of 1 arrays, float32 [2, 4]',
      large: '18446744073709551616',
      ids: 'list of 2 texts',
      mixed: 'list of 3 items (missing values, numbers, texts)',
      7: 'text "said"',
      epoch: 3,
      none: null,
      raw: '6 bytes',
      empty: 'nothing',
    });
  });

  it('is a type and a shape by place, of a tuple of arrays', () => {
    const array = (...shape: number[]): NdArray =>
      new NdArray(shape, 'float32', new Float32Array(shape.reduce((a, b) => a * b, 1)));
    expect(contentsOf([array(4, 3), array(4), array(2, 3), array(2), 5, [1, 2]])).toEqual({
      ...{ 0: 'float32 [4, 3]', 1: 'float32 [4]', 2: 'float32 [2, 3]', 3: 'float32 [2]', 4: 5, 5: 'list of 2 numbers' },
    });
    expect(contentsOf(new Map([['train', [array(2, 3), array(2)]]]))).toEqual({
      train: { 0: 'float32 [2, 3]', 1: 'float32 [2]' },
    });
  });

  it('names what is not read', () => {
    const day = new Opaque(new OpaqueName('datetime.date'));
    const value = new Map<string, unknown>([
      ['day', day],
      ['days', [day, day]],
      ['rows', Array.from({ length: 100 }, (_, n) => (n % 9 === 0 ? day : array(2)))],
    ]);
    expect(contentsOf(value)).toEqual({
      day: 'datetime.date, not read',
      days: 'list of 2 datetime.date, not read',
      rows: 'list of 100 items (arrays, datetime.date, not read)',
    });
  });

  it('ends where a file does not: what holds itself, and what is there over and over', () => {
    const itself = new Map<string, unknown>();
    itself.set('again', itself);
    expect(contentsOf(itself)).toEqual({ again: 'what it is in itself' });
    let deep = new Map<string, unknown>([['leaf', 1]]);
    for (let level = 0; level < 10_000; level++) deep = new Map([['in', deep]]);
    expect(JSON.stringify(contentsOf(deep))).toMatch(/^(\{"in":){32}"1 more, nested deeper"\}+$/);
    const long = contentsOf(new Map(Array.from({ length: 100_050 }, (_, n) => [n, n]))) as Record<string, unknown>;
    const left = /^(\d+) more$/.exec(String(long['…']))!;
    expect(Object.keys(long).length - 1 + Number(left[1])).toBe(100_050);
    let many = new Map<string, unknown>([['leaf', 1]]);
    for (let level = 0; level < 24; level++) many = new Map(['a', 'b', 'c'].map((key) => [key, many]));
    expect(JSON.stringify(contentsOf(many)).length).toBeLessThan(10_000_000);
  });

  it('reads no elements of a file, of a single array either', async () => {
    const { value, close } = await openFile('test/fixtures/data/formats/fortran.npy');
    expect(contentsOf(value)).toMatch(/^\w+ \[\d+(, \d+)*\]$/);
    expect((value as NdArray).elements).toHaveProperty('readNow');
    await close();
  });
});
