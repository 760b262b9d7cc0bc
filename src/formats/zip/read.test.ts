import { ftruncateSync, closeSync, openSync, writeSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { isInFile, type NdArray } from '../bytes/array.ts';
import { openNpz } from '../numpy/read-npz.ts';
import { BytesSource } from '../bytes/source.ts';
import { bytesNow, StoredBytes } from '../bytes/stored.ts';
import { withFile } from '../testing.ts';
import { readZip } from './read.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

interface Entry {
  readonly path: string;
  readonly content?: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly crc?: number;
  /** Where the directory says that it begins. */
  readonly position?: number;
}

/** An archive that says of its files whatever is wanted. */
function archive(...entries: readonly Entry[]): Uint8Array {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, content = latin1('abc'), method = 0, flags = 0, size, crc, position = at } of entries) {
    const name = Buffer.from(path, 'latin1');
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(flags, 2);
    head.writeUInt16LE(method, 4);
    head.writeUInt32LE(crc ?? crc32(content), 10);
    head.writeUInt32LE(content.length, 14);
    head.writeUInt32LE(size ?? content.length, 18);
    head.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\x03\x04'), head, name, Buffer.from(content));
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(position, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.alloc(2), head, rest, name);
    at += 30 + name.length + content.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, central, end]);
}

const opened = (bytes: Uint8Array) => readZip(new BytesSource(bytes, 'x.zip'));
const all = (bytes: Uint8Array, path = 'a'): string => {
  const source = opened(bytes).get(path)!;
  return Buffer.from(bytesNow(new StoredBytes(source, 0, source.size))).toString('latin1');
};

describe('readZip', () => {
  it('gives each file, stored or deflated, and skips folders', () => {
    const bytes = archive({ path: 'folder/', content: new Uint8Array(0) }, { path: 'folder/a' }, { path: 'b' });
    expect([...opened(bytes).keys()]).toEqual(['folder/a', 'b']);
    expect(all(bytes, 'b')).toBe('abc');
    expect(all(zipSync({ a: latin1('deflated '.repeat(100)) }))).toBe('deflated '.repeat(100));
  });

  it.each<[string, Uint8Array, string]>([
    ['no archive', latin1('PK\x03\x04'), 'has no end; it is truncated'],
    ['a path to the folder above', archive({ path: '../a' }), 'a file "../a", which leaves its folder; refused'],
    ['a path on its way there', archive({ path: 'b/../../a' }), 'leaves its folder'],
    ['a path from the root', archive({ path: '/etc/passwd' }), 'leaves its folder'],
    ['a path of Windows', archive({ path: 'C:\\a' }), 'leaves its folder'],
    ['a name that is there twice', archive({ path: 'a' }, { path: 'a' }), 'holds "a" twice'],
    ['files that share bytes', archive({ path: 'a' }, { path: 'b', position: 0 }), 'shares bytes with another file'],
    ['a file beyond the end', archive({ path: 'a', position: 9999 }), 'or lies outside'],
    ['a file that is not there', archive({ path: 'a', position: 1 }), 'has no header where the directory says'],
    ['a password', archive({ path: 'a', flags: 1 }), 'is encrypted'],
    ['another method', archive({ path: 'a', method: 14 }), 'compressed by method 14'],
    ['a stored file of two lengths', archive({ path: 'a', size: 7 }), 'stored in 3 bytes and has 7'],
    ['a bomb', archive({ path: 'a', method: 8, size: 0xfffffff0 }), 'announces 4294967280; refused as a zip bomb'],
    [
      'many small bombs',
      archive(...Array.from({ length: 40 }, (_, i) => ({ path: `${i}`, method: 8, size: 8e6 }))),
      'announces 320000000; refused as a zip bomb',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => opened(bytes)).toThrow(message);
    expect(() => opened(bytes)).toThrow(/^x\.zip, byte \d+: [^\n]*$/);
  });

  it.each([
    ['more than it announces', { size: 1000 }],
    ['less than it announces', { size: 100_000 }],
    ['something else than it announces', { crc: 1 }],
    ['nothing', { content: latin1('\xff\xff\xff'), size: 10 }],
  ])('refuses a file that inflates to %s, as a whole and in parts', async (_, changes) => {
    const plain = new Uint8Array(50_000);
    const content = deflateRawSync(plain);
    const bytes = archive({ path: 'a', method: 8, content, size: plain.length, crc: crc32(plain), ...changes });
    const message = /^x\.zip:a: (?:does not inflate to the|does not have the checksum|cannot be inflated)[^\n]*$/;
    const late = /^x\.zip:a: (?:does not|cannot be inflated)/;
    expect(() => all(bytes)).toThrow(late);
    const source = opened(bytes).get('a')!;
    const parts = async (): Promise<void> => {
      for (let at = 0; at < source.size; at += 500)
        await source.read(new Uint8Array(Math.min(500, source.size - at)), at);
    };
    await expect(parts()).rejects.toThrow(message);
    expect(() => {
      for (let at = 0; at < source.size; at += 500) source.readNow(new Uint8Array(Math.min(500, source.size - at)), at);
    }).toThrow(late);
  });

  it('opens an archive beyond 4 GiB at once, and reads any number of it', async () => {
    await withFile(new Uint8Array(0), async (path) => {
      const count = 5 * 2 ** 28;
      const length = writeSparse(path, count);
      const before = process.memoryUsage.rss();
      const { value, close } = await openNpz(path);
      const { a, b } = Object.fromEntries(value as Map<string, NdArray>) as Record<'a' | 'b', NdArray>;
      if (!isInFile(a.elements)) throw new Error('should be in the file');
      expect(length).toBeGreaterThan(2 ** 32);
      expect(a.shape).toEqual([count]);
      expect(await a.elements.read(count - 2, 2)).toEqual(Float32Array.of(0, 1.5));
      expect(b.data).toEqual(Float32Array.of(2.5));
      expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
      await close();
    });
  });
});

/** An archive of `a`, that many zeros and 1.5 at the end, and `b`, one number; most of it a hole in the file. */
function writeSparse(path: string, count: number): number {
  const handle = openSync(path, 'w');
  const put = (at: number, bytes: Uint8Array): number => at + writeSync(handle, bytes, 0, bytes.length, at);
  const npy = (shape: number): Buffer => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape},), }`.padEnd(118);
    return Buffer.from(`\x93NUMPY\x01\0${String.fromCharCode(118, 0)}${header}`, 'latin1');
  };
  const number = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);
  const local = (name: string): Buffer => {
    const head = Buffer.alloc(30);
    head.write('PK\x03\x04', 'latin1');
    head.writeUInt16LE(name.length, 26);
    return Buffer.concat([head, Buffer.from(name)]);
  };
  const member = (name: string, size: number, position: number): Buffer => {
    const head = Buffer.alloc(46, 0);
    head.write('PK\x01\x02', 'latin1');
    head.fill(0xff, 20, 28);
    head.writeUInt16LE(name.length, 28);
    head.writeUInt16LE(28, 30);
    head.fill(0xff, 42, 46);
    const extra = Buffer.alloc(28);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [i, value] of [size, size, position].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
    return Buffer.concat([head, Buffer.from(name), extra]);
  };
  const sizeA = 128 + 4 * count;
  let at = put(put(0, local('a.npy')), npy(count));
  at = put(at + 4 * count - 4, number(1.5));
  const startB = at;
  at = put(put(put(at, local('b.npy')), npy(1)), number(2.5));
  const directory = at;
  at = put(at, Buffer.concat([member('a.npy', sizeA, 0), member('b.npy', 132, startB)]));
  const long = Buffer.alloc(56);
  long.write('PK\x06\x06', 'latin1');
  for (const [i, value] of [2, 2, at - directory, directory].entries())
    long.writeBigUInt64LE(BigInt(value), 24 + 8 * i);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(at), 8);
  const end = Buffer.alloc(22, 0);
  end.write('PK\x05\x06', 'latin1');
  end.fill(0xff, 8, 20);
  at = put(at, Buffer.concat([long, locator, end]));
  ftruncateSync(handle, at);
  closeSync(handle);
  return at;
}
