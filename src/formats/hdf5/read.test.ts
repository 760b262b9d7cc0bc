import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NdArray } from '../bytes/array.ts';
import { isInFile, type NumericData, toNumbers } from '../bytes/array.ts';
import { FormatError } from '../../files/error.ts';
import { type Hdf5Sandbox, openHdf5, openInSandbox, startHdf5 } from './read.ts';
import { pieceLength, slabs } from './slabs.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import { fixture, fixturePath, survivesDamage, withFile } from '../testing.ts';

const path = (name: string): string => fixturePath(`data/formats/${name}`);

const at = (opened: OpenedFile, ...names: string[]): unknown =>
  names.reduce<unknown>((value, name) => (value as Map<string, unknown>).get(name), opened.value);
const arrayAt = (opened: OpenedFile, ...names: string[]): NdArray => at(opened, ...names) as NdArray;

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).message;
}

describe('openHdf5', () => {
  let types: OpenedFile;
  let links: OpenedFile;
  beforeAll(async () => {
    [types, links] = await Promise.all([openHdf5(path('types.h5')), openHdf5(path('links.h5'))]);
  });
  afterAll(() => Promise.all([types.close(), links.close()]));

  it('reads enumerations as their values, whatever the order of bytes', async () => {
    const enums = await openHdf5(path('enums.h5'));
    const numbers = (name: string): unknown[] => Array.from(arrayAt(enums, name).data as ArrayLike<unknown>);
    expect(
      ['little', 'big', 'packed', 'long', 'flags'].map((name) => [name, arrayAt(enums, name).dtype, numbers(name)]),
    ).toEqual([
      ['little', 'int32', [0, 1, 2]],
      ['big', 'int32', [0, 1, 2]],
      ['packed', 'uint16', [0, 1, 2, 300, 1, 0]],
      ['long', 'int64', [2n]],
      ['flags', 'bool', [1, 0]],
    ]);
    await enums.close();
  });

  it('reads every type of number in either order of bytes', () => {
    const wide = ['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64'];
    expect([...(at(types, 'big') as Map<string, unknown>).keys()].sort()).toEqual([...wide].sort());
    for (const order of ['little', 'big'])
      for (const [dtype, array] of at(types, order) as Map<string, NdArray>) {
        expect([array.dtype, array.shape]).toEqual([dtype, [2, 3]]);
        expect(toNumbers(array.data as NumericData)).toEqual(
          dtype === 'bool' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5],
        );
      }
    expect(arrayAt(types, 'level')).toMatchObject({ dtype: 'int16', data: Int16Array.of(2, 0) });
    expect(arrayAt(types, 'scalar')).toMatchObject({ shape: [], data: Float64Array.of(2.5) });
    expect(arrayAt(types, 'empty')).toMatchObject({ shape: [0, 3], data: new Float32Array(0) });
  });

  it('reads texts of fixed and of any length', () => {
    expect(arrayAt(types, 'word')).toMatchObject({ shape: [], dtype: 'string', data: ['text'] });
    expect(arrayAt(types, 'fixed')).toMatchObject({ shape: [2, 2], data: ['ab', 'c', '', 'é'] });
    expect(arrayAt(types, 'variable').data).toEqual(['plain', 'ünïcode 🎬', '']);
  });

  it('reads packed chunks by position, in pieces and as float32', async () => {
    const { shape, elements } = arrayAt(types, 'packed');
    expect(shape).toEqual([60, 7, 5]);
    if (!isInFile(elements)) throw new TypeError('is in memory');
    const all = Float32Array.from({ length: 60 * 7 * 5 }, (_, i) => i);
    expect(elements.readNow()).toEqual(all);
    expect(await elements.readFloat32()).toEqual(all);
    for (const [from, count] of [
      [0, 1],
      [33, 500],
      [2099, 1],
      [70, 35],
      [7, 0],
    ] as const)
      expect(await elements.read(from, count)).toEqual(all.slice(from, from + count));
    const seen: number[] = [];
    for await (const piece of elements.pieces()) seen.push(...toNumbers(piece));
    expect(seen).toEqual([...all]);
  });

  it('gives the attributes of the root as metadata', () => {
    expect(types.metadata).toEqual({ title: 'ünïcode 🎬', version: '3', sizes: '1.5, 2' });
  });

  it('follows links within the file alone, and ends where they go round', () => {
    expect(arrayAt(links, 'soft').data).toEqual(Float32Array.of(1, 2));
    expect(at(links, 'again')).toBe(at(links, 'group'));
    expect([...(links.value as Map<string, unknown>).keys()]).toEqual(['again', 'elsewhere', 'group', 'lzf', 'soft']);
    const nowhere = 'a link to where nothing of this file is';
    const { skipped } = links.metadata as { skipped: string };
    for (const name of ['/external', '/via', '/broken', '/round']) expect(skipped).toContain(`${name} (${nowhere})`);
    for (const name of ['/home', '/again/up']) expect(skipped).toContain(`${name} (leads back to a group`);
    expect(skipped).toMatch(
      /\/compound \(compound.*\/ragged \(arrays of.*\/reference \(ref.*\/virtual \(is put together/,
    );
  });

  it('says which data are elsewhere, or packed in another way', () => {
    const read = (name: string) => () => arrayAt(links, name).data;
    expect(read('elsewhere')).toThrow(/links\.h5: holds "\/elsewhere", which cannot be read; .* keeps it elsewhere\.$/);
    expect(read('lzf')).toThrow('it is packed with filter 32000 (lzf); write it with gzip.');
  });

  it('reads a computational sequence', async () => {
    const sequence = await openHdf5(path('words.csd'));
    expect([...(at(sequence, 'words', 'data') as Map<string, unknown>).keys()]).toEqual(['video0', 'video1', 'video2']);
    expect(arrayAt(sequence, 'words', 'data', 'video1', 'features').data).toEqual(['sp', 'word', 'sp']);
    expect(arrayAt(sequence, 'words', 'data', 'video1', 'intervals').shape).toEqual([3, 2]);
    await sequence.close();
    expect(() => arrayAt(sequence, 'words', 'data', 'video1', 'intervals').data).toThrow(
      'words.csd: is closed; read it while it is open.',
    );
  });

  it('refuses what is no HDF5, or announces what it cannot hold', async () => {
    expect(await messageOf(withFile(Uint8Array.of(1, 2, 3), openHdf5))).toMatch(/x\.pkl: is no HDF5 file; check/);
    expect(await messageOf(openHdf5(path('none.h5')))).toContain('ENOENT');
    expect(await messageOf(openHdf5(path('huge.h5')))).toContain('announces 8000000000000 bytes for "/x" and has 463');
    expect(await messageOf(openHdf5(path('bomb.h5')))).toContain('announces 50331648 bytes for "/x" and has 50978');
    expect(await messageOf(openHdf5(path('diamonds.h5')))).toContain('holds more than 1000000 names;');
    const half = readFileSync(path('types.h5')).subarray(0, 10_000);
    expect(await messageOf(withFile(half, openHdf5))).toMatch(/x\.pkl: is damaged or truncated; copy it again\.$/);
  });
});

describe('a damaged HDF5 file', () => {
  // Starting a reader takes longer than all else, so one reads file after file until it has to be stopped.
  let sandbox: Hdf5Sandbox | undefined;
  afterAll(() => sandbox?.close());

  const readAll = (value: unknown): void => {
    if (value instanceof Map) value.forEach(readAll);
    else expect((value as NdArray).data).toBeDefined();
  };

  it.each(['types.h5', 'words.csd'])('gives an error or values: %s', async (name) => {
    await survivesDamage(fixture(`data/formats/${name}`), (bytes) =>
      withFile(bytes, async (file) => {
        if (sandbox === undefined || sandbox.ended) sandbox = startHdf5('x.h5', { seconds: 5, wasm: 256 });
        readAll((await openInSandbox(sandbox, file)).value);
      }),
    );
  });
});

describe('slabs', () => {
  it('cover a run of elements, each once and in order', () => {
    const runs = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      return fc.tuple(fc.constant(shape), fc.integer({ min: 0, max: size }), fc.integer({ min: 0, max: size }));
    });
    fc.assert(
      fc.property(runs, ([shape, a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const elements = slabs(shape, from, to - from).flatMap(({ offset, count }) =>
          offset.reduce<number[]>(
            (heads, start, axis) =>
              heads.flatMap((head) => Array.from({ length: count[axis]! }, (_, i) => head * shape[axis]! + start + i)),
            [0],
          ),
        );
        expect(elements).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
      }),
    );
  });

  it('are pieces of whole chunks, where these are not too large', () => {
    expect(pieceLength([1000, 50], null, 1000)).toBe(1000);
    expect(pieceLength([1000, 50], [7, 10], 1000)).toBe(700);
    expect(pieceLength([1000, 50], [100, 50], 1000)).toBe(5000);
    expect(pieceLength([1000, 50], [1000, 50], 1000)).toBe(1000);
    expect(pieceLength([], null, 1000)).toBe(1000);
  });
});
