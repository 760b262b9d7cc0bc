/** First descriptions of folders as people have them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { NdArray } from '../../../formats/bytes/array.ts';
import { npy, pickled } from '../../../formats/testing.ts';
import type { Dataset } from '../../dataset.ts';
import { loadDataset } from '../../datasets/load.ts';
import { inMemory } from '../../features.ts';
import { textType } from './content.ts';
import { type Guess, guessDescription } from './guess.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-guess-'));
afterAll(() => rmSync(folder, { recursive: true }));

let places = 0;
/** A folder of its own with these files, its first description and the dataset that this makes. */
async function guessed(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Parameters<typeof loadDataset>[1] = {},
): Promise<Guess & { readonly dataset: Dataset }> {
  const own = path.join(folder, String(places++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(own, name)), { recursive: true });
    writeFileSync(path.join(own, name), content);
  }
  const guess = await guessDescription(own);
  writeFileSync(path.join(own, 'dataset.yaml'), stringify(guess.description));
  return { ...guess, dataset: await loadDataset(own, { requireLabels: false, splits: 'present', ...options }) };
}
const rows = (count: number, row: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => `${row(n)}\n`).join('');
const floats = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return new NdArray(
    shape,
    'float32',
    Float32Array.from({ length: size }, (_, i) => i + 1),
  );
};

test('joins two exports by their ids, found by content where they have other names', async () => {
  const { description, dataset, notes } = await guessed({
    'a.csv': `User ID,x,outcome\n${rows(20, (n) => `u${n},${n}.5,${n / 3}`)}`,
    'b.csv': `who,z\n${rows(18, (n) => `u${19 - n},${(19 - n) / 2}`)}`,
  });
  expect(description).toMatchObject({
    modalities: { a: { file: 'a.csv', key: ['x'] }, b: { file: 'b.csv', key: ['z'], id: 'who' } },
    labels: { file: 'a.csv', key: 'outcome' },
    id: { file: 'a.csv', key: 'User ID' },
  });
  expect(notes).toEqual([]);
  expect(dataset.notes).toEqual(['b.csv lacks 2 of 20 samples ("u0", "u1"): they are kept without b.']);
  const { ids, features } = dataset.splits.train!;
  const at = ids.indexOf('u7') < 0 ? undefined : ids.indexOf('u7');
  if (at !== undefined) expect(inMemory(features['b']!).data[at]).toBe(3.5);
  expect(Object.values(dataset.splits).map((split) => split.ids.length)).toEqual([14, 3, 3]);
});

test('features beside labels in labels.csv are not called labels, and do not take their place', async () => {
  const { description, dataset } = await guessed({
    'face.csv': `id,x\n${rows(20, (n) => `p${n},${n}.5`)}`,
    'labels.csv': `id,label,age\n${rows(20, (n) => `p${n},${-n}.25,${20 + n}`)}`,
  });
  expect(description['modalities']).toEqual({
    face: { file: 'face.csv', key: ['x'] },
    features: { file: 'labels.csv', key: ['age'] },
  });
  for (const { ids, labels, features } of Object.values(dataset.splits))
    for (const [i, id] of ids.entries()) {
      const n = Number(id.slice(1));
      expect(labels![i]).toBe(Number(`${-n}.25`));
      expect(inMemory(features['features']!).data[i]).toBe(20 + n);
    }
});

test.each([
  ['never true', '0', 'multilabel', []],
  ['always true', '1', 'multilabel', []],
  [
    'neither in one row',
    '2',
    'multitarget',
    [
      '"label_b" of labels.csv has "2", which is not 0 or 1, as other labels are: all are taken for values (task: multitarget).',
    ],
  ],
])('labels of 0 and 1, one of which is %s', async (_, value, task, expected) => {
  const { description, notes } = await guessed({
    'face.csv': `id,x\n${rows(20, (n) => `p${n},${n}.5`)}`,
    'labels.csv': `id,label_a,label_b\n${rows(20, (n) => `p${n},${n % 2},${value === '2' && n > 0 ? n % 2 : value}`)}`,
  });
  expect(description['task']).toBe(task);
  expect(notes).toEqual(expected);
});

test('numbers are ids by content where they are in those of another file beyond chance', async () => {
  const files = (first: number): Record<string, string> => ({
    'registry.csv': `student_id,x,outcome\n${rows(40, (n) => `${first + n},${n}.5,${n / 3}`)}`,
    'course.tsv': `Student\tz\n${rows(36, (n) => `${first + 39 - n}\t${(39 - n) / 2}`)}`,
  });
  const { description, dataset } = await guessed(files(5001));
  expect(description['modalities']).toEqual({
    course: { file: 'course.tsv', key: ['z'], id: 'Student' },
    registry: { file: 'registry.csv', key: ['x'] },
  });
  expect(dataset.notes).toEqual([expect.stringMatching(/^course\.tsv lacks 4 of 40 samples/)]);
  // Of numbers from 1 on, any column of ranks has as many.
  const { notes } = await guessed(files(1));
  expect(notes).toContain('"Student" of course.tsv has 36 rows, not 40: left out.');
});

test('ids that match nothing are ids still, and rows are not paired by chance', async () => {
  const files = {
    'a.csv': `sample,x,outcome\n${rows(20, (n) => `${String(n).padStart(3, '0')},${n}.5,${n / 3}`)}`,
    'b.csv': `clip,z\n${rows(20, (n) => `${n},${n / 2}`)}`,
  };
  await expect(guessed(files)).rejects.toThrow('though "000" may be the "0" of b.csv');
});

test('types columns by what they hold, and says of each why it is left out', async () => {
  const city = ['Bergen', 'Łódź', 'São Paulo'];
  const table = rows(
    30,
    (n) =>
      `p${n},${city[n % 3]},2024-0${1 + (n % 9)}-11,${n % 2 ? 'Yes' : 'no'},a long remark about sample ${n},t${n}x,7,${n},${n % 4},${n}.25`,
  );
  const { description, comments, notes, dataset } = await guessed({
    'people.csv': `patient_id,City,visit,smoker,remark,code,site,Unnamed: 0,target,age\n${table}`,
  });
  expect(description).toMatchObject({
    task: 'classification',
    labels: { key: 'target' },
    id: { key: 'patient_id' },
    modalities: {
      people: {
        key: ['City', 'visit', 'smoker', 'remark', 'age'],
        types: {
          City: 'category',
          visit: { date: ['month', 'weekday', 'days'], order: 'ymd' },
          smoker: 'boolean',
          remark: 'text',
        },
      },
    },
  });
  expect(notes).toEqual([
    '"code" of people.csv has 30 different texts in 30 rows: left out.',
    '"site" of people.csv is the same in every row: left out.',
    '"Unnamed: 0" of people.csv counts the rows: left out.',
  ]);
  expect(comments).toContainEqual([['modalities', 'people', 'types', 'City'], '3 values: Bergen, São Paulo, Łódź']);
  // One-hot with a place for others, three parts of a date, a boolean and a number.
  expect(dataset.modalities[0]).toMatchObject({ name: 'people', width: 4 + 3 + 1 + 1 });
  expect(dataset.columns!['people']).toContainEqual({ column: 'City', category: [...city].sort() });
  expect(dataset.notes).toEqual([
    '"remark": text, left out as no encoder of text reads it (data.text=tokens, text.bert.from=raw_text, text.bert.path).',
  ]);
});

test('a range of dates is told from the first in time to the last', () => {
  const dates = ['01.03.2024', '28.12.2023', '', '02.11.2024', '15.01.2023'];
  expect(textType(dates)).toMatchObject({ comment: '15.01.2023 to 02.11.2024, 1 missing' });
});

test('an object of JSON lines that is null in some rows is no column of its own', async () => {
  const lines = rows(12, (n) => JSON.stringify({ id: `s${n}`, imu: n % 4 ? { a: n, b: n / 2 } : null, y: n / 3 }));
  const { description, dataset, notes } = await guessed({ 'lines.jsonl': lines });
  expect(description['modalities']).toEqual({ lines: { file: 'lines.jsonl', key: ['imu/a', 'imu/b'] } });
  expect(notes).toEqual([]);
  const lengths = Object.values(dataset.splits).flatMap((split) => [...split.lengths['lines']!]);
  expect(lengths.filter((length) => length === 0)).toHaveLength(3);
});

test('what is the same in two rows tells nothing, and four words are a text where three may be a name', async () => {
  const two = path.join(folder, 'two');
  mkdirSync(two);
  writeFileSync(path.join(two, 'x.csv'), 'a,b\n1,5\n1,6\n');
  expect((await guessDescription(two)).notes).toContain('"a" of x.csv is the same in every row: left out.');
  const cities = ['Rio de Janeiro', 'Ho Chi Minh', 'Santiago de Chile', 'San Juan Bautista'];
  expect(textType(cities.flatMap((city) => [city, city]))).toMatchObject({ type: 'category' });
  // Two in five are longer, which more than half have to be.
  const some = ['Rio de Janeiro do Norte', 'Ho Chi Minh City', ...cities.slice(2), 'Lima'].flatMap((city) => [
    city,
    city,
  ]);
  expect(textType(some)).toMatchObject({ type: 'category' });
  expect(textType(cities.flatMap((city) => [`${city} Sur`, `${city} Norte`]))).toMatchObject({ type: 'text' });
});

test('names many columns by a range or by all but some', async () => {
  const many = Array.from({ length: 30 }, (_, i) => `c${String.fromCodePoint(97 + (i % 26))}${i < 26 ? '' : 'x'}`);
  const head = ['id', ...Array.from({ length: 40 }, (_, i) => `x${i}`), ...many, 'note', 'label'];
  const { description, dataset } = await guessed({
    'wide.csv': `${head.join(',')}\n${rows(12, (n) => ['s', ...Array.from({ length: 70 }, (_, i) => i + n / 7), `word${n}`, n / 10].join(',').replace('s', `s${n}`))}`,
  });
  expect(description).toMatchObject({
    modalities: {
      x: { file: 'wide.csv', key: ['x0..x39'] },
      wide: { file: 'wide.csv', key: ['*', '!note', '!x0..x39'] },
    },
  });
  expect(dataset.modalities.map(({ name, width }) => [name, width])).toEqual([
    ['x', 40],
    ['wide', 30],
  ]);
});

test('columns whose names differ in signs alone are modalities of two names', async () => {
  const sequence = Array.from({ length: 12 }, (_, n) => [
    [n, 1],
    [n, 2],
  ]);
  const { description } = await guessed({
    'two.jsonl': rows(12, (n) => JSON.stringify({ id: `s${n}`, 'a b': sequence[n], 'a.b': sequence[n], label: n / 7 })),
  });
  expect(description['modalities']).toMatchObject({ a_b: { key: 'a b' }, a_b_: { key: 'a.b' } });
});

test.each([0, 1])('an index that counts the rows from %i is left out', async (first) => {
  const { notes } = await guessed({
    'counted.csv': `index,x,label\n${rows(12, (n) => `${n + first},${n}.5,${n / 7}`)}`,
  });
  expect(notes).toEqual(['"index" of counted.csv counts the rows: left out.']);
});

test('eight numbered columns are a modality of their own, and seven are not', async () => {
  const head = ['id', ...Array.from({ length: 8 }, (_, i) => `x${i}`), ...Array.from({ length: 7 }, (_, i) => `y${i}`)];
  const { description } = await guessed({
    'few.csv': `${[...head, 'label'].join(',')}\n${rows(12, (n) => [`s${n}`, ...Array.from({ length: 15 }, (_, i) => i + n / 7), n / 10].join(','))}`,
  });
  expect(description).toMatchObject({
    modalities: {
      x: { file: 'few.csv', key: ['x0..x7'] },
      few: { file: 'few.csv', key: ['y0', 'y1', 'y2', 'y3', 'y4', 'y5', 'y6'] },
    },
  });
});

describe('finds samples by id', () => {
  test('in a folder of arrays named by it, with a table of labels', async () => {
    const { description, dataset } = await guessed({
      'labels.csv': `clip_id,label\n${rows(9, (n) => `c${8 - n},${8 - n}.5`)}`,
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [`audio/c${n}.npy`, npy([1 + (n % 3), 2], Array(2 + 2 * (n % 3)).fill(n))]),
      ),
    });
    expect(description).toMatchObject({
      modalities: { audio: { file: 'audio/{id}.npy' } },
      labels: { file: 'labels.csv', key: 'label' },
      id: { file: 'labels.csv', key: 'clip_id' },
    });
    for (const { ids, labels, features, lengths } of Object.values(dataset.splits))
      for (const [n, id] of ids.entries()) {
        expect(labels![n]).toBe(Number(id.slice(1)) + 0.5);
        expect(inMemory(features['audio']!).data[n * 6]).toBe(Number(id.slice(1)));
        expect(lengths['audio']![n]).toBe(1 + (Number(id.slice(1)) % 3));
      }
  });

  test('in a folder of two arrays', async () => {
    const own = path.join(folder, 'pair');
    mkdirSync(path.join(own, 'clips'), { recursive: true });
    for (const [n, id] of ['a7', 'b9'].entries())
      writeFileSync(path.join(own, 'clips', `${id}.npy`), npy([2, 3], Array(6).fill(n)));
    const { description, comments } = await guessDescription(own);
    expect(description['modalities']).toEqual({ clips: { file: 'clips/{id}.npy' } });
    expect(comments).toContainEqual([['modalities', 'clips'], 'a sequence per sample']);
    for (const id of ['a7', 'b9']) writeFileSync(path.join(own, 'clips', `${id}.npy`), npy([3], [1, 2, 3]));
    expect((await guessDescription(own)).comments).toContainEqual([['modalities', 'clips'], 'a vector per sample']);
  });

  test('in a dict of vectors', async () => {
    const dict = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`clip${n}`, floats(13)]));
    const { description, dataset } = await guessed({ 'by-id.pkl': pickled(dict) });
    expect(description).toMatchObject({ modalities: { 'by-id': { file: 'by-id.pkl', key: '{id}' } } });
    expect(dataset.modalities[0]).toMatchObject({ name: 'by-id', time: 1, width: 13 });
    expect(dataset.splits.train!.ids[0]).toMatch(/^clip\d+$/);
  });

  test('in a dict of vectors, beside a table of some of them that calls ids otherwise', async () => {
    const dict = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`clip${n}`, floats(13)]));
    const table = `who,outcome\n${rows(30, (n) => `clip${39 - n},${n / 3}`)}`;
    const { description, dataset } = await guessed({ 'by-id.pkl': pickled(dict), 'labels.csv': table });
    expect(description).toMatchObject({
      modalities: { 'by-id': { file: 'by-id.pkl', key: '{id}' } },
      labels: { file: 'labels.csv', key: 'outcome' },
      id: { file: 'labels.csv', key: 'who' },
    });
    expect(Object.values(dataset.splits).flatMap(({ ids }) => ids)).toHaveLength(40);
  });

  test('in dicts of splits, which several files have', async () => {
    const part = (n: number, more: object): object => ({
      id: Array.from({ length: n }, (_, i) => `${n}-${i}`),
      ...more,
    });
    const file = (name: string, more: (n: number) => object = () => ({})): Uint8Array =>
      pickled({
        train: part(5, { [name]: floats(5, 3), ...more(5) }),
        valid: part(2, { [name]: floats(2, 3), ...more(2) }),
        test: part(3, { [name]: floats(3, 3), ...more(3) }),
      });
    const { description, dataset } = await guessed({
      'audio.pkl': file('audio'),
      'text.pkl': file('text', (n) => ({ regression_labels: floats(n) })),
    });
    expect(description).toMatchObject({ labels: { file: 'text.pkl', key: 'regression_labels' } });
    expect(description['split']).toBeUndefined();
    expect(Object.values(dataset.splits).map(({ ids }) => ids.length)).toEqual([5, 2, 3]);
  });
});

test('offers the arrays of a list by their positions', async () => {
  const list = [
    floats(20, 5, 7),
    new NdArray(
      [20],
      'int64',
      BigInt64Array.from({ length: 20 }, (_, n) => BigInt(n % 2)),
    ),
  ];
  const { description, notes } = await guessed({ 'tuple.pkl': pickled([...list, floats(6, 5, 7), 5]) });
  expect(description).toMatchObject({
    task: 'classification',
    modalities: { tuple_0: { file: 'tuple.pkl', key: '0' } },
    labels: { file: 'tuple.pkl', key: '1' },
  });
  expect(notes).toEqual(['"2" of tuple.pkl has 6 rows, not 20: left out.']);
});

test('names no lengths where sequences of JSON lines are of different ones', async () => {
  const steps = (n: number): number[][] => Array.from({ length: 1 + (n % 3) }, (_, t) => [n, t]);
  const lines = rows(20, (n) => JSON.stringify({ id: `s${n}`, hr: n % 5 === 0 ? null : steps(n), y: n / 3 }));
  const { description, dataset } = await guessed({ 'people.jsonl': lines });
  expect(description['modalities']).toEqual({ hr: { file: 'people.jsonl', key: 'hr' } });
  const { lengths, ids } = dataset.splits.test!;
  const known = ids.map((id) => Number(id.slice(1)));
  expect([...lengths['hr']!]).toEqual(known.map((n) => (n % 5 === 0 ? 0 : 1 + (n % 3))));
});

test('takes arrays of steps without an axis of samples for one sample', async () => {
  const clip = pickled({ text: floats(4, 6), audio: floats(8, 4), vision: floats(5, 5) });
  const { description, notes, isOneSample, dataset } = await guessed({ 'one.pkl': clip }, { unsplit: true });
  expect([isOneSample, description['split']]).toEqual([true, undefined]);
  expect(notes).toEqual(['There is one sample: it can be predicted, and not trained on.']);
  expect(dataset.modalities.map(({ name, time, width }) => [name, time, width])).toEqual([
    ['text', 4, 6],
    ['audio', 8, 4],
    ['vision', 5, 5],
  ]);
  expect(dataset.splits.test!.ids).toHaveLength(1);
});

test('a file of one sample, or of samples without splits, is read whole for prediction', async () => {
  const file = path.join(folder, 'one.pkl');
  writeFileSync(file, pickled({ text: floats(4, 6), audio: floats(8, 4) }));
  const unsplit = { unsplit: true, requireLabels: false, splits: ['test'] } as const;
  expect((await loadDataset(file, unsplit)).splits.test!.features['audio']!.shape).toEqual([1, 8, 4]);
  writeFileSync(file, pickled({ text: floats(4, 6), audio: floats(4, 4) }));
  expect((await loadDataset(file, unsplit)).splits.test!.features['audio']!.shape).toEqual([4, 1, 4]);
});

describe('labels that are named', () => {
  const files = {
    'a.csv': `id,age,town,result\n${rows(20, (n) => `s${n},${30 + n},${['x', 'y'][n % 2]!},${['low', 'high'][n % 2]!}`)}`,
    'b.csv': `id,pulse\n${rows(20, (n) => `s${19 - n},${60 + n}`)}`,
  };

  test('are those of this column, which is no feature', async () => {
    const place = path.join(folder, 'named');
    mkdirSync(place);
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(place, name), content);
    const { description, notes } = await guessDescription(place, { label: 'result' });
    expect(description).toMatchObject({
      task: 'classification',
      labels: { file: 'a.csv', key: 'result' },
      modalities: { a: { key: ['age', 'town'], types: { town: 'category' } } },
    });
    expect(notes).toEqual([]);
    await expect(guessDescription(place, { label: 'results' })).rejects.toThrow(
      'has no column "results" for labels; did you mean "result"?',
    );
  });

  test('by hand in a first description are left out of the features that it lists, and that is told', async () => {
    const { description, notes } = await guessed(files);
    expect(notes).toContain('No labels were found: name their column, with --label or under "labels".');
    const place = path.join(folder, String(places - 1));
    const byHand = { ...description, task: 'classification', labels: { file: 'a.csv', key: 'result' } };
    writeFileSync(path.join(place, 'dataset.yaml'), stringify(byHand));
    const { columns, notes: told } = await loadDataset(place);
    expect(columns!['a']).toEqual(['age', { column: 'town', category: ['x', 'y'] }]);
    expect(told).toContain('"result" is the label, and is left out of "a".');
    const alone = {
      ...byHand,
      modalities: { a: { file: 'a.csv', key: ['result'] }, b: { file: 'b.csv', key: 'pulse' } },
    };
    writeFileSync(path.join(place, 'dataset.yaml'), stringify(alone));
    await expect(loadDataset(place)).rejects.toThrow('"a" is made of the label "result" alone.');
  });
});

test('describes a file of splits that is alone, without the columns that are no features', async () => {
  const split = (count: number): object => ({
    ...{ text: floats(count, 3, 2), audio: floats(count, 4, 2), text_bert: floats(count, 3, 5) },
    ...{ classification_labels: floats(count), classification_labels_T: floats(count) },
    annotations: Array.from({ length: count }, (_, n) => ['good', 'bad'][n % 2]!),
    id: Array.from({ length: count }, (_, n) => `v${n}`),
  });
  const { description, dataset, notes } = await guessed({
    'mmsa.pkl': pickled({ train: split(12), valid: split(6), test: split(6) }),
  });
  expect(description).toMatchObject({ labels: { file: 'mmsa.pkl', key: 'classification_labels' } });
  expect(Object.keys(description['modalities'] as object)).toEqual(['text', 'audio']);
  expect(notes).toEqual(
    ['text_bert', 'classification_labels_T', 'annotations'].map(
      (name) => `"${name}" of mmsa.pkl is of a name that is no feature's: left out.`,
    ),
  );
  expect(dataset.splits.train!.ids).toHaveLength(12);
});

test('names what two files call alike by the files', async () => {
  const lines = (of: (n: number) => object): string => rows(20, (n) => JSON.stringify({ id: `s${n}`, ...of(n) }));
  const { description } = await guessed({
    'arm.jsonl': lines((n) => ({ values: [n, n + 1, 3], y: n / 3 })),
    'leg.jsonl': lines((n) => ({ values: [n, 2] })),
  });
  expect(description['modalities']).toEqual({
    arm_values: { file: 'arm.jsonl', key: 'values' },
    leg_values: { file: 'leg.jsonl', key: 'values' },
  });
});
