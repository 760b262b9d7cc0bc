import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runsIn, severalKind, severalRunDirectory } from './several-runs.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'decalign-several-'))));
afterEach(() => rmSync(dir, { recursive: true }));

test('a directory without runs of seeds or folds is a single run', () => {
  writeFileSync(path.join(dir, 'config.json'), '{}');
  mkdirSync(path.join(dir, 'seed-data'));
  expect(runsIn(dir)).toEqual({ directories: [dir] });
});

test.each(['seed', 'fold'] as const)('runs by %s are found by their numbers, not by the alphabet', (kind) => {
  for (const number of [10, 9, 101]) mkdirSync(severalRunDirectory(dir, kind, number));
  mkdirSync(path.join(dir, `${kind}-10-copy`));
  writeFileSync(path.join(dir, 'result.json'), '{}');
  expect(runsIn(dir)).toEqual({ kind, directories: [9, 10, 101].map((number) => path.join(dir, `${kind}-${number}`)) });
});

test('names say of which kind the runs are', () => {
  expect(severalKind(['result.json', 'fold-1'])).toBe('fold');
  expect(severalKind(['seed-3'])).toBe('seed');
  expect(severalKind(['my-seed-3', 'seed', 'fold-'])).toBeUndefined();
});
