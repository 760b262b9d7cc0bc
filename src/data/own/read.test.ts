/** Datasets of one's own, from real files of several formats. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FormatError } from '../../files/error.ts';
import { npy } from '../../formats/testing.ts';
import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { guessDescription } from './guess/guess.ts';
import { loadDataset } from '../datasets/load.ts';
import type { Dataset } from '../dataset.ts';
import { reportOf } from '../report/report.ts';
import { inMemory } from '../features.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-described-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

const count = 12;
const each = <T>(value: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => value(n));

const people = (): string =>
  [
    'id,person,part,age,visits,clip,answer,score',
    ...each((n) => {
      const part = ['train', 'train', 'val', 'test'][n % 4]!;
      return `c${n},p${n % 6},${part},${30 + n},${n % 3},clips/${n}.npy,${n % 2 ? 'yes' : 'no'},${n / 10}`;
    }),
  ].join('\n');

const whole = {
  task: 'classification',
  modalities: {
    words: { file: 'words.safetensors', key: 'words', lengths: 'count' },
    clip: { file: 'people.csv', key: 'clip', paths: true },
    person: { file: 'people.csv', key: ['age', 'visits'] },
  },
  labels: { file: 'people.csv', key: 'answer' },
  id: { file: 'people.csv', key: 'id' },
  group: { file: 'people.csv', key: 'person' },
  split: { file: 'people.csv', key: 'part' },
};

const described = (description: object, name = 'dataset.yaml'): string => {
  writeFileSync(at(name), stringify(description));
  return at(name);
};

beforeAll(() => {
  mkdirSync(at('clips'));
  for (let n = 0; n < count; n++)
    writeFileSync(at('clips', `${n}.npy`), npy([1 + (n % 3), 2], Array(2 + 2 * (n % 3)).fill(n)));
  writeFileSync(at('people.csv'), people());
  const words = Float32Array.from({ length: count * 4 * 3 }, (_, i) =>
    Math.floor(i / 3) % 4 <= Math.floor(i / 12) % 4 ? i % 7 : 0,
  );
  const tensors = {
    words: { shape: [count, 4, 3], data: words },
    count: { shape: [count], data: Int32Array.from(each((n) => 1 + (n % 4))) },
  };
  writeFileSync(at('words.safetensors'), writeSafetensors(tensors));
});

test('puts modalities, labels and splits together from files of several formats', async () => {
  const { name, task, modalities, splits } = await loadDataset(described(whole), { group: 'group' });
  expect(name).toBe(path.basename(folder));
  expect(task).toEqual({ kind: 'classification', classes: ['no', 'yes'] });
  expect(modalities.map(({ name: each, time, width }) => [each, time, width])).toEqual([
    ['words', 4, 3],
    ['clip', 3, 2],
    ['person', 1, 2],
  ]);
  const { ids, labels, lengths, features, groups } = splits.valid!;
  expect(ids).toEqual(['c2', 'c6', 'c10']);
  expect([...labels!]).toEqual([0, 0, 0]);
  expect([...splits.test!.labels!]).toEqual([1, 1, 1]);
  expect([...lengths['words']!]).toEqual([3, 3, 3]);
  // Files of different lengths are padded.
  expect([...lengths['clip']!]).toEqual([3, 1, 2]);
  expect([...inMemory(features['clip']!).data.slice(0, 12)]).toEqual([2, 2, 2, 2, 2, 2, 6, 6, 0, 0, 0, 0]);
  expect([...inMemory(features['person']!).data]).toEqual([32, 2, 36, 0, 40, 1]);
  expect(groups).toEqual(['p2', 'p0', 'p4']);
});

test('classes that are numbers are called by them, in their order', async () => {
  writeFileSync(at('ranks.csv'), ['rank,x,part', ...each((n) => `${n},${n},train`)].join('\n'));
  const file = described({
    task: 'classification',
    modalities: { x: { file: 'ranks.csv', key: ['x'] } },
    labels: { file: 'ranks.csv', key: 'rank' },
    split: { file: 'ranks.csv', key: 'part' },
  });
  const { task } = await loadDataset(file, { splits: 'present' });
  expect(task).toEqual({ kind: 'classification', classes: each(String) });
});

test('a folder stands for the description in it, and modalities can be chosen from it', async () => {
  described({ ...whole, task: 'regression', range: [0, 2], labels: { file: 'people.csv', key: 'score' } });
  const { task, modalities, splits } = await loadDataset(folder, { modalities: ['person'] });
  expect(task).toEqual({ kind: 'regression', range: [0, 2] });
  expect(modalities.map(({ name }) => name)).toEqual(['person']);
  expect([...splits.test!.labels!].map((y) => Math.round(10 * y))).toEqual([3, 7, 11]);
  for (const range of [
    [1, 100],
    [-1, 0.5],
  ]) {
    described({ ...whole, task: 'regression', range, labels: { file: 'people.csv', key: 'score' } });
    await expect(loadDataset(folder)).rejects.toThrow(`outside ${range[0]}..${range[1]}`);
  }
});

test('shares of the samples, in which those of a person stay together, are the same every time', async () => {
  const fractions = { train: 0.5, valid: 0.25, test: 0.25 };
  const group = { file: 'people.csv', key: 'person' };
  const file = described({ ...whole, split: { fractions, group } }, 'shares.yaml');
  const first = await loadDataset(file, { group: 'group' });
  const people = Object.values(first.splits).map(({ groups }) => new Set(groups));
  expect(people.flatMap((names) => [...names]).sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
  expect((await loadDataset(file, { group: 'group' })).splits).toEqual(first.splits);
  const other = await loadDataset(described({ ...whole, split: { fractions, group, seed: 7 } }, 'other.yaml'));
  expect(other.splits.test!.ids).not.toEqual(first.splits.test!.ids);
});

test('fractions are met to one sample, alike in classes, and as before where a run was begun so', async () => {
  const rows = Array.from({ length: 110 }, (_, n) => `s${n},${n},${n % 10 === 0 ? 'rare' : 'usual'}`);
  writeFileSync(at('hundred.csv'), ['id,x,label', ...rows].join('\n'));
  const description = {
    task: 'classification',
    modalities: { x: { file: 'hundred.csv', key: ['x'] } },
    labels: { file: 'hundred.csv', key: 'label' },
    split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
  };
  const file = described(description, 'hundred.yaml');
  const sizes = (dataset: Dataset): number[] => Object.values(dataset.splits).map(({ ids }) => ids.length);
  const { splits, ...others } = await loadDataset(file);
  expect(sizes({ splits, ...others })).toEqual([66, 22, 22]);
  const rare = Object.values(splits).map(({ labels }) => labels!.filter((label) => label === 0).length);
  expect(rare.reduce((sum, count) => sum + count, 0)).toBe(11);
  for (const [s, count] of rare.entries()) expect(Math.abs(count - [6.6, 2.2, 2.2][s]!)).toBeLessThan(1);
  const before = await loadDataset(file, { fractions: 'rounded' });
  expect(sizes(before)).toEqual([60, 20, 30]);
  // As release 0.1 divided them.
  expect(before.splits.valid!.ids.slice(0, 8)).toEqual(['s4', 's10', 's15', 's22', 's25', 's38', 's50', 's56']);
});

test('fractions are alike in the quantiles of a regression, and keep samples without a label with their group', async () => {
  // Labels in no order of the ids; every third sample of a pair has none.
  const label = (n: number): number => (n * 37) % 100;
  const table = Array.from({ length: 100 }, (_, n) => `s${n},p${n >> 1},${n},${n % 4 === 3 ? '' : label(n)}`);
  writeFileSync(at('pairs.csv'), ['id,pair,x,y', ...table].join('\n'));
  const description = {
    task: 'regression',
    modalities: { x: { file: 'pairs.csv', key: ['x'] } },
    labels: { file: 'pairs.csv', key: 'y' },
  };
  const fractions = { train: 0.6, valid: 0.2, test: 0.2 };
  const alone = await loadDataset(described({ ...description, split: { fractions } }, 'alone.yaml'));
  // 75 labels in seven strata: each has its share of every split, within a sample.
  const all = Object.values(alone.splits).flatMap(({ labels }) => [...labels!]);
  const ranks = new Map([...all].sort((a, b) => a - b).map((y, rank) => [y, rank]));
  for (const [split, { labels }] of Object.entries(alone.splits))
    for (let k = 0; k < 7; k++) {
      const [from, to] = [k, k + 1].map((end) => Math.floor((end * all.length) / 7)) as [number, number];
      const own = labels!.filter((y) => ranks.get(y)! >= from && ranks.get(y)! < to).length;
      const share = fractions[split as keyof typeof fractions] * (to - from);
      expect(Math.abs(own - share)).toBeLessThanOrEqual(1);
    }
  const group = { file: 'pairs.csv', key: 'pair' };
  const file = described({ ...description, split: { fractions, group } }, 'pairs.yaml');
  const { splits } = await loadDataset(file, { requireLabels: false });
  const splitOf = new Map(Object.entries(splits).flatMap(([split, { ids }]) => ids.map((id) => [id, split] as const)));
  expect(splitOf.size).toBe(100);
  for (let n = 0; n < 100; n += 2) expect(splitOf.get(`s${n + 1}`)).toBe(splitOf.get(`s${n}`));
});

test('fractions keep together what ids tell of groups, but for runs of before and where there are too few', async () => {
  const described30 = (video: (n: number) => string, name: string): string => {
    const rows = Array.from({ length: 30 }, (_, n) => `${video(n)}$_$${n},${n},${n / 7}`);
    writeFileSync(at(`${name}.csv`), ['id,x,y', ...rows].join('\n'));
    return described(
      {
        task: 'regression',
        modalities: { x: { file: `${name}.csv`, key: ['x'] } },
        labels: { file: `${name}.csv`, key: 'y' },
        split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
      },
      `${name}.yaml`,
    );
  };
  const videos = ({ splits }: Dataset): string[] =>
    Object.values(splits).flatMap(({ ids }) => [...new Set(ids.map((id) => id.slice(0, 2)))]);
  const file = described30((n) => `v${n % 10}`, 'videos');
  const grouped = await loadDataset(file);
  expect(videos(grouped)).toHaveLength(10);
  expect(Object.values(grouped.splits).map(({ ids }) => ids.length)).toEqual([18, 6, 6]);
  expect(videos(await loadDataset(file, { groupsByIds: false })).length).toBeGreaterThan(10);
  expect(videos(await loadDataset(file, { fractions: 'rounded' })).length).toBeGreaterThan(10);
  const two = await loadDataset(described30((n) => `v${n % 2}`, 'two'));
  expect(two.notes).toEqual([
    'ids such as "v0$_$0" tell 2 groups, too few to keep apart in three splits: samples are divided one by one.',
  ]);
});

test('a sample without a label changes no split of the others', async () => {
  const table = (without: number): string =>
    ['id,x,y', ...Array.from({ length: 40 }, (_, n) => `s${n},${n},${n < without ? '' : n / 7}`)].join('\n');
  const description = {
    task: 'regression',
    modalities: { x: { file: 'some.csv', key: ['x'] } },
    labels: { file: 'some.csv', key: 'y' },
    split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
  };
  writeFileSync(at('some.csv'), table(8));
  const file = described(description, 'some.yaml');
  const labelled = await loadDataset(file);
  expect(labelled.notes).toEqual(['8 of 40 samples have no label ("s0", "s1", "s2" and 5 more): left out.']);
  const all = await loadDataset(file, { requireLabels: false });
  expect(all.notes).toEqual(['8 of 40 samples have no label ("s0", "s1", "s2" and 5 more): training leaves them out.']);
  for (const split of ['train', 'valid', 'test'] as const) {
    const { ids, labels } = all.splits[split]!;
    expect(ids.filter((_, n) => !Number.isNaN(labels![n]))).toEqual(labelled.splits[split]!.ids);
  }
  expect(Object.values(all.splits).flatMap(({ ids }) => ids)).toHaveLength(40);
  // Three are enough to be in every split, as long as each split has one; two are trained on.
  for (const [without, own] of [
    [2, ['train', 'train']],
    [3, ['test', 'train', 'valid']],
  ] as const) {
    writeFileSync(at('some.csv'), table(without));
    const { splits } = await loadDataset(file, { requireLabels: false });
    const holding = Object.entries(splits).flatMap(([split, { labels }]) =>
      [...labels!].filter(Number.isNaN).map(() => split),
    );
    expect(holding.sort()).toEqual(own);
  }
});

test('columns become numbers for new samples as they did in training', async () => {
  const record = { key: ['city', 'age', 'since'], types: { city: 'category', since: { date: ['year', 'month'] } } };
  const description = (file: string): object => ({
    task: 'regression',
    modalities: { record: { file, ...record } },
    labels: { file, key: 'y' },
  });
  const train = [
    'city,age,since,y,split',
    ...each(
      (n) =>
        `${n % 2 ? 'Oslo' : 'Bergen'},${n},2020-0${1 + (n % 9)}-02,${n},${['train', 'train', 'valid', 'test'][n % 4]!}`,
    ),
  ];
  writeFileSync(at('before.csv'), train.join('\n'));
  writeFileSync(at('new.csv'), 'age,since,city\n7,2021-11-30,Oslo\n8,2022-01-01,Tromsø\n');
  const known = await loadDataset(
    described({ ...description('before.csv'), split: { file: 'before.csv', key: 'split' } }, 'before.yaml'),
  );
  expect(known.columns).toEqual({
    record: [
      { column: 'city', category: ['Bergen', 'Oslo'] },
      'age',
      { column: 'since', date: ['year', 'month'], order: 'ymd' },
    ],
  });
  // That the year never varies is told; that no training row is of another city is as it should be.
  expect(reportOf(known).modalities[0]!.constantFeatures).toBe(1);
  const later = { unsplit: true, requireLabels: false, splits: ['test'], columns: known.columns! } as const;
  const unlabelled = { ...description('new.csv'), labels: undefined };
  for (const source of [described(unlabelled, 'new.yaml'), at('new.csv')]) {
    const { splits } = await loadDataset(source, { ...later, modalities: ['record'] });
    expect([...inMemory(splits.test!.features['record']!).data]).toEqual([0, 1, 0, 7, 2021, 11, 0, 0, 1, 8, 2022, 1]);
  }
});

test('free text is that of an encoder, where one is given, and is else told to be left out', async () => {
  const rows = each((n) => `s${n},${n},words ${n},${n / 5},${['train', 'train', 'valid', 'test'][n % 4]!}`);
  writeFileSync(at('texts.csv'), ['id,x,note,y,part', ...rows].join('\n'));
  const file = described(
    {
      task: 'regression',
      modalities: { record: { file: 'texts.csv', key: ['x', 'note'], types: { note: 'text' } } },
      labels: { file: 'texts.csv', key: 'y' },
      split: { file: 'texts.csv', key: 'part' },
    },
    'texts.yaml',
  );
  const without = await loadDataset(file);
  expect(without.modalities.map(({ name, width }) => [name, width])).toEqual([['record', 1]]);
  expect(without.notes).toEqual([expect.stringMatching(/^"note": text, left out as no encoder of text reads it/)]);
  const seen: string[] = [];
  const tokenize = (texts: readonly string[]) => {
    seen.push(...texts);
    return {
      shape: [texts.length, 1] as const,
      ids: texts.map(() => 1),
      mask: texts.map(() => 1),
      segments: texts.map(() => 0),
    };
  };
  const tokens = { vocabulary: 9, maxLength: 4, from: 'raw_text', tokenize } as const;
  const { modalities, notes, sources } = await loadDataset(file, { tokens });
  expect(modalities.map(({ name }) => name)).toEqual(['record', 'text']);
  // New samples are looked for in the same column.
  expect(sources!['text']).toEqual({ texts: ['note'] });
  expect(seen).toContain('words 7');
  expect(notes).toBeUndefined();
});

test('files of one split each are named by {split}', async () => {
  for (const split of ['train', 'valid', 'test']) {
    writeFileSync(at(`x-${split}.npy`), npy([2, 3], [1, 2, 3, 4, 5, 6]));
    writeFileSync(at(`y-${split}.jsonl`), '{"y": 1.5}\n{"y": -1}\n');
  }
  const file = described(
    { task: 'regression', modalities: { x: { file: 'x-{split}.npy' } }, labels: { file: 'y-{split}.jsonl', key: 'y' } },
    'marked.yaml',
  );
  const { splits } = await loadDataset(file);
  expect(Object.keys(splits)).toEqual(['train', 'valid', 'test']);
  expect([...splits.test!.labels!]).toEqual([1.5, -1]);
});

describe('what is wrong is said with the file and the key', () => {
  const modalities = (own: object): object => ({ ...whole, modalities: { words: own } });
  test.each<[string, object, string]>([
    ['a misspelt key', { ...whole, tsk: 'x', task: undefined }, 'wrong.yaml: unknown key "tsk"; did you mean "task"?'],
    [
      'two unknown keys, of which the first is named',
      modalities({ file: 'words.safetensors', kee: 'words', leng: 'count' }),
      'wrong.yaml: unknown key "modalities.words.kee"; did you mean "key"?',
    ],
    [
      'a key unlike any other',
      { ...whole, id: { file: 'people.csv', xxxxxxxx: 1 } },
      'wrong.yaml: unknown key "id.xxxxxxxx"; known here: file, key, id.',
    ],
    ['an unknown task', { ...whole, task: 'ranking' }, 'wrong.yaml: task: Invalid option'],
    [
      'a modality that would be taken for labels',
      { ...whole, modalities: { labels: { file: 'people.csv', key: 'x' } } },
      'wrong.yaml: modalities.labels: a modality cannot be called "labels"',
    ],
    ['no modality', { ...whole, modalities: {} }, 'wrong.yaml: names no modality under "modalities".'],
    [
      'files by an id that stands twice in their names',
      modalities({ file: 'clips/{id}-{id}.npy' }),
      '{id}-{id}.npy: has {id} in its folder, or twice; it stands once, in the name of the file.',
    ],
    [
      'files by an id in their folder, too',
      modalities({ file: '{id}/{id}.npy' }),
      '{id}/{id}.npy: has {id} in its folder, or twice;',
    ],
    ['a missing file', modalities({ file: 'gone.npy' }), 'gone.npy: does not exist'],
    [
      'a missing column',
      { ...whole, labels: { file: 'people.csv', key: 'lable' } },
      'people.csv: has no "lable"; it has "id",',
    ],
    ['a column that is not named', modalities({ file: 'people.csv' }), 'people.csv: holds "id", "person",'],
    [
      'other rows',
      modalities({ file: 'x-test.npy' }),
      'wrong.yaml: "words" has 2 rows and "labels" 12; they must match, or both have ids.',
    ],
    [
      'texts side by side',
      modalities({ file: 'people.csv', key: ['age', 'id'] }),
      '"id" is "c0", which is no number; say',
    ],
    [
      'shares',
      { ...whole, split: { fractions: { train: 1, valid: 1, test: 1 } } },
      'split.fractions sum to 3, not to 1.',
    ],
    [
      'no labels',
      { ...whole, labels: undefined },
      'wrong.yaml: describes no labels for the split "train"; add "labels", as in labels: { file: people.csv, key: score }.',
    ],
    ['no split', { ...whole, split: undefined }, 'wrong.yaml: says nothing of splits; add "split"'],
    [
      'a split that is none',
      { ...whole, split: { file: 'people.csv', key: 'person' } },
      'row 0: "split" is "p0"; a split is',
    ],
    [
      'a class that is none',
      { ...whole, classes: ['no', 'perhaps'] },
      'row 1: the label "yes" is none of no, perhaps.',
    ],
  ])('%s', async (_, description, message) => {
    const failure = loadDataset(described(description, 'wrong.yaml'));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(FormatError);
  });

  test('a modality that is not described', async () => {
    const failure = loadDataset(described(whole, 'right.yaml'), { modalities: ['words', 'face', 'voice'] });
    await expect(failure).rejects.toThrow(
      'right.yaml: describes no modality "face"; it has "words", "clip", "person".',
    );
  });

  test.each([
    [12, '"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11"'],
    [13, '"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11" and 1 more'],
  ])('a column that is not named, among %i', async (columns, named) => {
    const keys = Array.from({ length: columns }, (_, i) => `c${i}`);
    writeFileSync(at('many.csv'), [keys.join(','), ...each((n) => keys.map((_, i) => n + i).join(','))].join('\n'));
    const failure = loadDataset(described(modalities({ file: 'many.csv' }), 'wrong.yaml'));
    await expect(failure).rejects.toThrow(`many.csv: holds ${named}; say which by "key".`);
  });

  test('a path that leaves the folder', async () => {
    writeFileSync(at('paths.csv'), `p\n${each(() => '../secret.npy').join('\n')}`);
    const description = modalities({ file: 'paths.csv', key: 'p', paths: true });
    await expect(loadDataset(described(description, 'wrong.yaml'))).rejects.toThrow(
      'paths.csv: row 0 names "../secret.npy", which lies outside of the folder.',
    );
  });

  test('what is no YAML', async () => {
    writeFileSync(at('broken.yaml'), 'a: [1\nb: 2');
    await expect(loadDataset(at('broken.yaml'))).rejects.toThrow(/broken\.yaml: cannot be read as YAML/);
  });
});

describe('a first guess', () => {
  test('finds modalities, labels, ids, groups and splits', async () => {
    const place = mkdtempSync(path.join(folder, 'guess-'));
    mkdirSync(path.join(place, 'clips'));
    for (let n = 0; n < count; n++) writeFileSync(path.join(place, 'clips', `${n}.npy`), npy([1, 2], [n, n]));
    writeFileSync(path.join(place, 'people.csv'), people().replace('part', 'split').replace('score', 'length'));
    writeFileSync(path.join(place, 'text.npy'), npy([count, 2, 1], each((n) => [n, n]).flat()));
    writeFileSync(path.join(place, 'notes.npy'), npy([3], [1, 2, 3]));
    const { description, notes } = await guessDescription(place);
    expect(description).toMatchObject({
      modalities: {
        text: { file: 'text.npy' },
        clip: { file: 'people.csv', key: 'clip', paths: true },
        people: { file: 'people.csv', key: ['age', 'visits', 'answer', 'length'], types: { answer: 'boolean' } },
      },
      id: { file: 'people.csv', key: 'id' },
      group: { file: 'people.csv', key: 'person' },
      split: { file: 'people.csv', key: 'split' },
    });
    expect(notes).toContain('notes.npy has 3 rows, not 12: left out.');
    expect(notes).toContain('No labels were found: name their column, with --label or under "labels".');
  });

  test('of files by split is one by {split}, and can be trained on', async () => {
    const place = mkdtempSync(path.join(folder, 'splits-'));
    for (const split of ['train', 'valid', 'test']) {
      writeFileSync(path.join(place, `text_${split}.npy`), npy([2, 3], [1, 2, 3, 4, 5, 6]));
      writeFileSync(path.join(place, `${split}.csv`), 'label,id\nno,a\nyes,b\n');
    }
    const { description } = await guessDescription(place);
    expect(description).toMatchObject({
      task: 'classification',
      modalities: { text: { file: 'text_{split}.npy' } },
      labels: { file: '{split}.csv', key: 'label' },
    });
    writeFileSync(path.join(place, 'dataset.yaml'), stringify(description));
    expect((await loadDataset(place)).task).toEqual({ kind: 'classification', classes: ['no', 'yes'] });
  });

  test('tells classes from other numbers: at most 20 whole ones, from 0', async () => {
    const taskFor = async (labels: readonly number[]): Promise<unknown> => {
      const place = mkdtempSync(path.join(folder, 'labels-'));
      writeFileSync(path.join(place, 'all.csv'), ['label,x', ...labels.map((y, n) => `${y},${n % 3}.5`)].join('\n'));
      return (await guessDescription(place)).description['task'];
    };
    const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
    expect(await taskFor(upTo(20))).toBe('classification');
    expect(await taskFor(upTo(21))).toBe('regression');
    expect(await taskFor([0, 1, -1])).toBe('regression');
    expect(await taskFor([0, 1, 1.5])).toBe('regression');
  });

  test('takes the first of several columns that fit, and columns of its kind alone', async () => {
    const place = mkdtempSync(path.join(folder, 'several-'));
    writeFileSync(
      path.join(place, 'all.csv'),
      'id,name,label,emotion,video,speaker,x,remark\na,b,0.5,1,v,s,1.5,yes\nc,d,0.25,2,w,t,2.5,no\n',
    );
    const { description, notes } = await guessDescription(place);
    expect(description).toMatchObject({
      id: { file: 'all.csv', key: 'id' },
      labels: { file: 'all.csv', key: 'label' },
      group: { file: 'all.csv', key: 'video' },
      modalities: { all: { file: 'all.csv', key: ['emotion', 'x', 'remark'], types: { remark: 'boolean' } } },
      split: { fractions: { train: 0.7, valid: 0.15, test: 0.15 }, seed: 0, group: { file: 'all.csv', key: 'video' } },
    });
    expect(notes).toEqual([
      '"name" of all.csv looks like ids of something else: left out.',
      '"speaker" of all.csv has 2 different texts in 2 rows: left out.',
    ]);
  });

  test('gives a sequence its lengths, which are then no feature', async () => {
    const place = mkdtempSync(path.join(folder, 'lengths-'));
    const tensors = {
      audio: { shape: [4, 3, 2], data: Float32Array.from({ length: 24 }, (_, i) => i + 1) },
      audio_lengths: { shape: [4], data: Int32Array.of(1, 2, 3, 3) },
      other_lengths: { shape: [4], data: Int32Array.of(1, 2, 3, 3) },
      label: { shape: [4], data: Float32Array.of(0.5, 1, 2, 3) },
    };
    writeFileSync(path.join(place, 'all.safetensors'), writeSafetensors(tensors));
    const { description } = await guessDescription(place);
    expect(description['modalities']).toEqual({
      audio: { file: 'all.safetensors', key: 'audio', lengths: 'audio_lengths' },
      all: { file: 'all.safetensors', key: ['other_lengths'] },
    });
  });

  test('takes lists of numbers for numbers, in a pickle of them', async () => {
    const place = mkdtempSync(path.join(folder, 'lists-'));
    const list = (...numbers: number[]): string => `(l${numbers.map((x) => `F${x}\na`).join('')}`;
    writeFileSync(path.join(place, 'all.pkl'), `(dS'label'\n${list(0.5, 1.5)}sS'x'\n${list(3, 4)}s.`);
    const { description, notes } = await guessDescription(place);
    expect(description).toMatchObject({
      task: 'regression',
      labels: { file: 'all.pkl', key: 'label' },
      modalities: { all: { file: 'all.pkl', key: ['x'] } },
    });
    expect(notes).toEqual([]);
  });

  test('leaves out what cannot be read, and says so', async () => {
    const place = mkdtempSync(path.join(folder, 'broken-'));
    writeFileSync(path.join(place, 'all.csv'), 'label,x\n0.5,1\n0.25,2\n');
    writeFileSync(path.join(place, 'broken.npy'), 'no array');
    writeFileSync(path.join(place, '.hidden.csv'), 'y\n1\n');
    writeFileSync(path.join(place, 'README.md'), 'no data');
    const { description, notes } = await guessDescription(place);
    expect(description['modalities']).toEqual({ all: { file: 'all.csv', key: ['x'] } });
    expect(notes).toEqual([expect.stringMatching(/^broken\.npy: /)]);
  });

  test('of nothing is an error', async () => {
    const place = mkdtempSync(path.join(folder, 'nothing-'));
    await expect(guessDescription(place)).rejects.toThrow('holds nothing that looks like features');
    await expect(guessDescription(path.join(place, 'no'))).rejects.toThrow('cannot be read (ENOENT)');
  });
});
