/** `decalign convert` as its users call it: from a file to a file, and what it says where that cannot be. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { NdArray } from '../../src/formats/bytes/array.ts';
import { writeFile } from '../../src/formats/write.ts';
import { decalign, decalignHere, temporaryFolder } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);

beforeAll(() => {
  save(at('mosi.pkl'), tables());
});

const convert = (...args: string[]) => decalignHere(['convert', ...args], { cwd: folder });
const ok = { code: 0, stderr: '' };

describe('decalign convert', () => {
  test('a dataset goes through every format and is the same dataset', async () => {
    const way = ['mosi.pkl', 'a.npz', 'b.h5', 'c.parquet', 'd.jsonl', 'e.csv', 'f.pt', 'g.pkl'];
    const inspected = async (file: string): Promise<Record<string, unknown>> => {
      const { stdout, code } = await decalignHere(['inspect', file, '--json'], { cwd: folder });
      expect(code).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const { splits, modalities } = await inspected('mosi.pkl');
    for (const [i, file] of way.slice(1).entries()) {
      expect(await convert(way[i]!, file)).toMatchObject(ok);
      const again = await inspected(file);
      expect(JSON.stringify([again['splits'], again['modalities']])).toBe(JSON.stringify([splits, modalities]));
    }
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('says what it wrote, and what it left out', async () => {
    const { stdout, stderr, code } = await decalign(['convert', 'mosi.pkl', 'm.safetensors'], { cwd: folder });
    const bytes = readFileSync(at('m.safetensors')).length;
    expect(stdout).toBe(`Wrote m.safetensors: safetensors, 15 arrays, ${bytes.toLocaleString('en')} bytes\n`);
    expect(stderr).toBe('Left out, as safetensors has no place for it: train/id, valid/id, test/id.\n');
    expect(code).toBe(0);
    // --debug shows where errors arise, and is no choice of the packed form.
    const json = await convert('mosi.pkl', 'm.safetensors', '--force', '--dtype', 'float16', '--json', '--debug');
    expect(JSON.parse(json.stdout)).toEqual({
      source: 'mosi.pkl',
      file: 'm.safetensors',
      format: 'safetensors',
      arrays: 15,
      bytes: readFileSync(at('m.safetensors')).length,
      left_out: ['train/id', 'valid/id', 'test/id'],
    });
    expect(readFileSync(at('m.safetensors'), 'latin1')).toContain('"F16"');
  });

  test('the folder of a published dataset is the file in it, to inspect as well', async () => {
    mkdirSync(at('data/MOSI/Processed'), { recursive: true });
    copyFileSync(at('mosi.pkl'), at('data/MOSI/Processed/aligned_50.pkl'));
    expect(await convert('data/MOSI', 'folder.npz')).toMatchObject(ok);
    expect(await convert('mosi.pkl', 'direct.npz')).toMatchObject(ok);
    expect(readFileSync(at('folder.npz')).equals(readFileSync(at('direct.npz')))).toBe(true);
    const byFolder = await decalignHere(['inspect', 'data/MOSI'], { cwd: folder });
    expect(byFolder).toEqual(await decalignHere(['inspect', 'data/MOSI/Processed/aligned_50.pkl'], { cwd: folder }));
    expect(byFolder).toMatchObject(ok);
  });

  test.each([
    [['mosi.pkl', 'mosi.pkl', '--force'], 2, 'mosi.pkl is mosi.pkl itself; name another file.'],
    [['mosi.pkl', 'link.pkl', '--force'], 2, 'link.pkl is mosi.pkl itself; name another file.'],
    [['mosi.pkl', 'there.npz'], 1, 'there.npz exists; add --force to replace it.'],
    [['mosi.pkl', 'x.mat'], 2, 'x.mat ends in .mat, and the ending says what to write: .npz, .npy,'],
    [['dataset.yaml', 'x.npz'], 2, 'dataset.yaml describes a dataset in several files; name one of them'],
    [['packed', 'x.npz'], 2, 'packed/manifest.json describes a dataset in several files; name one of them'],
    [['empty', 'x.npz'], 1, 'empty: is a folder without a dataset.yaml: write one by decalign init-data.'],
    [['none.pkl', 'x.npz'], 1, 'none.pkl: does not exist.'],
    [['mosi.pkl', 'x.npy'], 1, 'x.npy: an .npy file holds one array, and there are 18; name an .npz file.'],
    [
      ['mosi.pkl', 'no/folder/x.npz'],
      1,
      'no/folder/x.npz: cannot be written: its folder does not exist; create it first (ENOENT).',
    ],
    [
      ['mosi.pkl', 'x.npz', '--dtype', 'int8'],
      2,
      "argument 'int8' is invalid. Allowed choices are float16, float32, float64",
    ],
  ])('%j ends with %i', async (args, code, message) => {
    writeFileSync(at('there.npz'), 'mine');
    for (const name of ['packed', 'empty']) mkdirSync(at(name), { recursive: true });
    writeFileSync(at('packed/manifest.json'), '{}');
    if (!existsSync(at('link.pkl'))) symlinkSync('mosi.pkl', at('link.pkl'));
    const result = await convert(...args);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(at('there.npz'), 'utf8')).toBe('mine');
    expect(existsSync(at('x.npz')) || existsSync(at('x.npy'))).toBe(false);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while it writes ends it with %i and leaves no part of a file', async (signal, code) => {
    // Much more is written after the file is there than a signal takes to arrive.
    const long = new NdArray([2_000_000], 'float32', new Float32Array(2_000_000).fill(0.5));
    await writeFile(at('long.npz'), new Map([['x', long]]));
    const result = await decalign(['convert', 'long.npz', 'stopped.jsonl'], {
      cwd: folder,
      onStart: (child) => {
        const watcher = watch(folder, (_, name) => {
          if (!name?.includes('stopped')) return;
          child.kill(signal);
          watcher.close();
        });
      },
    });
    expect(result).toEqual({ code, signal: null, stdout: '', stderr: 'Interrupted; nothing was written.\n' });
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  test('a disk that is full leaves the file of before, and nothing else', async () => {
    writeFileSync(at('full.npz'), 'before');
    for (const ending of ['npz', 'h5', 'csv', 'parquet']) {
      const file = `full.${ending}`;
      const { code, stderr } = await decalign(['convert', 'mosi.pkl', file, '--force'], {
        cwd: folder,
        largestFile: 4,
      });
      expect([code, stderr.split('\n').length]).toEqual([1, 2]);
      expect(stderr).toMatch(new RegExp(`${file}: cannot .*EFBIG`));
    }
    expect(readFileSync(at('full.npz'), 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => /partial|full\.[^n]/.test(name))).toEqual([]);
    rmSync(at('full.npz'));
  });
});
