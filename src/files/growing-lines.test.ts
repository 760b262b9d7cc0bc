import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { writeFileAtomic } from './atomic.ts';
import { GrowingLines } from './growing-lines.ts';

let [folder, file] = ['', ''];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decalign-lines-'));
  file = path.join(folder, 'lines');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('each line is read once, when it is whole', () => {
  const lines = new GrowingLines(file);
  expect(lines.read()).toEqual({ lines: [], anew: false, more: false });
  writeFileSync(file, 'one\ntwo\nthr');
  expect(lines.read()).toEqual({ lines: ['one', 'two'], anew: false, more: false });
  expect(lines.read().lines).toEqual([]);
  appendFileSync(file, 'ee é\n\nfour\n');
  expect(lines.read().lines).toEqual(['three é', '', 'four']);
});

test('a file that was replaced, cut or taken away is read anew', () => {
  const lines = new GrowingLines(file);
  writeFileSync(file, '1\n2\n3\n');
  expect(lines.read().lines).toHaveLength(3);
  truncateSync(file, 4);
  expect(lines.read()).toEqual({ lines: ['1', '2'], anew: true, more: false });
  writeFileAtomic(file, '1\n0\n4\n');
  expect(lines.read()).toEqual({ lines: ['1', '0', '4'], anew: true, more: false });
  // One that begins as before goes on.
  writeFileAtomic(file, '1\n0\n4\n5\n');
  expect(lines.read()).toEqual({ lines: ['5'], anew: false, more: false });
  rmSync(file);
  expect(lines.read()).toEqual({ lines: [], anew: true, more: false });
  expect(lines.read()).toEqual({ lines: [], anew: false, more: false });
});

test('much is read in portions, and a long line whole', () => {
  const long = 'x'.repeat(3 * 2 ** 20);
  const many = Array.from({ length: 300_000 }, (_, n) => String(n));
  writeFileSync(file, `${long}\n${many.join('\n')}\n`);
  const lines = new GrowingLines(file);
  let found: readonly string[] = [];
  let reads = 0;
  for (let more = true; more; reads++) {
    const read = lines.read();
    found = found.concat(read.lines);
    ({ more } = read);
  }
  expect(found[0]).toBe(long);
  expect(found.slice(1)).toEqual(many);
  expect(reads).toBeGreaterThan(1);
});

test('a folder in the place of the file is an error', () => {
  expect(() => new GrowingLines(folder).read()).toThrow('it is no regular file');
});

test.skipIf(process.platform === 'win32')('a pipe and a device are not waited for', () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const other of [pipe, '/dev/zero'])
    expect(() => new GrowingLines(other).read()).toThrow('it is no regular file');
});
