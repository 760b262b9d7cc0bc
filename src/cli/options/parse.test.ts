import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { namesAndPaths } from './parse.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-a,b-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'mine,too.js');
writeFileSync(file, '');
// The clone of this very project is such a folder.
const named = path.join(folder, 'decalign');
mkdirSync(named);

test.each([
  ['decalign, ridge,', ['decalign', 'ridge']],
  ['', []],
  [file, [file]],
  [`decalign,${file},ridge`, ['decalign', file, 'ridge']],
  [`${file}@small,${file}`, [`${file}@small`, file]],
  ['decalign@paper,decalign@decoupled,misa', ['decalign@paper', 'decalign@decoupled', 'misa']],
  // An entry goes on after its recipe where a file or folder happens to have the name of the model.
  [`${named}@paper,${named}@decoupled,misa`, [`${named}@paper`, `${named}@decoupled`, 'misa']],
  // A file that is not there is named as far as the comma.
  ['mine,too.js', ['mine', 'too.js']],
])('%s is %j', (text, expected) => {
  expect(namesAndPaths(text)).toEqual(expected);
});
