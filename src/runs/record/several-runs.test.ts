import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runBelow, runsIn, severalKind, severalRunDirectory } from './several-runs.ts';

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

describe('a folder that is no run', () => {
  const begin = (...folders: readonly string[]): string => {
    const run = path.join(dir, ...folders);
    mkdirSync(run, { recursive: true });
    writeFileSync(path.join(run, 'config.json'), '{}');
    return run;
  };

  test('names a run that lies in it', () => {
    const [run] = [begin('seed-1'), begin('seed-2')];
    expect(runBelow(dir)).toBe(`${dir} is no run itself; name one of those in it, as in ${run}.`);
  });

  test('of a benchmark, names a run of each of three models', () => {
    writeFileSync(path.join(dir, 'benchmark.json'), '{}');
    const [a, b, c] = ['a', 'b', 'c', 'd'].map((model) => begin('runs', 'data', model, 'seed-1'));
    begin('runs', 'data', 'a', 'seed-2');
    expect(runBelow(dir)).toContain(`as in ${a}, ${b} or ${c}.`);
  });

  test('of folds in a benchmark, names a run of one', () => {
    writeFileSync(path.join(dir, 'benchmark.json'), '{}');
    const fold = begin('runs', 'data', 'a', 'seed-1', 'fold-1');
    expect(runBelow(dir)).toContain(`as in ${fold}.`);
  });

  test('of another kind is not searched to the bottom', () => {
    begin('a', 'seed-1');
    expect(runBelow(dir)).toBeUndefined();
  });
});
