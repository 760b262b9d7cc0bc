/** How much the pages of `decalign ui` load: what is not needed at first comes when it is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compiled } from './compiled.ts';

const pages = path.resolve(path.dirname(compiled()), '../pages/ui');

/** A script and those that it imports before it runs. */
function loaded(name: string, before: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  if (before.has(name)) return before;
  const text = readFileSync(path.join(pages, name), 'utf8');
  const imported = [...text.matchAll(/(?:import|from)"\.\/([^"]+)"/g)].map(([, file]) => file!);
  return imported.reduce<ReadonlySet<string>>((found, file) => loaded(file, found), new Set([...before, name]));
}

const size = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(readFileSync(path.join(pages, name))).length, 0);

test('the list of runs is 60 kB of scripts at most, compressed, and has no charts in it', () => {
  const first = loaded('main.js');
  expect(first.size).toBeGreaterThan(1);
  expect(size(first)).toBeLessThanOrEqual(60_000);
  expect([...first].filter((name) => readFileSync(path.join(pages, name), 'utf8').includes('u-cursor'))).toEqual([]);
});

test('styles need nothing of elsewhere, and no script is made while they run', () => {
  const styles = readFileSync(path.join(pages, 'main.css'), 'utf8');
  expect(styles).not.toMatch(/@import|url\(/);
  for (const name of loaded('main.js'))
    expect(readFileSync(path.join(pages, name), 'utf8')).not.toMatch(
      /\beval\(|new Function|https?:\/\/(?!www\.w3\.org)/,
    );
});
