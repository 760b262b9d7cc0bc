import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TrainingState } from '../train/index.ts';
import { checkpointFile, readCheckpoint, writeCheckpoint } from './checkpoint.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-checkpoint-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const state: TrainingState = {
  epoch: 3,
  step: 17,
  parameters: { 'a.weight': Float32Array.of(1, -0, 1e-40), b: Float32Array.of(0.1) },
  mean: { b: Float32Array.of(2) },
  running: { 'state.centres': Float32Array.of(0, -1) },
  variance: { b: Float32Array.of(3) },
  average: { b: Float32Array.of(4) },
  schedule: { scale: 0.1, best: 1 / 3, stale: 2 },
  best: { epoch: 2, value: 1 / 3, metrics: { mae: 1 / 3 }, parameters: { b: Float32Array.of(5) } },
  underway: { losses: { task: 0.1 + 0.2 }, diagnostics: {} },
};

test('comes back to the last bit', () => {
  writeCheckpoint(dir, state);
  expect(readCheckpoint(dir)).toEqual(state);
});

test('of a run that has done nothing yet', () => {
  const fresh = { ...state, mean: {}, variance: {}, average: {}, best: null, underway: null };
  expect(readCheckpoint(dir)).toBeUndefined();
  writeCheckpoint(dir, fresh);
  expect(readCheckpoint(dir)).toEqual(fresh);
});

test('cut short, or another file, is refused by name', () => {
  writeCheckpoint(dir, state);
  const file = checkpointFile(dir);
  const bytes = readFileSync(file);
  truncateSync(file, bytes.length - 3);
  expect(() => readCheckpoint(dir)).toThrow(/latest\.safetensors/);
  writeFileSync(file, bytes.toString('latin1').replace('decalign checkpoint 1', 'decalign checkpoint 9'), 'latin1');
  expect(() => readCheckpoint(dir)).toThrow(/latest\.safetensors: is no checkpoint of this version/);
});
