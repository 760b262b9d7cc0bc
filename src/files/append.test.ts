import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkFolder, makeFolder } from './append.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-append-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

test('a folder is made with those above it, and left as it is where it is there', () => {
  makeFolder(at('a/b/c'));
  writeFileSync(at('a/b/c/file'), '');
  makeFolder(at('a/b/c'));
  expect(existsSync(at('a/b/c/file'))).toBe(true);
});

test('a folder that could be made is not there after it was asked for', () => {
  mkdirSync(at('kept'));
  checkFolder(at('kept/b/c'));
  checkFolder(at('kept'));
  expect(readdirSync(at('kept'))).toEqual([]);
});

test('a link to a folder is one', () => {
  mkdirSync(at('there'));
  symlinkSync(at('there'), at('link'));
  makeFolder(at('link/inner'));
  expect(statSync(at('there/inner')).isDirectory()).toBe(true);
});

test('a file in its place, or above it, is told', () => {
  writeFileSync(at('file'), '');
  symlinkSync(at('nowhere'), at('broken'));
  for (const name of ['file', 'broken'])
    for (const make of [makeFolder, checkFolder])
      expect(() => {
        make(at(name));
      }).toThrow(`Cannot write ${at(name)}: something of that name is there`);
  for (const make of [makeFolder, checkFolder])
    expect(() => {
      make(at('file/x/y'));
    }).toThrow(`Cannot write ${at('file/x/y')}: a part of its path is a`);
});
