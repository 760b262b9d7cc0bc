/** Files of one dataset joined by ids, from real files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { npy, pickled } from '../../formats/testing.ts';
import { loadDataset, type LoadOptions } from '../datasets/load.ts';
import type { Dataset, Samples } from '../dataset.ts';
import { inMemory } from '../features.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-joined-'));
afterAll(() => rmSync(folder, { recursive: true }));

let places = 0;
/** A new folder with these files and a description. */
function place(files: Readonly<Record<string, string | Uint8Array>>, description: object): string {
  const own = path.join(folder, String(places++));
  for (const [name, content] of Object.entries({ ...files, 'dataset.yaml': stringify(description) })) {
    mkdirSync(path.dirname(path.join(own, name)), { recursive: true });
    writeFileSync(path.join(own, name), content);
  }
  return own;
}
const load = (files: Parameters<typeof place>[0], description: object, options: LoadOptions = {}): Promise<Dataset> =>
  loadDataset(place(files, description), options);

/** The features, length and label of every sample, by its id. */
function byId({ splits }: Dataset): Record<string, Record<string, unknown>> {
  const rows = (samples: Samples): [string, Record<string, unknown>][] =>
    samples.ids.map((id, n) => {
      const values = Object.entries(samples.features).map(([name, array]) => {
        const { shape, data } = inMemory(array);
        const size = shape[1]! * shape[2]!;
        const length = samples.lengths[name]![n]!;
        return [name, length === 0 ? undefined : [...data.slice(n * size, n * size + length * shape[2]!)]];
      });
      return [id, { ...(Object.fromEntries(values) as Record<string, unknown>), label: samples.labels?.[n] }];
    });
  return Object.fromEntries(Object.values(splits).flatMap((samples) => rows(samples)));
}

const csv = (head: string, ...rows: string[]): string => `${[head, ...rows].join('\n')}\n`;
const a = csv('id,x,y,part', 'p1,1,10,train', 'p2,2,20,train', 'p3,3,30,valid', 'p4,4,40,test');
const two = {
  task: 'regression',
  modalities: { a: { file: 'a.csv', key: ['x'] }, b: { file: 'b.csv', key: ['z'] } },
  labels: { file: 'a.csv', key: 'y' },
  split: { file: 'a.csv', key: 'part' },
};

describe('files that have ids are joined by them', () => {
  test('whatever their order', async () => {
    const dataset = await load({ 'a.csv': a, 'b.csv': csv('z,id', '400,p4', '300,p3', '200,p2', '100,p1') }, two);
    expect(byId(dataset)).toEqual({
      p1: { a: [1], b: [100], label: 10 },
      p2: { a: [2], b: [200], label: 20 },
      p3: { a: [3], b: [300], label: 30 },
      p4: { a: [4], b: [400], label: 40 },
    });
    expect(dataset.notes).toBeUndefined();
  });

  test('space around them apart', async () => {
    const dataset = await load({ 'a.csv': a, 'b.csv': csv('id,z', '"p4 ",400', '" p3",300', 'p2,200', 'p1,100') }, two);
    expect(Object.values(byId(dataset)).map(({ b }) => b)).toEqual([[100], [200], [300], [400]]);
  });

  test('an id that one lacks keeps its sample, without that modality, and both are told', async () => {
    const files = { 'a.csv': a, 'b.csv': csv('id,z', 'p4,400', 'p1,100', 'p2,200', 'p9,900') };
    const { splits, notes } = await load(files, two);
    expect(splits.valid!.ids).toEqual(['p3']);
    expect([...splits.valid!.lengths['b']!]).toEqual([0]);
    expect([...inMemory(splits.valid!.features['b']!).data]).toEqual([0]);
    expect([...splits.train!.lengths['b']!]).toEqual([1, 1]);
    expect(notes).toEqual([
      'a.csv lacks 1 of 5 samples ("p9"): they are kept without a.',
      'b.csv lacks 1 of 5 samples ("p3"): they are kept without b.',
      '1 of 5 samples are in no split ("p9"): left out.',
    ]);
  });

  test('a sequence that a sample lacks has length 0, among those of true lengths', async () => {
    const rows = ['p2', 'p1', 'p4'].map((id, n) =>
      JSON.stringify({ id, steps: Array.from({ length: n + 1 }, () => [n, 1]) }),
    );
    const description = { ...two, modalities: { a: two.modalities.a, s: { file: 's.jsonl', key: 'steps' } } };
    const dataset = await load({ 'a.csv': a, 's.jsonl': rows.join('\n') }, description);
    expect(byId(dataset)).toMatchObject({
      p1: { s: [1, 1, 1, 1] },
      p2: { s: [0, 1] },
      p3: { s: undefined },
      p4: { s: [2, 1, 2, 1, 2, 1] },
    });
  });

  test('by columns of other names, and 7 is 7 as a number and as a text, while 007 is not', async () => {
    const description = {
      ...two,
      modalities: { a: { file: 'a.csv', key: ['x'], id: 'User ID' }, b: { file: 'b.jsonl', key: ['z'], id: 'user' } },
      labels: { ...two.labels, id: 'User ID' },
      split: { ...two.split, id: 'User ID' },
    };
    const head = csv('User ID,x,y,part', '7,1,10,train', '8,2,20,valid', '9,3,30,test');
    const lines = ['{"user":"9","z":900}', '{"user":"007","z":7}', '{"user":"7","z":700}'].join('\n');
    const { splits, notes } = await load({ 'a.csv': head, 'b.jsonl': lines }, description);
    expect(splits.train!.ids).toEqual(['7']);
    expect([...inMemory(splits.train!.features['b']!).data]).toEqual([700]);
    expect([...splits.valid!.lengths['b']!]).toEqual([0]);
    expect(notes![0]).toContain('a.csv lacks 1 of 4 samples ("007")');
  });

  test('labels and splits in files of their own', async () => {
    const description = {
      task: 'classification',
      modalities: two.modalities,
      labels: { file: 'labels.csv', key: 'says' },
      split: { file: 'splits.tsv', key: 'split' },
    };
    const files = {
      'a.csv': a,
      'b.csv': csv('id,z', 'p1,1', 'p2,2', 'p3,3', 'p4,4'),
      'labels.csv': csv('id,says', 'p4,no', 'p3,yes', 'p1,yes', 'q7,no'),
      'splits.tsv': 'split\tid\ntest\tp1\nvalid\tp3\ntrain\tp4\ntrain\tp2\n',
    };
    const dataset = await load(files, description);
    expect(dataset.splits.test!.ids).toEqual(['p1']);
    expect(byId(dataset)).toMatchObject({ p1: { label: 1 }, p3: { label: 1 }, p4: { label: 0 } });
    expect(dataset.notes).toEqual([
      'labels.csv has 1 ids ("q7") of which no modality has anything: left out.',
      '1 of 4 samples have no label ("p2"): left out.',
    ]);
    // Where labels are not required, that sample is there.
    const all = await loadDataset(place(files, description), { requireLabels: false });
    expect(all.splits.train!.ids).toEqual(['p2', 'p4']);
    expect([...all.splits.train!.labels!]).toEqual([Number.NaN, 0]);
  });

  test('samples without a label are told in the order of the file, whatever their split', async () => {
    const rows = ['p1,1,,test', 'p2,2,,train', 'p3,3,1,train', 'p4,4,2,valid', 'p5,5,3,test'];
    const { notes } = await load(
      { 'a.csv': csv('id,x,y,part', ...rows) },
      { ...two, modalities: { a: two.modalities.a } },
    );
    expect(notes).toEqual(['2 of 5 samples have no label ("p1", "p2"): left out.']);
  });

  test('folders of arrays named by id, and dicts of them', async () => {
    const description = {
      ...two,
      modalities: {
        a: two.modalities.a,
        clip: { file: 'clips/{id}.npy' },
        dict: { file: 'dict.safetensors', key: '{id}' },
      },
    };
    const vector = (n: number) => ({ shape: [2], data: Float32Array.of(n, -n) });
    const files = {
      'a.csv': a,
      'clips/p4.npy': npy([2, 1], [4, 4]),
      'clips/p1.npy': npy([1, 1], [1]),
      'clips/p3.npy': npy([3, 1], [3, 3, 3]),
      'clips/notes.txt': 'nothing',
      'dict.safetensors': writeSafetensors({ p3: vector(3), p2: vector(2), p1: vector(1), p4: vector(4) }),
    };
    const dataset = await load(files, description);
    expect(byId(dataset)).toMatchObject({
      p1: { clip: [1], dict: [1, -1] },
      p2: { clip: undefined, dict: [2, -2] },
      p3: { clip: [3, 3, 3], dict: [3, -3] },
      p4: { clip: [4, 4], dict: [4, -4] },
    });
    expect(dataset.notes).toEqual(['clips/{id}.npy lacks 1 of 4 samples ("p2"): they are kept without clip.']);
    expect(dataset.ignored).toEqual([]);
  });

  test('dicts of splits, each by the ids beside its arrays', async () => {
    const array = (...values: number[]): NdArray =>
      new NdArray([values.length, 1], 'float32', Float32Array.from(values));
    const labels = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));
    const text = pickled({
      train: { id: ['p1', 'p2'], text: array(1, 2), regression_labels: labels(10, 20) },
      valid: { id: ['p3'], text: array(3), regression_labels: labels(30) },
      test: { id: ['p4'], text: array(4), regression_labels: labels(40) },
    });
    const audio = pickled({
      train: { id: ['p2', 'p1'], audio: array(200, 100) },
      valid: { id: ['p3'], audio: array(300) },
      test: { id: ['p4'], audio: array(400) },
    });
    const description = {
      task: 'regression',
      modalities: { text: { file: 'text.pkl', key: 'text' }, audio: { file: 'audio.pkl', key: 'audio' } },
      labels: { file: 'text.pkl', key: 'regression_labels' },
    };
    const dataset = await load({ 'text.pkl': text, 'audio.pkl': audio }, description);
    expect(dataset.splits.train!.ids).toEqual(['p1', 'p2']);
    expect(byId(dataset)).toMatchObject({
      p1: { audio: [100], label: 10 },
      p2: { audio: [200] },
      p4: { audio: [400] },
    });
  });

  test('features that stay in their file are read there, and zeros for a sample without', async () => {
    const data = Float32Array.from({ length: 3 * 4 }, (_, i) => i + 1);
    const tensors = { audio: { shape: [3, 2, 2], data }, id: { shape: [3], data: Int32Array.of(3, 1, 2) } };
    const description = { ...two, modalities: { a: two.modalities.a, audio: { file: 's.safetensors', key: 'audio' } } };
    const table = csv('id,x,y,part', '1,1,1,train', '9,2,2,train', '2,3,3,train', '3,4,4,valid', '1000,5,5,test');
    const files = { 'a.csv': table, 's.safetensors': writeSafetensors(tensors) };
    const dataset = await load(files, description, { stored: true });
    const { audio } = dataset.splits.train!.features;
    expect('read' in audio!).toBe(true);
    expect([...inMemory(audio!).data]).toEqual([5, 6, 7, 8, 0, 0, 0, 0, 9, 10, 11, 12]);
    expect([...dataset.splits.train!.lengths['audio']!]).toEqual([2, 0, 2]);
    await dataset.close!();
  });
});

describe('rows go together by their order', () => {
  test('only where no file has ids, and that is told', async () => {
    const without = {
      'a.csv': csv('x,y,part', '1,10,train', '2,20,valid', '3,30,test'),
      'b.csv': csv('z', '1', '2', '3'),
    };
    const { splits, notes } = await load(without, two);
    expect([...inMemory(splits.test!.features['b']!).data]).toEqual([3]);
    expect(notes).toEqual(['a.csv and b.csv have no ids: row n of one goes with row n of the others.']);
  });

  test('with those of a file that has ids, where another has none, and that is told', async () => {
    const files = { 'a.csv': a, 'b.csv': csv('z', '100', '200', '300', '400') };
    const { notes } = await load(files, two);
    expect(notes).toEqual(['b.csv has no ids: row n goes with row n of a.csv.']);
    const short = load({ ...files, 'b.csv': csv('z', '100', '200') }, two);
    await expect(short).rejects.toThrow('dataset.yaml: "a" has 4 rows and "b" 2; they must match, or both have ids.');
  });
});

describe('ids that join nothing are an error', () => {
  test('a doubled one, with the file and both rows', async () => {
    const files = { 'a.csv': a, 'b.csv': csv('id,z', 'p1,1', 'p2,2', 'p3,3', 'p2,4') };
    await expect(load(files, two)).rejects.toThrow(
      /b\.csv: has the id "p2" twice, in rows 1 and 3, and files are joined by ids; keep one of them\.$/,
    );
  });

  test('a missing one', async () => {
    const files = { 'a.csv': a, 'b.csv': csv('id,z', 'p1,1', ',2') };
    await expect(load(files, two)).rejects.toThrow(/b\.csv: row 1 has no id, and files are joined by ids/);
  });

  test('of which two files have none in common, and that is not taken for files without ids', async () => {
    const files = (...ids: string[]) => ({ 'a.csv': a, 'b.csv': csv('id,z', ...ids.map((id, n) => `${id},${n}`)) });
    await expect(load(files('q1', 'q2', 'q3', 'q4'), two)).rejects.toThrow(
      /a\.csv: has no id that b\.csv has: it has "p1", "p2", "p3" and 1 more, and b\.csv "q1", "q2", "q3" and 1 more; write them alike\.$/,
    );
    await expect(load(files('P04', 'P05', 'P06', 'P07'), two)).rejects.toThrow(
      /a\.csv: has no id that b\.csv has, though "p4" may be the "P04" of b\.csv; write them alike\.$/,
    );
  });

  test('a column that no file has', async () => {
    const files = { 'a.csv': csv('x,y,part', '1,1,train'), 'b.csv': csv('z', '1') };
    await expect(load(files, { ...two, id: 'code' })).rejects.toThrow(
      'dataset.yaml: names the ids "code", and no file has a column of that name.',
    );
  });

  test('while one table alone may have an id twice, which inspect warns of', async () => {
    const alone = { ...two, modalities: { a: two.modalities.a } };
    const { splits } = await load({ 'a.csv': a.replace('p2', 'p1') }, alone);
    expect(splits.train!.ids).toEqual(['p1', 'p1']);
  });
});

test('columns that look like data and are not used are told', async () => {
  const files = { 'a.csv': csv('id,x,y,part,zip', 'p1,1,1,train,5', 'p2,1,1,valid,5', 'p3,1,1,test,5') };
  const { ignored } = await load(files, { ...two, modalities: { a: two.modalities.a } });
  expect(ignored).toEqual(['zip']);
  const lines = [[1, 2], null, [3, 4]].map((v, n) => JSON.stringify({ v, y: n, part: ['train', 'valid', 'test'][n] }));
  const vectors = { v: { file: 'a.jsonl', key: 'v' } };
  const [labels, split] = ['y', 'part'].map((key) => ({ file: 'a.jsonl', key }));
  const own = await load({ 'a.jsonl': lines.join('\n') }, { task: 'regression', modalities: vectors, labels, split });
  expect(own.ignored).toEqual([]);
});

test('new samples need no file of labels, also where that is the file of ids that they are joined by', async () => {
  const files = { 'a.csv': csv('nr,x', 'p1,1', 'p2,2'), 'b.csv': csv('who,z', 'p2,3', 'p1,4') };
  const description = {
    task: 'regression',
    modalities: { a: { file: 'a.csv', key: ['x'], id: 'nr' }, b: { file: 'b.csv', key: ['z'], id: 'who' } },
    labels: { file: 'marks.csv', key: 'mark' },
    id: { file: 'marks.csv', key: 'id' },
    split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
  };
  const isNew = { unsplit: true, splits: ['test'], requireLabels: false } as const;
  const { test: samples } = (await load(files, description, isNew)).splits;
  expect(samples!.ids).toEqual(['p1', 'p2']);
  expect([...inMemory(samples!.features['b']!).data]).toEqual([4, 3]);
  await expect(load(files, description)).rejects.toThrow('marks.csv: does not exist');
  const without = { ...description, modalities: { ...description.modalities, b: { file: 'b.csv', key: ['z'] } } };
  await expect(load(files, without, isNew)).rejects.toThrow('marks.csv: does not exist');
});

test('one clip is one sample of its modalities, for prediction', async () => {
  const tensors = {
    text: { shape: [4, 2], data: new Float32Array(8).fill(1) },
    audio: { shape: [6, 1], data: new Float32Array(6).fill(2) },
  };
  const description = {
    task: 'regression',
    modalities: { text: { file: 'one.safetensors', key: 'text' }, audio: { file: 'one.safetensors', key: 'audio' } },
  };
  const { splits } = await load({ 'one.safetensors': writeSafetensors(tensors) }, description, {
    ...{ unsplit: true, splits: 'present', requireLabels: false },
  });
  expect(splits.test!.ids).toHaveLength(1);
  expect(splits.test!.features['text']!.shape).toEqual([1, 4, 2]);
  expect(splits.test!.features['audio']!.shape).toEqual([1, 6, 1]);
  // Its label is one row beside them.
  const files = { 'one.safetensors': writeSafetensors(tensors), 'label.csv': 'y\n1.5\n' };
  const labelled = { ...description, labels: { file: 'label.csv', key: 'y' } };
  const known = await load(files, labelled, { unsplit: 'all', splits: 'present' });
  expect(known.splits.test!.features['audio']!.shape).toEqual([1, 6, 1]);
  expect([...known.splits.test!.labels!]).toEqual([1.5]);
});
