import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { namesAndPaths } from './parse.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-a,b-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'mine,too.js');
writeFileSync(file, '');

test.each([
  ['decalign, ridge,', ['decalign', 'ridge']],
  ['', []],
  [file, [file]],
  [`decalign,${file},ridge`, ['decalign', file, 'ridge']],
  [`${file}@small,${file}`, [`${file}@small`, file]],
  // A file that is not there is named as far as the comma.
  ['mine,too.js', ['mine', 'too.js']],
])('%s is %j', (text, expected) => {
  expect(namesAndPaths(text)).toEqual(expected);
});
