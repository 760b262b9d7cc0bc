import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSplits, splitSegments } from './splits.ts';

const folder = mkdtempSync(join(tmpdir(), 'splits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'splits.json');
function read(value: unknown): Record<string, string> {
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(readSplits(file));
}

test('names of videos by split, or splits by video', () => {
  const expected = { a: 'train', b: 'train', c: 'valid', d: 'test' };
  expect(read({ train: ['a', 'b'], dev: ['c'], test: ['d'] })).toEqual(expected);
  expect(read({ a: 'train', b: 'training', c: 'val', d: 'test' })).toEqual(expected);
});

test.each([
  ['{', /cannot be read as JSON/],
  [[1], /is no JSON object/],
  [{ train: ['a'], test: ['a'] }, /has "a" in two splits/],
  [{ first: ['a'] }, /"first", which is no split/],
  [{ a: 'nowhere' }, /has no split for "a"/],
  [{ a: 1 }, /has no split for "a"/],
  [{ train: [1] }, /names 1 in "train"/],
])('%j is refused', (value, problem) => {
  expect(() => read(value)).toThrow(problem);
});

test('of what is no JSON the cause is kept', () => {
  expect(() => read('{')).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) as unknown }));
});

test('a segment goes by its own name before that of its video, and videos in no split are named', () => {
  const segments = ['a[0]', 'a[1]', 'b[0]', 'c[0]'].map((id) => ({ id, video: id[0]!, labels: [0], words: [0] }));
  const { bySplit, without } = splitSegments(
    segments,
    new Map([
      ['a', 'train'],
      ['a[1]', 'test'],
      ['b', 'test'],
    ]),
  );
  expect(Array.from(bySplit, ([split, own]) => [split, own.map(({ id }) => id)])).toEqual([
    ['train', ['a[0]']],
    ['test', ['a[1]', 'b[0]']],
  ]);
  expect(without).toEqual(['c']);
});
