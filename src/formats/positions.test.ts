import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NdArray } from './bytes/array.ts';
import { openFile } from './open.ts';
import { byPosition } from './positions.ts';
import { withFile } from './testing.ts';
import { writeFile } from './write.ts';

const array = (...shape: number[]): NdArray =>
  new NdArray(shape, 'float32', new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1));

describe('a list is told by the places of its items', () => {
  it.each([
    ['a tuple of (x, y, x, y)', [array(4, 3), array(4), array(2, 3), array(2)]],
    ['arrays among plain values', [array(4, 3), 5, [3, 3, 3, 3]]],
    [
      'pairs of arrays',
      [
        [array(4, 3), array(4)],
        [array(2, 3), array(2)],
      ],
    ],
  ])('where it is %s', (_, list) => {
    expect([...byPosition(list)!]).toEqual(list.map((item, i) => [String(i), item]));
  });

  it.each([
    ['sequences of different lengths', [array(4, 3), array(2, 3)]],
    ['numbers', [1, 2]],
    ['texts', ['a', 'b']],
    ['lists of numbers', [[1, 2], [3]]],
    ['nothing', []],
    ['of as many samples as anyone has', Array.from({ length: 65 }, (_, i) => array(...[2, 3].slice(i % 2)))],
  ])('and not where it is %s', (_, list) => {
    expect(byPosition(list)).toBeUndefined();
  });
});

const written = (name: string, value: unknown) =>
  withFile(
    new Uint8Array(0),
    async (file) => {
      const { arrays } = await writeFile(file, value);
      const opened = await openFile(file);
      const names = [...(opened.value as Map<string, unknown>).keys()];
      await opened.close();
      return { arrays, names, bytes: readFileSync(file).length };
    },
    { name },
  );

describe('files of old layouts', () => {
  const tuple: unknown[] = [
    array(20, 5, 7),
    array(20),
    array(6, 5, 7),
    array(6),
    5,
    new Array<number>(20).fill(3),
    new Array<number>(6).fill(2),
  ];

  it.each(['x.npz', 'x.h5', 'x.safetensors'])('are written as %s by their places', async (name) => {
    const { arrays, names } = await written(name, tuple);
    expect([arrays, names.toSorted()]).toEqual([7, ['0', '1', '2', '3', '4', '5', '6']]);
    const pairs = [
      [array(4, 3), array(4)],
      [array(2, 3), array(2)],
    ];
    expect((await written(name, pairs)).arrays).toBe(4);
  });

  it('may be pairs of features and labels, which are a table', async () => {
    expect((await written('x.csv', [array(4, 3), array(4)])).names).toEqual(['0', '1']);
    await expect(written('x.csv', tuple)).rejects.toThrow('"0" has 20 and "2" 6; .npz and .pkl hold both.');
  });

  it('may be sequences of different lengths without a name', async () => {
    expect((await written('x.npz', [array(4, 3), array(2, 3)])).names).toEqual(['0', '1']);
  });
});

describe('lists that hold each other over and over', () => {
  const nested = (depth: number, width: number): unknown => {
    let value: unknown = 'x';
    for (let i = 0; i < depth; i++) value = new Array<unknown>(width).fill(value);
    return value;
  };
  const dicts = (depth: number): Map<string, unknown> => {
    let value = new Map<string, unknown>();
    for (let i = 0; i < depth; i++)
      value = new Map([
        ['a', value],
        ['b', value],
        ['c', value],
      ]);
    return value;
  };

  it.each(['x.npz', 'x.h5', 'x.safetensors', 'x.csv', 'x.jsonl', 'x.parquet'])('are refused in %s', async (name) => {
    for (const value of [new Map([['x', nested(40, 10)]]), nested(15, 20)])
      await expect(written(name, value)).rejects.toThrow(
        /its lists hold each other over and over, \d+ lists that unfold/,
      );
  });

  it('and so are dicts', async () => {
    await expect(written('x.npz', dicts(50))).rejects.toThrow(/its lists hold each other over and over/);
  });

  it('are written where they are few: a row that is there many times', async () => {
    const row = [1, 2, 3];
    expect((await written('x.npz', new Map([['x', new Array<number[]>(200_000).fill(row)]]))).bytes).toBeGreaterThan(
      4_800_000,
    );
  });
});
