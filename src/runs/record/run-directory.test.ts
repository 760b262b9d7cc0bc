import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveConfig } from '../../config/index.ts';
import { lockVacant } from './out-directory.ts';
import { taken } from './testing.ts';
import { RunDirectory } from './run-directory.ts';
import { readStarted } from './started-run.ts';
import { initialState } from '../../train/training-state.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'decalign-run-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const identity = { config: resolveConfig({}), seed: 1, hash: 'abc' };
const data = { name: 'data', task: { kind: 'regression', range: [-3, 3] }, metrics: 'mosi' } as const;
const origin = { source: 'data', overrides: {}, data };
const file = (name: string): string => path.join(dir, name);

test('going on after 10,000 epochs forgets the lines after them, quickly', () => {
  const numbers = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`value-${n}`, Math.sqrt(n + 2)]));
  const lines = Array.from({ length: 10_002 }, (_, n) => `${JSON.stringify({ epoch: n + 1, numbers })}\n`);
  writeFileSync(file('metrics.jsonl'), `${lines.join('')}{"epoch":`);
  const start = process.cpuUsage();
  RunDirectory.open(dir, identity, origin, { state: { ...initialState({}), epoch: 10_000, step: 50_000 } }).close();
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(readFileSync(file('metrics.jsonl'), 'utf8')).toBe(lines.slice(0, 10_000).join(''));
});

test('a place is vacant with what a killed process left there before its run began, and not with anything else', async () => {
  writeFileSync(file('.config.json.partial'), '{');
  writeFileSync(file('.lock.999999999.1-abcdef01.nowhere'), '');
  await expect(taken(lockVacant(dir))).rejects.toThrow('by process 999999999 on nowhere');
  rmSync(file('.lock.999999999.1-abcdef01.nowhere'));
  (await taken(lockVacant(dir))).release();
  writeFileSync(file('mine.txt'), '');
  await expect(taken(lockVacant(dir))).rejects.toThrow('is not empty (mine.txt)');
});

test('a key that came after a run was begun has its default in the record; what was recorded must be the same', () => {
  RunDirectory.open(dir, identity, origin).close();
  const text = readFileSync(file('config.json'), 'utf8');
  const before = text.replace(/ *"onNonfinite": "stop",\n/, '');
  expect(before).not.toBe(text);
  writeFileSync(file('config.json'), before);
  expect(readStarted(dir, identity).result).toBeUndefined();
  const skipping = resolveConfig({ set: ['train.onNonfinite=skip'] });
  expect(() => readStarted(dir, { ...identity, config: skipping })).toThrow(
    'config.json: cannot resume with another configuration: "train.onNonfinite" was "stop" and is now "skip".',
  );
  for (const damaged of ['{}', '[', 'null', '{"config": 3}', text.replace('"seed": 1', '"seed": "x"')]) {
    writeFileSync(file('config.json'), damaged);
    expect(() => readStarted(dir, identity)).toThrow(/config\.json (is no record of a run: |cannot be read)/);
  }
});
