import { describe, expect, it } from 'vitest';
import type { Dataset, Samples } from '../dataset.ts';
import { random } from '../random.ts';
import { identicalSamples, sharedGroups } from './leakage.ts';

const modalities: Dataset['modalities'] = ['a', 'b'].map((name) => ({
  name,
  time: 2,
  width: 1,
  lengthSource: { kind: 'given' },
  cleaned: 0,
}));

/** A sample per `[a, a, b, b]`, two steps of one feature in each of two modalities. */
const samples = (ids: string[], rows: number[][], lengths = ids.map(() => 2)): Samples => ({
  ids,
  features: Object.fromEntries(
    ['a', 'b'].map((name, m) => [
      name,
      { shape: [ids.length, 2, 1], data: Float32Array.from(rows.flatMap((row) => row.slice(2 * m, 2 * m + 2))) },
    ]),
  ),
  lengths: { a: Int32Array.from(lengths), b: new Int32Array(ids.length).fill(2) },
});

describe('identicalSamples', () => {
  it('are found within a split and between splits, under any id', () => {
    const train = samples(
      ['one', 'two', 'copy'],
      [
        [1, 2, 3, 4],
        [1, 2, 3, 5],
        [1, 2, 3, 4],
      ],
    );
    const test = samples(
      ['again', 'new'],
      [
        [1, 2, 3, 4],
        [2, 1, 3, 4],
      ],
    );
    expect(identicalSamples({ splits: { train, test }, modalities })).toEqual([
      [
        { split: 'train', row: 0, id: 'one' },
        { split: 'train', row: 2, id: 'copy' },
        { split: 'test', row: 0, id: 'again' },
      ],
    ]);
  });

  it('are told apart by 64 bits, also where long samples differ in their beginnings alone', () => {
    // By 32 bits, some four of so many would seem to be copies.
    const [count, time, start] = [200_000, 40, 8];
    const source = random(1, 'beginnings');
    const data = new Float32Array(count * time).fill(1);
    for (let n = 0; n < count; n++) for (let t = 0; t < start; t++) data[n * time + t] = source.uniform();
    const long: Samples = {
      ids: Array.from({ length: count }, (_, n) => String(n)),
      features: { a: { shape: [count, time, 1], data } },
      lengths: { a: new Int32Array(count).fill(time) },
    };
    const found = identicalSamples({ splits: { train: long }, modalities: [{ ...modalities[0]!, time }] });
    expect(found).toEqual([]);
  });

  it('differ by their length alone, and in one modality', () => {
    const train = samples(
      ['long', 'short', 'other'],
      [
        [1, 0, 3, 4],
        [1, 0, 3, 4],
        [1, 0, 3, -4],
      ],
      [2, 1, 2],
    );
    expect(identicalSamples({ splits: { train }, modalities })).toEqual([]);
  });

  it('are not mistaken among many samples that are alike but for one number', () => {
    const count = 20_000;
    const ids = Array.from({ length: count }, (_, n) => String(n));
    // Small whole numbers as float32 differ in their high bits alone.
    const train = samples(
      ids,
      ids.map((_, n) => [n, 0, -n, 0]),
    );
    expect(identicalSamples({ splits: { train }, modalities })).toEqual([]);
  });
});

describe('sharedGroups', () => {
  const named = (ids: string[], groups?: string[]): Samples => ({
    ...samples(
      ids,
      ids.map(() => [0, 0, 0, 0]),
    ),
    ...(groups && { groups }),
  });

  it('are told by a column, or by ids of video and clip', () => {
    const byColumn = { train: named(['1', '2'], ['x', 'y']), valid: named(['3'], ['z']), test: named(['4'], ['y']) };
    expect(sharedGroups({ splits: byColumn })).toEqual([{ group: 'y', splits: ['train', 'test'] }]);
    const byIds = { train: named(['v$_$1', 'w$_$1']), test: named(['v$_$2', 'v$_$3']) };
    expect(sharedGroups({ splits: byIds })).toEqual([{ group: 'v', splits: ['train', 'test'] }]);
  });

  it('are not known where nothing tells them', () => {
    expect(sharedGroups({ splits: { train: named(['a$_$1', 'b']) } })).toBeUndefined();
  });
});
