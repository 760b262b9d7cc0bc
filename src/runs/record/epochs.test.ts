import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeInRecord } from './epochs.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'decalign-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const record = (stages: readonly (string | undefined)[]): void => {
  const lines = stages.map((stage, n) => ({ epoch: n + 1, losses: {}, valid: {}, learning_rate: 0.1, stage }));
  writeFileSync(path.join(directory, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
};

test('epochs of pretraining are told by themselves', () => {
  record(['pretraining', 'pretraining', undefined, undefined]);
  expect([2, 3, 4].map((epoch) => placeInRecord(directory, epoch))).toEqual([
    { stage: 'pretraining', epoch: 2 },
    { epoch: 1 },
    { epoch: 2 },
  ]);
});

test('without stages an epoch is what it is', () => {
  record([undefined, undefined]);
  expect(placeInRecord(directory, 2)).toEqual({ epoch: 2 });
});
