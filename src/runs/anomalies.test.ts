import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { inMemory } from '../data/features.ts';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fit, synthetic } from '../index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-anomalies-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = {
  recipe: 'paper',
  model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity' as const, 'homogeneity' as const] },
  train: { epochs: 2, threads: 1 },
};

test('a modality that is constant and labels of one class are told once, and recorded', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2, task: 'classification' });
  inMemory(dataset.splits.train!.features['audio']!).data.fill(7);
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

test('a modality that no training sample has is told as such', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2 });
  dataset.splits.train!.lengths['audio']!.fill(0);
  inMemory(dataset.splits.train!.features['audio']!).data.fill(0);
  const told: string[] = [];
  const onEvent = (event: { type: string; message?: string }): void => {
    if (event.type === 'warning') told.push(event.message!);
  };
  await fit(dataset, { config, out: path.join(folder, 'without-audio'), onEvent });
  expect(told).toContain(
    'No sample of the training split has the modality "audio", so nothing is learnt from it: leave it out by --modalities, or divide the samples otherwise.',
  );
  expect(told.join()).not.toContain('never varies');
});

test('a split that lacks a class is told', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2, task: 'classification' });
  for (const split of ['train', 'valid', 'test'] as const)
    dataset.splits[split]!.labels!.forEach((_, n, labels) => (labels[n] = n % (split === 'valid' ? 2 : 3)));
  const told: string[] = [];
  const onEvent = (event: { type: string; message?: string }): void => {
    if (event.type === 'warning') told.push(event.message!);
  };
  await fit(dataset, { config, out: path.join(folder, 'lacking'), onEvent });
  expect(told).toEqual([
    'valid has no sample of class positive: scores of it mean nothing there; split by class, or merge classes.',
  ]);
});

test('what was decided in reading, what is in the data and what nothing uses are told with their kinds, and once', async () => {
  const made = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2 });
  const note = 'audio.npy has no ids: row n goes with row n of text.npy.';
  const ids = made.splits.train!.ids.map((id, n) => (n === 0 ? made.splits.test!.ids[0]! : id));
  const dataset = { ...made, notes: [note], splits: { ...made.splits, train: { ...made.splits.train!, ids } } };
  const out = path.join(folder, 'kinds');
  const told: string[] = [];
  const abort = new AbortController();
  const onEvent = (event: { type: string; kind?: string; message?: string }): void => {
    if (event.type === 'warning') told.push(`${event.kind!}: ${event.message!}`);
    if (event.type === 'epoch') abort.abort();
  };
  const given = { config: { ...config, text: { bert: { path: 'nowhere' } } }, out, onEvent };
  await expect(fit(dataset, { ...given, signal: abort.signal })).rejects.toThrow('resume');
  await fit(dataset, { ...given, resume: true });
  expect(told).toEqual([
    `reading: ${note}`,
    'data: text.bert.path names an encoder, and text is read as features, so that nothing uses it: set data.text=tokens, or leave it out.',
    expect.stringMatching(/^data: 1 id in more than one split/),
  ]);
  const lines = readFileSync(path.join(out, 'warnings.jsonl'), 'utf8').trim().split('\n');
  const recorded = lines.map((line) => JSON.parse(line) as { kind: string; message: string });
  expect(recorded.map(({ kind, message }) => `${kind}: ${message}`)).toEqual(told);
});

const aligned = { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3 }, dropout: { input: 0 } };
const recorded = (out: string): { about?: string; message: string }[] =>
  readFileSync(path.join(out, 'warnings.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { about?: string; message: string });
const diagnosticsOf = (out: string): Record<string, number>[] =>
  readFileSync(path.join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { diagnostics: Record<string, number> }).diagnostics);

test('prototypes that collapse are told once, by modality, and not again by a run that goes on', async () => {
  const dataset = synthetic({ samples: { train: 48, valid: 8, test: 8 }, modalities: 3 });
  // All samples of audio have one of two values, all of vision the same one; text is left as it is.
  const [audio, vision] = ['audio', 'vision'].map((name) => inMemory(dataset.splits.train!.features[name]!));
  const perSample = audio!.data.length / 48;
  audio!.data.forEach((_, i) => (audio!.data[i] = Math.floor(i / perSample) % 2));
  vision!.data.fill(1);
  dataset.splits.train!.lengths['audio']!.fill(1);
  const out = path.join(folder, 'collapsed');
  const given = { config: { recipe: 'paper', model: aligned, train: { epochs: 3, threads: 1, batchSize: 16 } }, out };
  const told: string[] = [];
  const abort = new AbortController();
  const onEvent = (event: { type: string; message?: string; epoch?: number }): void => {
    if (event.type === 'warning') told.push(event.message!);
    if (event.type === 'epoch') abort.abort();
  };
  await expect(fit(dataset, { ...given, onEvent, signal: abort.signal })).rejects.toThrow('resume');
  expect(told).toEqual([
    expect.stringMatching('"vision" never varies'),
    expect.stringMatching(/^In epoch 1, 100 % of the prototypes of "audio" have collapsed: .*train\.batchSize/),
    expect.stringMatching(/^In epoch 1, 100 % of the prototypes of "vision" have collapsed/),
  ]);
  await fit(dataset, { ...given, resume: true, onEvent });
  expect(told).toHaveLength(3);
  expect(recorded(out).map(({ message }) => message)).toEqual(told);
  expect(recorded(out).map(({ about }) => about)).toEqual([undefined, 'collapsed.audio', 'collapsed.vision']);
  for (const diagnostics of diagnosticsOf(out)) {
    expect(diagnostics).toMatchObject({ 'collapsed.audio': 1, 'collapsed.vision': 1 });
    expect(diagnostics['collapsed.text']).toBeLessThan(0.2);
  }
});

test('more prototypes than the samples of a batch have collapsed', async () => {
  const dataset = synthetic({ samples: { train: 12, valid: 8, test: 8 }, modalities: 2 });
  const out = path.join(folder, 'many');
  const told: string[] = [];
  await fit(dataset, {
    config: {
      recipe: 'paper',
      model: { ...aligned, mixture: { prototypes: 7 } },
      train: { epochs: 1, threads: 1, batchSize: 4 },
    },
    out,
    onEvent: (event) => event.type === 'warning' && told.push(event.message),
  });
  expect(told).toEqual(['text', 'audio'].map((name) => expect.stringContaining(`prototypes of "${name}"`) as string));
});

test('the defaults on sound data warn of nothing', async () => {
  const dataset = synthetic({ samples: { train: 96, valid: 8, test: 8 } });
  const told: string[] = [];
  const out = path.join(folder, 'defaults');
  const config = { train: { epochs: 3, threads: 1 } };
  await fit(dataset, { config, out, onEvent: ({ type }) => told.push(type) });
  expect(told).not.toContain('warning');
  // Pretraining has no prototypes.
  const aligned = diagnosticsOf(out).filter((diagnostics) => 'collapsed.text' in diagnostics);
  expect(aligned).toHaveLength(3);
  for (const diagnostics of aligned)
    for (const name of ['text', 'audio', 'vision']) expect(diagnostics[`collapsed.${name}`]).toBeLessThan(0.2);
});

test('a sound run has no such record', async () => {
  const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2 });
  const told: string[] = [];
  const out = path.join(folder, 'sound');
  await fit(dataset, { config, out, onEvent: ({ type }) => told.push(type) });
  expect(told).not.toContain('warning');
  expect(() => readFileSync(path.join(out, 'warnings.jsonl'))).toThrow('ENOENT');
});
