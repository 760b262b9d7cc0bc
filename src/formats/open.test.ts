import { execFileSync } from 'node:child_process';
import { copyFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { NdArray } from './bytes/array.ts';
import { openFile } from './open.ts';
import { writeSafetensors } from './safetensors/write.ts';
import { fixture, fixturePath, openedBytes, withFile } from './testing.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const tensors = writeSafetensors({ w: { shape: [2], data: Float32Array.of(1, 2) } });
const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
/** A header of 0x280 bytes: the file begins as a pickle of protocol 2 does. */
const pickleLike = Buffer.concat([latin1(`\x80\x02\0\0\0\0\0\0${header.padEnd(0x280)}`), new Uint8Array(8)]);

/** The format that is found in a file of `bytes`. */
const formatOf = (bytes: Uint8Array, name: string): Promise<string> =>
  withFile(
    bytes,
    async (file) => {
      const { format, close } = await openFile(file);
      await close();
      return format;
    },
    { name },
  );

describe('openFile', () => {
  it.each<[string, Uint8Array, string]>([
    ['NumPy array', fixture('data/formats/fortran.npy'), 'x.npy'],
    ['NumPy archive', fixture('data/numpy1.npz'), 'x.npz'],
    ['NumPy archive', zipSync({}), 'x.npz'],
    ['PyTorch', fixture('data/formats/features.pt'), 'x.pt'],
    ['safetensors', tensors, 'x.safetensors'],
    ['safetensors', pickleLike, 'x.safetensors'],
    ['HDF5', fixture('data/formats/words.csd'), 'x.csd'],
    ...[0, 1, 2, 3, 4, 5].map((protocol): [string, Uint8Array, string] => [
      'Python pickle',
      fixture(`data/numpy2-protocol${protocol}.pkl`),
      'x.pkl',
    ]),
  ])('knows a %s by its content, whatever its name', async (format, bytes, name) => {
    expect(await formatOf(bytes, name)).toBe(format);
    expect(await formatOf(bytes, 'wrong.onnx')).toBe(format);
    expect(await formatOf(bytes, 'none')).toBe(format);
  });

  it('knows a safetensors file whose length begins as a zip archive does', async () => {
    const long = Buffer.from(`${'\0'.repeat(8)}${header.padEnd(0x34b50)}${'\0'.repeat(8)}`);
    long.writeBigUInt64LE(0x34b50n);
    expect(long.toString('latin1', 0, 3)).toBe('PK\x03');
    expect(await formatOf(long, 'x.safetensors')).toBe('safetensors');
  });

  it.each([
    ['CSV', 'id,x\na,1\n', 'x.csv'],
    ['TSV', 'id\tx\na\t1\n', 'x.TSV'],
    ['JSON lines', '{"id": "a", "x": 1}\n', 'x.jsonl'],
  ])('knows %s by its name', async (format, text, name) => {
    expect(await formatOf(latin1(text), name)).toBe(format);
  });

  it('opens what is in the file, also by way of a link', async () => {
    expect(await openedBytes(tensors, 'x.bin', openFile)).toEqual(
      new Map([['w', new NdArray([2], 'float32', Float32Array.of(1, 2))]]),
    );
    await withFile(tensors, async (file) => {
      const link = join(dirname(file), 'link');
      symlinkSync(file, link);
      const { format, close } = await openFile(link);
      expect(format).toBe('safetensors');
      await close();
    });
  });

  it.each<[string, Uint8Array, string, string]>([
    ['an empty file', new Uint8Array(0), 'x.pkl', 'is empty; copy or write it again.'],
    ['a text', latin1('hello world, how are you?'), 'x.txt', 'is none of the files that are read: NumPy (.npy, .npz),'],
    ['gzip', gzipSync('a'), 'x.pkl.gz', 'is compressed by gzip; gunzip it first.'],
    ['another archive', zipSync({ 'word/a.xml': latin1('b') }), 'x.docx', 'it holds "word/a.xml"; unpack it first.'],
    ['an old checkpoint', fixture('data/legacy.pth'), 'x.pth', "in PyTorch's format from before 1.6"],
    ['an old MATLAB file', latin1('MATLAB 5.0 MAT-file, Platform'), 'x.mat', 'before version 7.3'],
    ['a text named as a pickle', latin1('hello world'), 'x.pkl', 'pickle'],
  ])('refuses %s, with what to do', async (_, bytes, name, message) => {
    const error = await formatOf(bytes, name).catch((failure: unknown) => failure as Error);
    expect(String(error)).toContain(message);
    expect(String(error)).toMatch(/^FormatError: [^\n]*$/);
  });

  it('refuses a folder, a pipe and what is not there', async () => {
    await expect(openFile(dirname(fixturePath('data/formats/x')))).rejects.toThrow(/is a folder; name a file in it\.$/);
    await expect(openFile('nowhere.pkl')).rejects.toThrow(/^nowhere\.pkl: does not exist\.$/);
    await withFile(tensors, async (file) => {
      const loop = join(dirname(file), 'loop');
      symlinkSync(loop, loop);
      await expect(openFile(loop)).rejects.toThrow(/loop: cannot be read \(ELOOP\)\.$/);
      if (process.platform === 'win32') return;
      const pipe = join(dirname(file), 'pipe');
      execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
      await expect(openFile(pipe)).rejects.toThrow(/is no file that can be read at any place/);
    });
  });

  it('closes the file again where it cannot be opened', async () => {
    await withFile(new Uint8Array(0), async (file) => {
      copyFileSync(fixturePath('data/formats/command.pkl'), file);
      for (let i = 0; i < 2000; i++) await expect(openFile(file)).rejects.toThrow('forbidden global');
    });
  });
});
