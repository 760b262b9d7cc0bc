import { describe, expect, it, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import type { Dataset, Split } from '../dataset.ts';
import { inMemory } from '../features.ts';
import { datasetOf, type TableOptions } from './dataset.ts';
import { standsInFront } from './padding.ts';
import { splitsIn } from './splits.ts';

/** Sequences `[N, T, 2]` of numbers that differ, of these lengths; zeros at the end, or in front. */
function sequences(lengths: readonly number[], time: number, where: 'end' | 'front'): Float32Array {
  const data = new Float32Array(lengths.length * time * 2);
  for (const [n, length] of lengths.entries()) {
    const first = where === 'end' ? 0 : time - length;
    for (let i = 0; i < length * 2; i++) data[(n * time + first) * 2 + i] = 10 * n + i + 1;
  }
  return data;
}
const floats = (shape: readonly number[], data: Float32Array): NdArray => new NdArray(shape, 'float32', data.slice());

const lengths: Readonly<Record<Split, readonly number[]>> = { train: [2, 5, 3], valid: [1, 4], test: [5] };
const time = 5;
type More = (own: readonly number[]) => Readonly<Record<string, unknown>>;
const tables = (where: 'end' | 'front', more: More = () => ({})): ReadonlyMap<Split, ReadonlyMap<string, unknown>> =>
  new Map(
    (Object.entries(lengths) as [Split, readonly number[]][]).map(([split, own]) => [
      split,
      new Map<string, unknown>([
        ['audio', floats([own.length, time, 2], sequences(own, time, where))],
        ['id', own.map((_, n) => `${split} ${n}`)],
        ['regression_labels', own.map((_, n) => n)],
        ...Object.entries(more(own)),
      ]),
    ]),
  );
const read = (splits: unknown, options: TableOptions = {}): Promise<Dataset> =>
  datasetOf(splits, { file: 'features.pkl', ...options });
/** Features and lengths of all splits. */
const held = ({ splits }: Dataset): unknown =>
  Object.entries(splits).map(([split, { features, lengths: own }]) => [
    split,
    Object.entries(features).map(([name, each]) => [name, [...inMemory(each).data]]),
    own,
  ]);
const given: More = (own) => ({ audio_lengths: own });

describe('zeros in front', () => {
  it('are moved to the end where lengths are given, and counted', async () => {
    const moved = await read(tables('front', given));
    expect(held(moved)).toEqual(held(await read(tables('end', given))));
    expect(moved.modalities[0]).toMatchObject({ lengthSource: { kind: 'key' }, moved: 4 });
    expect(moved.notes).toEqual([
      '"audio": by the lengths given, padding stood in front of 4 of 6 samples: moved to the end.',
    ]);
  });

  it('are moved to the end where they are different in number, and none are at the end', async () => {
    const moved = await read(tables('front'));
    expect(held(moved)).toEqual(held(await read(tables('end'))));
    expect(moved.modalities[0]).toMatchObject({ lengthSource: { kind: 'leading-zeros' }, moved: 4 });
    expect(moved.notes).toEqual([
      expect.stringContaining('stand in front of 4 of 6 samples: taken for padding and moved to the end;'),
    ]);
  });

  it('are moved sample by sample where lengths are given: others may be padded at the end', async () => {
    const mixed = tables('end', given);
    const train = new Map(mixed.get('train'));
    const data = sequences(lengths.train, time, 'end');
    data.set(sequences([2], time, 'front'), 0);
    train.set('audio', floats([3, time, 2], data));
    const moved = await read(new Map([...mixed, ['train', train]]));
    expect(held(moved)).toEqual(held(await read(mixed)));
    expect(moved.modalities[0]!.moved).toBe(1);
  });

  it('are moved by the lengths of an aligned modality, too', async () => {
    const aligned = (where: 'end' | 'front') =>
      tables(where, (own) => ({ ...given(own), face: floats([own.length, time, 2], sequences(own, time, where)) }));
    const moved = await read(aligned('front'));
    expect(held(moved)).toEqual(held(await read(aligned('end'))));
    expect(moved.modalities.map((each) => each.moved)).toEqual([4, 4]);
  });

  it('are what all splits of the file tell, also where one is read alone', async () => {
    const one = await read(tables('front'), { splits: ['valid'] });
    expect(held(one)).toEqual(held(await read(tables('end'), { splits: ['valid'] })));
    // By itself the sample of valid could be one that begins with zeros; that one of train ends with some tells so.
    const other = new Map([...tables('end'), ['valid', tables('front').get('valid')!]]);
    expect((await read(other, { splits: ['valid'] })).notes).toBeUndefined();
  });

  it('are padding in a single new sample where they were in training', async () => {
    const one = new Map([['test', new Map([['audio', floats([1, time, 2], sequences([2], time, 'front'))]])]]);
    const options = { splits: ['test'], requireLabels: false } as const;
    const asItIs = await read(one, options);
    expect([...asItIs.splits.test!.lengths['audio']!]).toEqual([5]);
    const { splits } = await read(one, { ...options, front: ['audio'] });
    expect([...splits.test!.lengths['audio']!]).toEqual([2]);
    expect([...inMemory(splits.test!.features['audio']!).data]).toEqual([...sequences([2], time, 'end')]);
  });

  it('are padding in front of lists of other lengths too, whatever samples are beside', async () => {
    const rows = [[0, 0, 7], [7], [], [0, 7, 0]].map((steps) => steps.map((x) => [x, x]));
    const columns = new Map([['audio', rows]]);
    const given = splitsIn(new Map([['test', columns]]), 'new.jsonl');
    const options = { splits: ['test'], requireLabels: false } as const;
    const { splits } = await read(given, { ...options, front: ['audio'] });
    expect([...splits.test!.lengths['audio']!]).toEqual([1, 1, 0, 1]);
    expect([...inMemory(splits.test!.features['audio']!).data].filter((_, i) => i % 2 === 0)).toEqual(
      [
        [7, 0, 0],
        [7, 0, 0],
        [0, 0, 0],
        [7, 0, 0],
      ].flat(),
    );
    // Without a training that had it so, each list is as long as it is.
    const asItIs = await read(given, options);
    expect([...asItIs.splits.test!.lengths['audio']!]).toEqual([3, 1, 0, 3]);
  });

  it('are time steps as releases before took them', async () => {
    const { splits, notes } = await read(tables('front'), { padding: 'end' });
    expect([...splits.train!.lengths['audio']!]).toEqual([5, 5, 5]);
    expect([...inMemory(splits.train!.features['audio']!).data]).toEqual([...sequences(lengths.train, time, 'front')]);
    expect(notes).toBeUndefined();
  });
});

describe('numbers beyond a length that is given', () => {
  const wrong: More = (own) => ({ audio_lengths: own.map((length) => Math.max(1, length - 2)) });

  it('are an error that counts them, and names the first sample', async () => {
    await expect(read(tables('end', wrong))).rejects.toThrow(
      'features.pkl: modality "audio": 5 samples hold 18 numbers other than zero beyond their lengths (first in split "train", ' +
        'row 0 ("train 0")); correct the lengths, or leave them out; data.padding=end takes them for padding.',
    );
    const none = tables('end', (own) => ({ audio_lengths: own.map((length) => (length === 4 ? 2 : length)) }));
    await expect(read(none)).rejects.toThrow(
      '1 sample holds 4 numbers other than zero beyond their lengths (first in split "valid", row 1',
    );
  });

  it('are padding as releases before took them', async () => {
    const { splits } = await read(tables('end', wrong), { padding: 'end' });
    expect([...inMemory(splits.train!.features['audio']!).data.slice(0, 4)]).toEqual([1, 2, 0, 0]);
  });

  it('are an error where the lengths are those of another modality', async () => {
    const other = tables('end', (own) => ({
      ...given(own),
      face: floats([own.length, time, 2], sequences(own, time, 'end').fill(1)),
    }));
    await expect(read(other)).rejects.toThrow(
      'modality "face" has no lengths of its own and as many steps as "audio", but 4 samples hold',
    );
  });

  it('are none where they are missing, where a length is beyond the steps, or 0', async () => {
    const missing = tables('end', (own) => {
      const data = sequences(own, time, 'end');
      for (const [n, length] of own.entries()) data.fill(Number.NaN, (n * time + length) * 2, (n + 1) * time * 2);
      return {
        audio: floats([own.length, time, 2], data),
        audio_lengths: own.map((length) => (length === time ? 99 : length)),
      };
    });
    expect(held(await read(missing))).toEqual(held(await read(tables('end', given))));
    const absent = await read(tables('end', (own) => ({ audio_lengths: own.map(() => 0) })));
    expect([...absent.splits.train!.lengths['audio']!]).toEqual([0, 0, 0]);
  });
});

test('lists of which some are empty tell where the others are padded', async () => {
  const rows = (own: readonly number[], where: 'end' | 'front'): unknown[] =>
    own.map((length, n) => {
      if (n === 2) return [];
      const data = sequences([length], time, where);
      return Array.from({ length: time }, (_, t) => [...data.subarray(2 * t, 2 * t + 2)]);
    });
  const of = (where: 'end' | 'front'): Promise<Dataset> =>
    read(
      splitsIn(
        tables('end', (own) => ({ audio: rows(own, where) })),
        'features.pkl',
      ),
    );
  const moved = await of('front');
  expect([...moved.splits.train!.lengths['audio']!]).toEqual([2, 5, 0]);
  expect([...moved.splits.valid!.lengths['audio']!]).toEqual([1, 4]);
  expect(moved.modalities[0]!.moved).toBe(3);
});

test.each([
  [[3, 0, 1], [0, 0, 0], true],
  // A sample ends with zeros.
  [[3, 0, 1], [0, 1, 0], false],
  // All begin with equally many, such as differences from the first step.
  [[1, 1, 1], [0, 0, 0], false],
  // Fewer than half begin with some, such as words that are unknown.
  [[1, 0, 0, 0, 2], [0, 0, 0, 0, 0], false],
  [[0, 0], [0, 0], false],
  // Samples of nothing but zeros tell nothing.
  [[5, 3, 0], [5, 0, 0], true],
  [[5, 3, 3], [5, 0, 0], false],
])('%j steps of zeros in front and %j at the end: padding in front is %j', (front, end, expected) => {
  const zeros = { front: Int32Array.from(front), end: Int32Array.from(end) };
  expect(standsInFront([{ zeros, time: 5 }])).toBe(expected);
});
