/** Files that `make.py` beside them laid out as those of MMSA, of the SDK and of MulT. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { openFile } from '../../formats/open.ts';
import { fixturePath } from '../../formats/testing.ts';
import type { Columns } from '../tables/table.ts';
import { type EmotionOptions, withEmotions } from './mosei-emotions.ts';
import { emotions } from './presets.ts';

const path = (name: string): string => fixturePath(`data/mosei-emotions/${name}`);
type Labels = Readonly<Record<'train' | 'valid' | 'test', readonly (readonly number[])[]>>;
const truth = JSON.parse(readFileSync(path('labels.json'), 'utf8')) as Labels;

const options = { file: 'mosei.pkl', required: true, as: 'presence' } as const;

async function read(name: string, how: Partial<EmotionOptions> = {}): Promise<ReadonlyMap<string, Columns>> {
  const { value, close } = await openFile(path(name));
  try {
    return withEmotions(value, { ...options, ...how }) as ReadonlyMap<string, Columns>;
  } finally {
    await close();
  }
}

const labelsIn = (columns: Columns | undefined): NdArray => columns!.get('labels') as NdArray;
const numbers = (columns: Columns | undefined): number[] => [...(labelsIn(columns).data as Float32Array)];
const table = (columns: Readonly<Record<string, unknown>>, how: Partial<EmotionOptions> = {}): Columns =>
  (
    withEmotions(new Map([['train', new Map(Object.entries(columns))]]), { ...options, ...how }) as Map<string, Columns>
  ).get('train')!;
const array = (shape: readonly number[], ...data: number[]): NdArray =>
  new NdArray(shape, 'float32', Float32Array.from(data));

test.each([
  ['mmsa.pkl', ['text', 'audio', 'vision', 'regression_labels']],
  ['folds.pkl', ['glove_vectors', 'COVAREP']],
  ['pairs.pkl', ['text', 'audio']],
])('%s: an emotion is present where its intensity is more than 0', async (name, others) => {
  const splits = await read(name);
  expect([...splits.keys()]).toEqual(['train', 'valid', 'test']);
  for (const [split, rows] of Object.entries(truth)) {
    const columns = splits.get(split)!;
    expect(labelsIn(columns).shape).toEqual([rows.length, 6]);
    expect(numbers(columns)).toEqual(rows.flatMap(([, ...six]) => six.map((intensity) => Number(intensity > 0))));
    expect([...columns.keys()]).toEqual(expect.arrayContaining(others));
    // What they were read from is in no other column: it would be a feature that tells the label.
    expect([...columns.keys()]).not.toEqual(expect.arrayContaining(['emotion_labels']));
    expect(columns.has('All Labels')).toBe(false);
  }
});

test.each(['mmsa.pkl', 'folds.pkl'])('%s: intensities are kept where they are asked for', async (name) => {
  const splits = await read(name, { as: 'intensity' });
  expect(numbers(splits.get('train')).map((x) => Math.round(x * 3))).toEqual(
    truth.train.flatMap(([, ...six]) => six.map((x) => Math.round(x * 3))),
  );
});

test('a column for each emotion, by its name, in any order', () => {
  const named = emotions.toReversed().map((name, l) => [name, array([2], 5 - l, 0)] as const);
  const columns = table(Object.fromEntries([['text', array([2, 1, 1], 0, 0)], ...named]), { as: 'intensity' });
  expect(numbers(columns)).toEqual([0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0]);
  expect([...columns.keys()]).toEqual(['text', 'labels']);
});

test('an array that is named is taken, and no other one', () => {
  const both = { emotion_labels: array([1, 6], 0, 0, 0, 0, 0, 1), mine: array([1, 7], 3, 1, 0, 0, 0, 0, 0) };
  expect(numbers(table(both))).toEqual([0, 0, 0, 0, 0, 1]);
  expect(numbers(table(both, { key: 'mine' }))).toEqual([1, 0, 0, 0, 0, 0]);
  expect(() => table(both, { key: 'other' })).toThrow('in no split is "other" [N, 6]');
});

test('an intensity that is absent stays so', () => {
  expect(numbers(table({ labels: array([1, 6], NaN, 0, 1, 2, NaN, 3) }))).toEqual([NaN, 0, 1, 1, NaN, 1]);
});

test('what carries no emotions is said, or left as it is where none are needed', () => {
  const sentiment = { regression_labels: array([2], 1, -1) };
  expect(() => table(sentiment)).toThrow(
    'mosei.pkl: has no emotions of CMU-MOSEI: in no split is "emotion_labels", "emotions", "emotion", "All Labels", ' +
      '"labels", "regression_labels" [N, 6], [N, 7] with the sentiment first, or [N, 6, 2], nor has one a column for each; ' +
      'add them, or read sentiment with --preset mosei.',
  );
  expect([...table(sentiment, { required: false }).keys()]).toEqual(['regression_labels']);
  expect(() => table({ labels: array([1, 6], 0, 0, -1, 0, 0, 0) })).toThrow(
    'mosei.pkl: split "train", row 0: the intensity of "anger" is -1; it is 0 or more, up to 3.',
  );
  expect(withEmotions('nothing', options)).toBe('nothing');
});
