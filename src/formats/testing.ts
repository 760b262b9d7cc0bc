/** For the tests of this folder only. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect } from 'vitest';
import { NdArray, type NumericData } from './bytes/array.ts';
import { FormatError } from '../files/error.ts';
import { inMemory } from './bytes/in-memory.ts';
import type { OpenedFile } from './bytes/opened.ts';

export const fixturePath = (path: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${path}`, import.meta.url));

export const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(path)));

/** Calls `use` with a file that holds `bytes`, which is gone afterwards. */
export async function withFile<T>(
  bytes: Uint8Array,
  use: (file: string) => Promise<T>,
  { name = 'x.pkl' }: { readonly name?: string } = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'formats-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `open` finds in a file of `bytes`, every array read. */
export const openedBytes = (
  bytes: Uint8Array,
  name: string,
  open: (file: string) => Promise<OpenedFile>,
): Promise<unknown> =>
  withFile(
    bytes,
    async (file) => {
      const opened = await open(file);
      try {
        return inMemory(opened.value, file);
      } finally {
        await opened.close();
      }
    },
    { name },
  );

/** What `open` finds in a fixture, every array read. */
export async function openedFixture(name: string, open: (file: string) => Promise<OpenedFile>): Promise<unknown> {
  const opened = await open(fixturePath(`data/formats/${name}`));
  try {
    return inMemory(opened.value, name);
  } finally {
    await opened.close();
  }
}

/** A pickle of dicts, lists, text, numbers and arrays, as Python writes them with protocol 5. */
export function pickled(value: unknown): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x80, 5), ...written(value), latin1('.')]);
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function number(value: number, bytes: 4 | 8): Uint8Array {
  const out = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) out.setInt32(0, value, true);
  else out.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(out.buffer);
}

function written(value: unknown): Uint8Array[] {
  if (typeof value === 'number') return [latin1('J'), number(value, 4)];
  if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    return [latin1('X'), number(text.length, 4), text];
  }
  if (Array.isArray(value)) return [latin1('](')].concat(value.flatMap(written), latin1('e'));
  if (value instanceof NdArray) {
    const data = value.data as NumericData;
    const [kind, bits] = /^(?:Big)?(Int|Uint|Float)(\d+)/.exec(data.constructor.name)!.slice(1);
    return [
      latin1('cnumpy.core.numeric\n_frombuffer\n(\x96'),
      number(data.byteLength, 8),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      latin1('cnumpy\ndtype\n('),
      ...written(`${kind!.charAt(0).toLowerCase()}${Number(bits) / 8}`),
      latin1('tR('),
      ...value.shape.flatMap(written),
      latin1('t'),
      ...written('C'),
      latin1('tR'),
    ];
  }
  return [
    latin1('}('),
    ...Object.entries(value as object)
      .flat()
      .flatMap(written),
    latin1('u'),
  ];
}

/** The outcome of reading bytes that may be damaged: anything but these two is a fault of the reader. */
async function outcome(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Promise<'value' | 'error'> {
  try {
    await read(bytes);
    return 'value';
  } catch (error) {
    if (error instanceof FormatError && !error.message.includes('\n')) return 'error';
    throw error;
  }
}

/** Cuts `original` after every byte, and so at every border of its structure: each time, a one-line FormatError. */
export async function failsCutAnywhere(original: Uint8Array, read: (bytes: Uint8Array) => unknown): Promise<void> {
  const passed: number[] = [];
  for (let length = 0; length < original.length; length++)
    if ((await outcome(original.slice(0, length), read)) === 'value') passed.push(length);
  expect(passed).toEqual([]);
}

/** Cuts `original` short or alters some of its bytes; `read` must give a value or a one-line FormatError. */
export async function survivesDamage(original: Uint8Array, read: (bytes: Uint8Array) => unknown): Promise<void> {
  const place = fc.double({ min: 0, max: 0.999999, noNaN: true });
  const cut = place.map((at) => original.slice(0, Math.floor(at * original.length)));
  const altered = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 });
  const flipped = altered.map((changes) => {
    const bytes = original.slice();
    for (const [at, mask] of changes) bytes[Math.floor(at * bytes.length)]! ^= mask;
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(cut, async (bytes) => (await outcome(bytes, read)) === 'error'),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(flipped, async (bytes) => ['value', 'error'].includes(await outcome(bytes, read))),
    { numRuns: 1000 },
  );
}

/** A version 1 `.npy` file of float32. */
export function npy(shape: readonly number[], values: readonly number[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.map((axis) => `${axis},`).join(' ')}), }`;
  const text = `${header.padEnd(117)}\n`;
  const start = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Uint8Array.of(text.length, 0),
    Buffer.from(text),
  ]);
  return Buffer.concat([start, new Uint8Array(Float32Array.from(values).buffer)]);
}
