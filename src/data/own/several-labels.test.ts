/** Several labels of each sample, from tables and arrays that a description names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npy } from '../../formats/testing.ts';
import { loadDataset, type LoadOptions } from '../datasets/load.ts';
import type { Dataset } from '../dataset.ts';
import { reportOf } from '../report/report.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-several-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

const count = 20;
const each = <T>(value: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => value(n));

beforeAll(() => {
  // Of c3 "sad" is not known, and of c4 none of both.
  const happy = (n: number): string => (n === 4 ? '' : String(n % 2));
  const sad = (n: number): string => (n === 3 || n === 4 ? '' : n % 3 === 0 ? 'yes' : 'no');
  writeFileSync(
    at('people.csv'),
    [
      'id,age,visits,happy,sad,arousal,valence',
      ...each((n) => `c${n},${30 + n},${n % 3},${happy(n)},${sad(n)},${n / 4},${n === 2 ? '' : -n}`),
    ].join('\n'),
  );
  writeFileSync(at('voice.npy'), npy([count, 2], each((n) => [n, -n]).flat()));
  writeFileSync(at('labels.npy'), npy([count, 3], each((n) => [n % 2, 1 - (n % 2), Number(n > 9)]).flat()));
});

const whole = {
  modalities: { voice: { file: 'voice.npy' }, person: { file: 'people.csv', key: ['age', 'visits'] } },
  labels: { file: 'people.csv', key: ['happy', 'sad'] } as object,
  split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
};

const read = (change: object, options: LoadOptions = {}): Promise<Dataset> => {
  writeFileSync(at('dataset.yaml'), stringify({ ...whole, ...change }));
  return loadDataset(at('dataset.yaml'), options);
};

/** Labels of all splits by id. */
const labelsOf = ({ splits }: Dataset, width: number): Map<string, number[]> =>
  new Map(
    Object.values(splits).flatMap(({ ids, labels }) =>
      ids.map((id, n): [string, number[]] => [id, [...labels!.subarray(n * width, (n + 1) * width)]]),
    ),
  );

test('a task or a preset beside a description that says otherwise is not used, which is told', async () => {
  const { notes } = await read({}, { task: 'regression', preset: 'mosei-emotions' });
  expect(notes).toContain('dataset.yaml describes labels of the task multilabel: the task regression is not used.');
  expect(notes).toContain('dataset.yaml describes its labels itself: the preset mosei-emotions is not used.');
});

test.each(['__proto__', 'constructor', 'toString'])('a label called %s is refused in a line', async (name) => {
  const labels = { file: 'people.csv', key: ['happy', 'sad'], names: ['happy', name] };
  await expect(read({ labels })).rejects.toThrow(
    new RegExp(`^\\S+dataset\\.yaml: a label cannot be called "${name}", as every object has that; rename it\\.$`),
  );
});

describe('columns', () => {
  test('of 0 and 1, or of words for these, are labels each of which may be absent', async () => {
    const dataset = await read({});
    expect(dataset.task).toEqual({ kind: 'multilabel', names: ['happy', 'sad'] });
    expect(dataset.metrics).toBe('multilabel');
    const labels = labelsOf(dataset, 2);
    expect(['c0', 'c1', 'c2', 'c3'].map((id) => labels.get(id))).toEqual([
      [0, 1],
      [1, 0],
      [0, 0],
      [1, NaN],
    ]);
    expect(labels.has('c4')).toBe(false);
    expect(dataset.notes!.some((note) => note.includes('1 of 20 samples have no label ("c4")'))).toBe(true);
  });

  test('of other numbers are targets, whose ranges are those of the training split', async () => {
    const dataset = await read({ labels: { file: 'people.csv', key: ['arousal', 'valence'] } });
    const { task, splits } = dataset;
    const values = (l: number): number[] =>
      [...splits.train!.labels!].filter((value, i) => i % 2 === l && !Number.isNaN(value));
    expect(task).toEqual({
      kind: 'multitarget',
      names: ['arousal', 'valence'],
      ranges: [0, 1].map((l) => [Math.min(...values(l)), Math.max(...values(l))]),
    });
    expect(labelsOf(dataset, 2).get('c2')).toEqual([0.5, NaN]);
  });

  test('may be named by a pattern, and otherwise by names of their own', async () => {
    const { task } = await read({ labels: { file: 'people.csv', key: ['*a*l*', '!arousal'], names: ['mood'] } });
    expect(task).toMatchObject({ kind: 'multitarget', names: ['mood'] });
  });

  test('are no features, also where a pattern of features means them', async () => {
    const { modalities, notes } = await read({
      modalities: { voice: { file: 'voice.npy' }, person: { file: 'people.csv', key: ['age', 'happy', 'visits'] } },
    });
    expect(modalities.find(({ name }) => name === 'person')!.width).toBe(2);
    expect(notes).toContain('"happy" is the label, and is left out of "person".');
  });

  test('may be missing from new samples', async () => {
    writeFileSync(at('people-new.csv'), ['id,age,visits', ...each((n) => `c${n},${n},1`)].join('\n'));
    const change = {
      modalities: { voice: { file: 'voice.npy' }, person: { file: 'people-new.csv', key: ['age', 'visits'] } },
      labels: { file: 'people-new.csv', key: ['happy', 'sad'] },
    };
    const { splits } = await read(change, { unsplit: true, requireLabels: false, splits: ['test'] });
    expect(splits.test!.ids).toHaveLength(count);
    expect(splits.test!.labels).toBeUndefined();
  });
});

test('an array [N, L] has the names that are given, or numbers', async () => {
  const array = { file: 'labels.npy' };
  expect((await read({ task: 'multilabel', labels: array })).task).toMatchObject({
    names: ['label1', 'label2', 'label3'],
  });
  const named = await read({ task: 'multilabel', labels: { ...array, names: ['a', 'b', 'c'] } });
  expect(named.task).toEqual({ kind: 'multilabel', names: ['a', 'b', 'c'] });
  await expect(read({ task: 'multilabel', labels: { ...array, names: ['a', 'b'] } })).rejects.toThrow(
    '"labels" has 3 labels per sample, and 2 are named.',
  );
});

test('fractions divide each combination of labels alike', async () => {
  const dataset = await read({ task: 'multilabel', labels: { file: 'labels.npy' } });
  const shares = Object.values(dataset.splits).map(({ labels, ids }) => {
    const first = [...labels!].filter((_, i) => i % 3 === 0);
    return first.reduce((sum, y) => sum + y, 0) / ids.length;
  });
  expect(shares).toEqual([0.5, 0.5, 0.5]);
});

test('a report has the share of each label, and how many samples have it', async () => {
  const { splits } = reportOf(await read({}, { requireLabels: false }));
  const all = Object.values(splits).flatMap(({ several }) => several!);
  expect(all.filter(({ label }) => label === 'sad').reduce((sum, { known }) => sum + known, 0)).toBe(18);
  expect(all.every(({ mean, min, max }) => mean >= min && mean <= max)).toBe(true);
});

test.each<[string, object, RegExp]>([
  [
    'a column that is not there',
    { labels: { file: 'people.csv', key: ['happy', 'sat'] } },
    /people\.csv: has no "sat"; did you mean "sad"\?/,
  ],
  [
    'a column twice',
    { labels: { file: 'people.csv', key: ['sad', 'sad'] } },
    /labels names "sad" twice; name each label once\./,
  ],
  [
    'a name twice',
    { labels: { file: 'people.csv', key: ['happy', 'sad'], names: ['a', 'a'] } },
    /labels names "a" twice/,
  ],
  [
    'several for a task of one',
    { task: 'regression' },
    /labels\.key is of several labels, and the task regression has one; set task: multilabel/,
  ],
  [
    'one without its task',
    { labels: { file: 'people.csv', key: 'happy' } },
    /task: is missing; it is one of regression, classification, multilabel, multitarget\./,
  ],
  [
    'values where labels are 0 or 1',
    { task: 'multilabel', labels: { file: 'people.csv', key: ['happy', 'arousal'] } },
    /label 0\.25 of "arousal" is neither 0 nor 1; .* multitarget\.$/,
  ],
  [
    'one number per sample, read as several of other names',
    { task: 'multitarget', labels: { file: 'people.csv', key: 'arousal', names: ['a', 'b'] } },
    /has 1 labels per sample, and 2 are named/,
  ],
])('%s is refused in a line', async (_, change, message) => {
  await expect(read(change)).rejects.toThrow(message);
});
