/** Datasets of several labels, from files laid out as those that are published, to samples. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { fixturePath } from '../../formats/testing.ts';
import { writeFile } from '../../formats/write.ts';
import { loadDataset } from '../datasets/load.ts';
import { writeAligned } from '../sequences/align.ts';
import { openSequences, type Sequence } from '../sequences/sequence.ts';
import { emotions } from './presets.ts';

const root = mkdtempSync(join(tmpdir(), 'several-labels-'));
afterAll(() => rmSync(root, { recursive: true }));

const path = (name: string): string => fixturePath(`data/mosei-emotions/${name}`);
const truth = JSON.parse(readFileSync(path('labels.json'), 'utf8')) as Readonly<Record<string, number[][]>>;
const present = (split: string): number[] => truth[split]!.flatMap(([, ...six]) => six.map((x) => Number(x > 0)));
const preset = 'mosei-emotions';

test.each([
  ['mmsa.pkl', ['text', 'audio', 'vision']],
  ['folds.pkl', ['glove_vectors', 'COVAREP']],
  ['pairs.pkl', ['text', 'audio']],
])('%s is a dataset of six labels', async (name, modalities) => {
  const dataset = await loadDataset(path(name), { preset });
  expect(dataset).toMatchObject({ name: preset, task: { kind: 'multilabel', names: emotions }, metrics: preset });
  // Neither labels nor sentiment are features.
  expect(dataset.modalities.map((modality) => modality.name)).toEqual(modalities);
  for (const split of ['train', 'valid', 'test'] as const)
    expect([...dataset.splits[split]!.labels!]).toEqual(present(split));
});

test('sequences of the SDK are aligned with six of their seven labels, and read', async () => {
  const out = join(root, 'mosei_emo.pkl');
  const opened = await openSequences(['words', 'labels', 'audio'].map((name) => path(`${name}.csd`)));
  const [words, labels, audio] = opened as [Sequence, Sequence, Sequence];
  try {
    await writeAligned(out, {
      ...{ words, labels, modalities: new Map([['audio', audio]]), time: 5, skip: [] },
      ...{ labelColumns: [1, 2, 3, 4, 5, 6], splits: path('splits.json'), signal: new AbortController().signal },
    });
  } finally {
    await Promise.all(opened.map((sequence) => sequence.close()));
  }
  const dataset = await loadDataset(out);
  expect(dataset).toMatchObject({ metrics: preset, task: { names: emotions } });
  expect(dataset.modalities.map(({ name }) => name)).toEqual(['text', 'audio']);
  expect(dataset.splits.train!.ids).toEqual([
    'train0[0]',
    'train0[1]',
    'train1[0]',
    'train1[1]',
    'train2[0]',
    'train2[1]',
  ]);
  for (const split of ['train', 'valid', 'test'] as const)
    expect([...dataset.splits[split]!.labels!]).toEqual(present(split));
});

test('intensities are several targets, and sentiment one value, where those are asked for', async () => {
  const intensities = await loadDataset(path('mmsa.pkl'), { preset, task: 'multitarget' });
  expect(intensities).toMatchObject({ task: { kind: 'multitarget', names: emotions }, metrics: 'multitarget' });
  expect(intensities.splits.train!.labels![12]).toBeCloseTo(13 / 3, 6);
  const sentiment = await loadDataset(path('mmsa.pkl'), { preset, task: 'regression' });
  expect(sentiment).toMatchObject({ task: { kind: 'regression' }, metrics: 'regression' });
  expect(sentiment.splits.train!.labels![3]).toBe(-1);
  // Under the preset of sentiment, emotions that a file has besides are no features.
  const mosei = await loadDataset(path('mmsa.pkl'), { preset: 'mosei' });
  expect(mosei.modalities.map(({ name }) => name)).toEqual(['text', 'audio', 'vision']);
});

test('a path that names the emotions is enough, and a file without them says what it lacks', async () => {
  const folder = join(root, 'MOSEI-emotions', 'Processed');
  mkdirSync(folder, { recursive: true });
  copyFileSync(path('mmsa.pkl'), join(folder, 'aligned_50.pkl'));
  copyFileSync(fixturePath('data/mmsa.pkl'), join(folder, 'unaligned_50.pkl'));
  expect((await loadDataset(join(folder, 'aligned_50.pkl'))).metrics).toBe(preset);
  await expect(loadDataset(join(folder, 'unaligned_50.pkl'))).rejects.toThrow(
    /unaligned_50\.pkl: has no emotions of CMU-MOSEI.*--preset mosei/,
  );
  const unlabelled = await loadDataset(join(folder, 'unaligned_50.pkl'), { requireLabels: false, splits: ['test'] });
  expect(unlabelled.splits.test!.labels).toBeUndefined();
});

test("MulT's file of IEMOCAP has four labels, each true or not", async () => {
  const file = join(root, 'iemocap_data.pkl');
  const float = (shape: readonly number[], ...data: number[]): NdArray =>
    new NdArray(shape, 'float32', Float32Array.from(data));
  const split = (): ReadonlyMap<string, unknown> =>
    new Map([
      ['labels', float([2, 4, 2], 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1)],
      ['text', float([2, 1, 3], 1, 2, 3, 4, 5, 6)],
      ['audio', float([2, 1, 1], 1, 2)],
    ]);
  await writeFile(file, new Map(['train', 'valid', 'test'].map((name) => [name, split()])), {});
  const dataset = await loadDataset(file);
  expect(dataset).toMatchObject({
    ...{ name: 'iemocap', metrics: 'multilabel' },
    task: { kind: 'multilabel', names: ['neutral', 'happy', 'sad', 'angry'] },
  });
  expect([...dataset.splits.test!.labels!]).toEqual([0, 1, 0, 0, 0, 0, 1, 1]);
  await expect(loadDataset(file, { task: 'classification' })).rejects.toThrow(/neither an index nor one-hot/);
});
