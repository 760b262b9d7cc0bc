import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fit, synthetic } from '../index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-anomalies-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = {
  model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity' as const, 'homogeneity' as const] },
  train: { epochs: 2, threads: 1 },
};

test('a modality that is constant and labels of one class are told once, and recorded', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2, task: 'classification' });
  dataset.splits.train!.features['audio']!.data.fill(7);
  dataset.splits.train!.labels!.fill(1);
  const out = path.join(folder, 'run');
  const told: string[] = [];
  const abort = new AbortController();
  const onEvent = (event: { type: string; message?: string }): void => {
    if (event.type === 'warning') told.push(event.message!);
    if (event.type === 'epoch') abort.abort();
  };
  await expect(fit(dataset, { config, out, onEvent, signal: abort.signal })).rejects.toThrow('resume');
  expect(told).toEqual([
    expect.stringMatching(/^The modality "audio" never varies in the training split/),
    'All labels of the split "train" are neutral: there is nothing to learn.',
  ]);
  await fit(dataset, { config, out, resume: true });
  const lines = readFileSync(path.join(out, 'warnings.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(told);
});

test('a sound run has no such record', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2 });
  const told: string[] = [];
  const out = path.join(folder, 'sound');
  await fit(dataset, { config, out, onEvent: ({ type }) => told.push(type) });
  expect(told).not.toContain('warning');
  expect(() => readFileSync(path.join(out, 'warnings.jsonl'))).toThrow('ENOENT');
});
