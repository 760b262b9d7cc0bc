import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readBytes, readText } from './read.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

test('a file is read whole', () => {
  writeFileSync(at('long.yaml'), 'é'.repeat(70_000));
  expect(readText(at('long.yaml'))).toBe('é'.repeat(70_000));
  expect([...readBytes(at('long.yaml')).subarray(0, 2)]).toEqual([0xc3, 0xa9]);
});

test('a file that is longer than it may be is told of with its length, and not read', () => {
  writeFileSync(at('long.json'), ' '.repeat(3 * 2 ** 20));
  expect(readBytes(at('long.json'), { most: 3 * 2 ** 20 })).toHaveLength(3 * 2 ** 20);
  expect(() => readBytes(at('long.json'), { most: 2 ** 20 })).toThrow('has 3 MiB, where up to 1 MiB are read.');
});

test('what is not there, or is a folder, is told', () => {
  for (const read of [readBytes, readText]) {
    expect(() => read(at('none'))).toThrow(/none: there is no such file\.$/);
    expect(() => read(folder)).toThrow('cannot be read (EISDIR)');
  }
});

test.skipIf(process.platform === 'win32')('a device without an end is not read to its end', () => {
  expect(() => readBytes('/dev/zero')).toThrow('/dev/zero: is no regular file; save it as one.');
  expect(() => readText('/dev/zero')).toThrow('/dev/zero: is longer than 16 MiB');
});

test.skipIf(process.platform === 'win32')('a pipe gives its text, and is not waited for where bytes are read', () => {
  execFileSync('mkfifo', [at('pipe')]);
  expect(() => readBytes(at('pipe'))).toThrow('is no regular file');
  spawn('sh', ['-c', 'echo train: > "$0"', at('pipe')]);
  expect(readText(at('pipe'))).toBe('train:\n');
});
