import { describe, expect, it } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError } from '../../files/error.ts';
import { readPickle } from '../../formats/pickle/read.ts';
import { fixture, survivesDamage } from '../../formats/testing.ts';
import { inMemory } from '../features.ts';
import { detectPreset, knownOf, type PresetName } from '../published/presets.ts';
import { datasetOf, type TableOptions } from './dataset.ts';

const floats = (shape: number[], values?: number[]): NdArray => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return new NdArray(
    shape,
    'float32',
    Float32Array.from({ length: size }, (_, i) => values?.[i] ?? 1),
  );
};
/** Sequences of ones, `[N, T, D]`, that are `lengths` long, with zeros after them. */
const sequences = (lengths: readonly number[], time: number, width: number): NdArray =>
  floats(
    [lengths.length, time, width],
    lengths.flatMap((length) => Array.from({ length: time * width }, (_, i) => Number(i < length * width))),
  );
const integers = (...values: number[]): NdArray =>
  new NdArray([values.length], 'int64', BigInt64Array.from(values, BigInt));

type Table = Record<string, unknown>;
const table = (n: number, more: Table = {}): Table => ({
  audio: floats([n, 3, 2]),
  face: floats([n, 4]),
  text: floats([n, 3, 5]),
  text_bert: new NdArray([n, 3, 3], 'int64', new BigInt64Array(9 * n)),
  raw_text: Array.from({ length: n }, () => 'words'),
  id: Array.from({ length: n }, (_, i) => `clip$_$${i}`),
  regression_labels: floats([n]),
  regression_labels_T: floats([n, 1]),
  ...more,
});
const without = (whole: Table, ...keys: string[]): Table =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.includes(key)));
const file = 'features.pkl';
type Options = TableOptions & { readonly file?: string; readonly preset?: PresetName };
const read = (splits: Record<string, Table>, { preset, ...options }: Options = {}): ReturnType<typeof datasetOf> => {
  const columns = new Map(Object.entries(splits).map(([split, t]) => [split, new Map(Object.entries(t))]));
  return datasetOf(columns, { file, known: knownOf(preset ?? detectPreset(options.file ?? file)), ...options });
};
const three = (more: Table = {}): Record<string, Table> => ({ train: table(3, more), valid: table(2), test: table(1) });
const train = (more: Table, options: Options = {}): ReturnType<typeof datasetOf> =>
  read({ train: table(2, more) }, { splits: ['train'], ...options });

describe('datasetOf', () => {
  it.each([
    ['null in every row', [null, null]],
    ['an empty list in every row', [[], []]],
    ['null in every row of an array', new NdArray([2], 'object', [null, null])],
    ['sequences of no steps', floats([2, 0, 2])],
    ['steps without a number', floats([2, 3, 0])],
    ['a list of empty arrays', [floats([0, 2]), floats([0, 2])]],
  ])('takes a modality as absent from a whole split: %s', async (_, audio) => {
    for (const split of ['train', 'test']) {
      const { splits, modalities } = await read({ ...three(), [split]: table(2, { audio }) });
      expect(modalities.find(({ name }) => name === 'audio')).toMatchObject({ width: 2 });
      expect([...splits[split as 'train']!.lengths['audio']!]).toEqual([0, 0]);
      expect([...splits.valid!.lengths['audio']!]).toEqual([3, 3]);
    }
  });

  it('takes whole numbers that a float32 can hold, and refuses to make others of them', async () => {
    const whole = (value: number): NdArray => new NdArray([2, 2], 'int64', BigInt64Array.of(1n, 2n, 3n, BigInt(value)));
    const { splits } = await train({ face: whole(2 ** 24) });
    expect(inMemory(splits.train!.features['face']!).data).toEqual(Float32Array.of(1, 2, 3, 2 ** 24));
    await expect(train({ face: whole(2 ** 24 + 2) })).rejects.toThrow(
      'features.pkl: modality "face" holds the int64 16777218, and above 16777216 not every integer is a float32',
    );
  });

  it('refuses a modality that is not equally wide in all samples, which would else be none', async () => {
    const widths = [floats([3, 4]), floats([2, 4]), floats([3, 3])];
    await expect(read(three({ audio: widths }))).rejects.toThrow(
      'features.pkl: split "train": "audio" is 4 wide in row 0 ("clip$_$0") and 3 in row 2 ("clip$_$2"); ' +
        'extract it alike for all samples, or leave it out by --modalities.',
    );
    await expect(read(three({ audio: [null, ...widths.slice(1)] }))).rejects.toThrow('"audio" is 4 wide in row 1');
    const others = await read(three({ audio: widths }), { modalities: ['text'] });
    expect(others.modalities.map(({ name }) => name)).toEqual(['text']);
    await expect(train({ audio: [floats([3, 2]), floats([2])] }, { modalities: ['audio'] })).rejects.toThrow(
      '"audio" is 2 wide in row 0 ("clip$_$0") and 1 in row 1',
    );
  });

  it('keeps samples without a label where labels are not required, and refuses them where they are', async () => {
    const labels = floats([2], [0.5, Number.NaN]);
    const { splits, task } = await train({ regression_labels: labels }, { requireLabels: false });
    expect(splits.train!.labels).toEqual(Float32Array.of(0.5, Number.NaN));
    expect(task).toEqual({ kind: 'regression', range: [0.5, 0.5] });
    await expect(train({ regression_labels: labels })).rejects.toThrow('row 1: label NaN');
  });

  it('makes no class of a label that is missing', async () => {
    const unlabelled = async (labels: unknown[]): Promise<unknown> => {
      const table = { regression_labels: undefined, classification_labels: labels };
      const { task, splits } = await train(table, { task: 'classification', requireLabels: false });
      return [task.kind === 'classification' && task.classes, [...splits.train!.labels!]];
    };
    expect(await unlabelled(['', 'sad'])).toEqual([['sad'], [Number.NaN, 0]]);
    expect(await unlabelled([Number.NaN, 4])).toEqual([['4'], [Number.NaN, 0]]);
  });

  it('takes a column of a run that the table lacks for one whose values are missing', async () => {
    const columns = { record: ['age', { column: 'city', category: ['Bergen'] }] };
    const { splits } = await train({ age: floats([2], [30, 40]) }, { columns, modalities: ['text', 'record'] });
    const data = [...inMemory(splits.train!.features['record']!).data];
    expect(data).toEqual([30, Number.NaN, Number.NaN, 40, Number.NaN, Number.NaN]);
  });

  it('makes modalities of columns as a run learnt them', async () => {
    const columns = { record: ['age', { column: 'city', category: ['Bergen'] }] };
    const own = { age: floats([2], [30, 40]), city: ['Bergen', 'Oslo'] };
    const { splits, modalities, ignored } = await train(own, { columns, modalities: ['text', 'record'] });
    expect(modalities[1]).toMatchObject({ name: 'record', time: 1, width: 3 });
    expect(inMemory(splits.train!.features['record']!).data).toEqual(Float32Array.of(30, 1, 0, 40, 0, 1));
    expect(ignored).not.toContain('city');
  });

  it('reads labels of single modalities, as CH-SIMS has them', async () => {
    const own = { regression_labels_T: floats([3, 1], [1, -1, 0.5]), regression_labels_face: floats([3], [0, 1, 0]) };
    const { splits, ignored } = await read(three(own));
    expect(splits.train!.ownLabels).toEqual({ text: Float32Array.of(1, -1, 0.5), face: Float32Array.of(0, 1, 0) });
    expect(Object.keys(splits.valid!.ownLabels!)).toEqual(['text']);
    expect(ignored).toEqual(['text_bert', 'raw_text']);

    const wide = await train({ regression_labels_T: floats([2], [1, 9]) }, { preset: 'sims' });
    expect([wide.metrics, wide.notes]).toEqual([
      'regression',
      ['The labels are not those of CH-SIMS (9 is outside -1..1): its names, range and metrics are not used.'],
    ]);
    await expect(train({ regression_labels_A: floats([1]) })).rejects.toThrow(
      'split "train" has 2 rows of "text" and 1 of "regression_labels_A"',
    );
  });

  it('finds modalities of any name, text, audio and vision first, and leaves the rest', async () => {
    const dataset = await read(three());
    expect(dataset.modalities.map(({ name, time, width }) => [name, time, width])).toEqual([
      ['text', 3, 5],
      ['audio', 3, 2],
      ['face', 1, 4],
    ]);
    expect(dataset.ignored).toEqual(['text_bert', 'raw_text']);
    expect(Object.values(dataset.splits).map(({ ids }) => ids.length)).toEqual([3, 2, 1]);
    expect(dataset.splits.test!.ids).toEqual(['clip$_$0']);
    expect(dataset.splits.train!.features['face']!.shape).toEqual([3, 1, 4]);
    expect(dataset).toMatchObject({ name: 'features', metrics: 'regression', task: { range: [1, 1] } });
  });

  it('has text, audio and vision first, whatever the order of the file', async () => {
    const [audio, face, text] = [floats([2, 3, 2]), floats([2, 4]), floats([2, 3, 5])];
    const more = { motion: floats([2, 1]), vision: floats([2, 2]), face, audio, text, pulse: floats([2, 1]) };
    const { modalities } = await read({ train: { ...more, regression_labels: floats([2]) } }, { splits: ['train'] });
    expect(modalities.map(({ name }) => name)).toEqual(['text', 'audio', 'vision', 'motion', 'face', 'pulse']);
  });

  it('reads the modalities and the order that are asked for', async () => {
    const dataset = await read(three(), { modalities: ['face', 'text'] });
    expect(dataset.modalities.map(({ name }) => name)).toEqual(['face', 'text']);
    await expect(read(three(), { modalities: ['vision'] })).rejects.toThrow(
      'features.pkl: has no modality "vision"; it has "text", "audio", "face".',
    );
    await expect(read(three(), { modalities: ['text', 'vision'] })).rejects.toThrow('has no modality "vision"');
    await expect(read(three(), { modalities: ['text', 'text'] })).rejects.toThrow('each once');
  });

  it('converts every numeric type and lists, and counts the numbers that are missing', async () => {
    const dataset = await train({
      audio: new NdArray([2, 2], 'float64', Float64Array.of(1e300, -Infinity, Number.NaN, 0.5)),
      face: integers(1, 2).data,
      steps: new NdArray([2, 1], 'int64', BigInt64Array.of(3n, 4n)),
      lists: [[[1, 2]], [[3, 4]]],
      rows: [floats([1, 2], [5, 6]), floats([1, 2], [7, 8])],
    });
    const data = (name: string): number[] => [...inMemory(dataset.splits.train!.features[name]!).data];
    // A sample without any number in a modality lacks it.
    expect(data('audio')).toEqual([0, 0, Number.NaN, 0.5]);
    expect([...dataset.splits.train!.lengths['audio']!]).toEqual([0, 1]);
    expect(data('steps')).toEqual([3, 4]);
    expect(data('lists')).toEqual([1, 2, 3, 4]);
    expect(data('rows')).toEqual([5, 6, 7, 8]);
    expect(dataset.modalities.map(({ name, cleaned }) => [name, cleaned])).toContainEqual(['audio', 1]);
  });

  it('names the row whose text is no list of numbers, rather than a list with a missing number', async () => {
    await expect(train({ face: ['[1, null]', 'none'] }, { modalities: ['face'], ifAny: true })).rejects.toThrow(
      'row 1 ("clip$_$1"): "face" is no list of numbers; correct it, or give null where a sample lacks the modality.',
    );
  });

  it('has samples without a modality that no sample of a split has', async () => {
    const { splits, modalities } = await read({ ...three(), test: table(2, { text: [null, []] }) });
    expect(modalities.map(({ name, time }) => [name, time])).toContainEqual(['text', 3]);
    expect(splits.test!.features['text']!.shape).toEqual([2, 3, 5]);
    expect([...splits.test!.lengths['text']!]).toEqual([0, 0]);
    expect([...splits.train!.lengths['text']!]).toEqual([3, 3, 3]);
  });

  it('pads a split that was padded to fewer steps', async () => {
    const { splits, modalities } = await read({ ...three(), test: table(1, { text: floats([1, 2, 5]) }) });
    expect(modalities[0]!.time).toBe(3);
    expect(splits.test!.features['text']!.shape).toEqual([1, 3, 5]);
    expect([...inMemory(splits.test!.features['text']!).data]).toEqual([
      ...new Array<number>(10).fill(1),
      ...new Array<number>(5).fill(0),
    ]);
    expect([...splits.test!.lengths['text']!]).toEqual([2]);
  });

  it('gives two keys that share one array each its own', async () => {
    const shared = floats([2, 3, 1]);
    const { splits } = await train(
      { a: shared, b: shared, a_lengths: [1, 1], b_lengths: [3, 3] },
      { modalities: ['a', 'b'], padding: 'end' },
    );
    expect([...inMemory(splits.train!.features['a']!).data]).toEqual([1, 0, 0, 1, 0, 0]);
    expect([...inMemory(splits.train!.features['b']!).data]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('reads a single sample without a label', async () => {
    const one = without(table(1), 'regression_labels', 'id');
    const { splits, task } = await read({ test: one }, { splits: ['test'], requireLabels: false });
    expect(splits.test!.labels).toBeUndefined();
    expect(splits.test!.ids).toEqual(['test-0']);
    expect(task).toEqual({ kind: 'regression', range: [-3, 3] });
    await expect(read({ test: one }, { splits: ['test'] })).rejects.toThrow(
      'split "test" has no "regression_labels"; it has "audio", "face", "text", "text_bert", "raw_text", "regression_labels_T": ' +
        'say which of them is the label in a dataset.yaml (decalign init-data).',
    );
    const present = await read({ test: one }, { splits: 'present', requireLabels: false });
    expect(Object.keys(present.splits)).toEqual(['test']);
  });
});

describe('groups', () => {
  it('are a column, or for video what ids say before their mark', async () => {
    const speakers = { ...table(2, { speaker: ['a', 'b'] }) };
    const options = { splits: ['train'] } as const;
    expect((await read({ train: speakers }, { ...options, group: 'speaker' })).splits.train!.groups).toEqual([
      'a',
      'b',
    ]);
    expect((await read({ train: table(2) }, { ...options, group: 'video' })).splits.train!.groups).toEqual([
      'clip',
      'clip',
    ]);
    await expect(read({ train: table(2) }, { ...options, group: 'speaker' })).rejects.toThrow(
      'split "train" has no column "speaker" to group by; it has',
    );
    await expect(train({ speaker: ['a'] }, { group: 'speaker' })).rejects.toThrow(
      'split "train" has 2 samples and 1 values of "speaker".',
    );
  });
});

describe('true lengths', () => {
  it('come from the own key, from an aligned modality, from trailing zeros, or are 1', async () => {
    const { modalities, splits } = await train({
      text: sequences([2, 3], 3, 5),
      audio: sequences([2, 3], 3, 2),
      text_lengths: integers(2, 9),
      motion: floats([2, 4, 1], [1, 0, 2, 0, 0, 0, 0, 0]),
      pose: floats([2, 5, 2], [1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 3, 0, 0, 0, 0, 0]),
    });
    expect(modalities.map(({ name, lengthSource }) => [name, lengthSource])).toEqual([
      ['text', { kind: 'key', key: 'text_lengths' }],
      ['audio', { kind: 'modality', modality: 'text' }],
      ['face', { kind: 'single-step' }],
      ['motion', { kind: 'trailing-zeros' }],
      ['pose', { kind: 'trailing-zeros' }],
    ]);
    const { lengths, features } = splits.train!;
    expect(Object.values(lengths).map((own) => [...own])).toEqual([
      [2, 3],
      [2, 3],
      [1, 1],
      [3, 1],
      [2, 3],
    ]);
    expect([...inMemory(features['audio']!).data.slice(0, 6)]).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('come from an aligned modality that was not chosen, too', async () => {
    const { modalities } = await train(
      { text_lengths: [1, 2], audio: sequences([1, 2], 3, 2) },
      { modalities: ['audio'] },
    );
    expect(modalities[0]!.lengthSource).toEqual({ kind: 'modality', modality: 'text' });
  });

  it('are those of a key only where every split has it, and of one that is aligned in every split', async () => {
    const [text, audio] = [sequences([1, 1, 1], 3, 5), sequences([1, 1, 1], 3, 2)];
    const lengths = { text, audio, text_lengths: integers(1, 1, 1) };
    const sources = async (splits: Record<string, Table>): Promise<unknown> =>
      (await read(splits)).modalities.slice(0, 2).map(({ lengthSource }) => lengthSource.kind);
    expect(await sources({ train: table(3, lengths), valid: table(2), test: table(1) })).toEqual([
      'trailing-zeros',
      'trailing-zeros',
    ]);
    const each = { train: table(3, lengths), valid: table(3, lengths), test: table(3, lengths) };
    expect(await sources(each)).toEqual(['key', 'modality']);
    const longer = table(3, { ...lengths, audio: floats([3, 4, 2]) });
    expect(await sources({ ...each, test: longer })).toEqual(['key', 'trailing-zeros']);
  });

  it('are 0 for a sample that lacks the modality, also of one step, and refuse what is no length', async () => {
    const { splits } = await train({
      text_lengths: [0, 3],
      audio_lengths: [3, 3],
      face: floats([2, 4]),
      face_lengths: [7, 0],
    });
    expect([...splits.train!.lengths['text']!]).toEqual([0, 3]);
    expect([...splits.train!.lengths['face']!]).toEqual([1, 0]);
    expect(inMemory(splits.train!.features['text']!).data[0]).toBe(0);
    await expect(train({ text_lengths: [1, -2] })).rejects.toThrow(
      'split "train", row 1: "text_lengths" is -2, which is no length.',
    );
    await expect(train({ text_lengths: ['a', 'b'] })).rejects.toThrow('"text_lengths" is not one number per sample');
  });
});

describe('labels', () => {
  it('are values within the range of the dataset', async () => {
    const mosi = { file: 'data/mosi.pkl' };
    expect(await train({}, mosi)).toMatchObject({ name: 'mosi', metrics: 'mosi', task: { range: [-3, 3] } });
    const known = { name: 'own', range: [-3, 3] } as const;
    const labels = new Map([
      ['train', new Map(Object.entries(table(2, { regression_labels: floats([2], [0, 3.5]) })))],
    ]);
    await expect(datasetOf(labels, { file: 'data/own.pkl', known, splits: ['train'] })).rejects.toThrow(
      'data/own.pkl: split "train", row 1: label 3.5 of "regression_labels" is outside -3..3; correct the file, or name its dataset.',
    );
    const low = new Map([['train', new Map(Object.entries(table(1, { regression_labels: floats([1], [-3.5]) })))]]);
    await expect(datasetOf(low, { file: 'data/own.pkl', known, splits: ['train'] })).rejects.toThrow(
      'row 0: label -3.5 of "regression_labels" is outside -3..3',
    );
    await expect(train({ regression_labels: [Number.NaN, 1] })).rejects.toThrow(
      'row 0: label NaN of "regression_labels" is no finite number',
    );
    await expect(train({ regression_labels: ['good', 'bad'] }, { task: 'regression' })).rejects.toThrow(
      'is not one number per sample',
    );
    const { task } = await train({ regression_labels: floats([2, 1], [-7, 7]) });
    expect(task).toEqual({ kind: 'regression', range: [-7, 7] });
  });

  it('are class indices, or one-hot rows, where the task is classification', async () => {
    const classes = { classification_labels: integers(2, 0) };
    const asked = await train(classes, { task: 'classification' });
    expect(asked).toMatchObject({ metrics: 'classification', task: { classes: ['0', '2'] } });
    expect([...asked.splits.train!.labels!]).toEqual([1, 0]);
    const iemocap = { file: 'iemocap_data.pkl' };
    const six = { test: table(2, classes) };
    const task = { kind: 'classification', classes: ['happy', 'sad', 'neutral', 'angry', 'excited', 'frustrated'] };
    // A split that is read alone need not have every class.
    expect((await read(six, { ...iemocap, splits: ['test'] })).task).toEqual(task);
    const oneHot = await train({ classification_labels: floats([2, 3], [0, 0, 1, 1, 0, 0]) }, iemocap);
    expect([...oneHot.splits.train!.labels!]).toEqual([1, 0]);
    await expect(train({ classification_labels: floats([2], [0.5, 1]) }, { task: 'classification' })).rejects.toThrow(
      'label 0.5 of "classification_labels" is no class index',
    );
    await expect(train({ classification_labels: floats([2, 2]) }, iemocap)).rejects.toThrow(
      'row 0: "classification_labels" is neither an index nor one-hot',
    );
    const only = without(table(2, classes), 'regression_labels');
    expect((await read({ train: only }, { splits: ['train'] })).task.kind).toBe('classification');
  });

  it('are named by a published dataset only where they are like its own', async () => {
    const file = 'iemocap.pkl';
    const of = (...labels: number[]): Record<string, Table> => ({
      train: table(labels.length, { classification_labels: integers(...labels) }),
    });
    const task = { kind: 'classification', classes: ['0', '1', '2', '3'] };
    for (const preset of [undefined, 'iemocap'] as const)
      expect(await read(of(0, 1, 2, 3), { file, splits: ['train'], ...(preset && { preset }) })).toMatchObject({
        ...{ name: 'iemocap', task, metrics: 'classification' },
        notes: [
          'The labels are not those of IEMOCAP (they have 4 classes, not 6): its names, range and metrics are not used.',
        ],
      });
    const all = await read(of(5, 4, 3, 2, 1, 0), { file, splits: ['train'] });
    expect([all.task, all.notes]).toEqual([{ kind: 'classification', classes: knownOf('iemocap').classes }, undefined]);
    const seven = await read(of(6, 5, 4, 3, 2, 1, 0), { file, splits: ['train'] });
    expect(seven.notes![0]).toContain('(6 is none of its 6 classes)');
    const real = without(table(2, { labels: floats([2], [0.5, 1]) }), 'regression_labels', 'regression_labels_T');
    expect(await read({ train: real }, { file, splits: ['train'] })).toMatchObject({
      task: { kind: 'regression', range: [0.5, 1] },
      notes: [expect.stringContaining('(0.5 is none of its 6 classes)')],
    });
    const mosi = await train({ regression_labels: floats([2], [2, 98]) }, { file: 'mosi/arousal.pkl' });
    expect(mosi).toMatchObject({ name: 'arousal', metrics: 'regression', task: { range: [2, 98] } });
    expect(mosi.notes).toEqual([
      'The labels are not those of CMU-MOSI (98 is outside -3..3): its names, range and metrics are not used.',
    ]);
  });

  it.each<[string, unknown, string[], number[]]>([
    ['from 1', integers(1, 3, 2), ['1', '2', '3'], [0, 2, 1]],
    ['with gaps', integers(10, 9, 2), ['2', '9', '10'], [2, 1, 0]],
    ['of either sign', integers(1, -1, 0), ['-1', '0', '1'], [2, 0, 1]],
    ['beyond what float32 tells apart', integers(2 ** 24 + 1, 2 ** 24, 1), ['1', '16777216', '16777217'], [2, 1, 0]],
    ['of text', ['sad', 'glad', 'sad'], ['glad', 'sad'], [1, 0, 1]],
    ['of text that are numbers', ['10', '9', '2'], ['2', '9', '10'], [2, 1, 0]],
  ])('are classes %s, as they stand in the file', async (_, labels, classes, indices) => {
    const task = { kind: 'classification', classes };
    const { splits, ...dataset } = await read(
      { train: table(3, { labels }) },
      { splits: ['train'], labelKey: 'labels', task: 'classification' },
    );
    expect([dataset.task, [...splits.train!.labels!]]).toEqual([task, indices]);
  });

  it('are classes where they are texts, all splits together', async () => {
    const of = (...labels: string[]): Table =>
      without(table(labels.length, { labels }), 'regression_labels', 'regression_labels_T');
    const { task, splits } = await read({ train: of('b', 'a'), valid: of('c'), test: of('b') });
    expect(task).toEqual({ kind: 'classification', classes: ['a', 'b', 'c'] });
    expect([splits.train!, splits.valid!, splits.test!].map(({ labels }) => [...labels!])).toEqual([[1, 0], [2], [1]]);
  });

  it('come from the key that is asked for', async () => {
    const { splits } = await train({ valence: [0.5, -0.5] }, { labelKey: 'valence' });
    expect([...splits.train!.labels!]).toEqual([0.5, -0.5]);
  });
});

describe('what is not sound', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['no dict', () => datasetOf([1], { file }), 'has no splits: it holds no dict'],
    ['another dict', () => datasetOf(new Map([['a', 1]]), { file }), 'it holds a dict of "a", not "train"'],
    ['a missing split', () => read({ train: table(1) }), 'has no split "valid"; it has "train".'],
    ['an empty split', () => read({ ...three(), valid: table(0) }), 'split "valid" is empty'],
    ['unequal rows', () => train({ audio: floats([3, 3, 2]) }), 'has 2 rows of "text" and 3 of "audio"; every array'],
    ['unequal ids', () => train({ id: ['a'] }), 'has 2 rows of "text" and 1 of "id"'],
    [
      'no features',
      () => read({ train: { id: ['a'] } }, { splits: ['train'] }),
      'holds no features: no numeric array [N, T, D] or [N, D] in any split; say which columns are features in a dataset.yaml (decalign init-data).',
    ],
    ['features of no width', () => train({ audio: floats([2, 3, 0]) }), 'modality "audio" is 0 wide'],
    [
      'a split without a modality',
      () => read({ train: table(1), valid: table(1, { motion: floats([1, 2, 2]) }), test: table(1) }),
      'split "train" has no modality "motion"',
    ],
    ...[null, [], floats([0, 3, 2])].map((nothing): [string, () => Promise<unknown>, string] => [
      `a modality of which a split holds ${nothing instanceof NdArray ? 'no row' : JSON.stringify(nothing)}`,
      () => read({ ...three(), test: table(2, { audio: nothing }) }),
      'split "test" holds nothing as "audio"; give null for each sample that lacks the modality, or leave it out by --modalities.',
    ]),
    [
      'widths that differ',
      () => read({ ...three(), test: table(1, { text: floats([1, 3, 6]) }) }),
      'modality "text" is 5 wide in split "train" and 6 in "test"',
    ],
    [
      'ragged rows',
      () => train({ motion: [floats([1, 2]), floats([2, 2])] }, { modalities: ['motion'] }),
      'split "train": "motion" is no numeric array [N, T, D]; pad its rows',
    ],
  ])('refuses %s', async (_, act, message) => {
    await expect(act()).rejects.toThrow(message);
    await expect(act()).rejects.toThrow(FormatError);
  });

  it('is told as such, whichever bytes of a file are damaged', async () => {
    await survivesDamage(fixture('data/mmsa.pkl'), (bytes) => datasetOf(readPickle(bytes, { file }), { file }));
  });
});
