import { describe, expect, it } from 'vitest';
import type { Samples } from './dataset.ts';
import { inMemory, isInMemory } from './features.ts';
import {
  applyStandardisation,
  fitStandardisation,
  percentile,
  type Standardisation,
  standardisedWidth,
} from './standardise.ts';

/** Two samples of at most three steps, two features; the third step of the first sample is padding. */
const samples: Samples = {
  ids: ['a', 'b'],
  features: {
    audio: { shape: [2, 3, 2], data: Float32Array.of(1, 5, 3, 5, 0, 0, 5, 5, 7, 5, 9, 5) },
    text: { shape: [2, 1, 1], data: Float32Array.of(2, 4) },
  },
  lengths: { audio: Int32Array.of(2, 3), text: Int32Array.of(1, 1) },
  labels: Float32Array.of(0, 1),
};

describe('standardisation', () => {
  it('uses true steps only and leaves padding zero', () => {
    const statistics = fitStandardisation(samples);
    expect(statistics['audio']!.mean).toEqual(Float32Array.of(5, 5));
    expect(statistics['audio']!.scale[0]).toBeCloseTo(1 / Math.sqrt(8), 6);
    const { data } = inMemory(applyStandardisation(samples, statistics).features['audio']!);
    const r = Math.SQRT2;
    [-r, 0, -r / 2, 0, 0, 0, 0, 0, r / 2, 0, r, 0].forEach((value, i) => expect(data[i]).toBeCloseTo(value, 6));
    expect(inMemory(samples.features['audio']!).data[0]).toBe(1);
  });

  it('turns constant features into 0, in data where they are not constant too', () => {
    const other: Samples = {
      ...samples,
      features: { ...samples.features, audio: { shape: [2, 3, 2], data: new Float32Array(12).fill(1e30) } },
    };
    const { data } = inMemory(applyStandardisation(other, fitStandardisation(samples)).features['audio']!);
    expect(data[1]).toBe(0);
  });

  it('standardises the modalities it is asked for', () => {
    const some = applyStandardisation(samples, fitStandardisation(samples, { modalities: ['audio'] }));
    expect(some.features['text']).toBe(samples.features['text']);
    expect(some.features['audio']).not.toEqual(samples.features['audio']);
    const none = applyStandardisation(samples, fitStandardisation(samples, { modalities: 'none' }));
    expect(none.features).toEqual(samples.features);
    expect(() => fitStandardisation(samples, { modalities: ['face'] })).toThrow(
      'Cannot standardise modality "face": the data has audio, text.',
    );
  });

  it('clips to percentiles first, as numpy.percentile has them', () => {
    expect([0, 10, 50, 99.5, 100].map((p) => percentile(Float32Array.of(1, 3, 5, 7, 9), p))).toEqual(
      [1, 1.8, 5, 8.96, 9].map((x) => expect.closeTo(x, 6) as number),
    );
    expect([percentile(Float32Array.of(4), 25), percentile(new Float32Array(), 25)]).toEqual([4, 0]);
    const { low, high, mean } = fitStandardisation(samples, { clipPercentiles: [25, 75] })['audio']!;
    expect([low![0], high![0], mean[0]]).toEqual([3, 7, 5]);
    const all = fitStandardisation(samples, { clipPercentiles: [0, 100] })['audio']!;
    expect([all.low![0], all.high![0]]).toEqual([1, 9]);
    expect(() => fitStandardisation(samples, { clipPercentiles: [50, 50] })).toThrow('0 <= low < high <= 100');
  });

  it('takes percentiles of each feature in whatever order its values come', () => {
    const unordered: Samples = {
      ids: ['a'],
      features: { audio: { shape: [1, 5, 2], data: Float32Array.of(9, 20, 1, 60, 7, 40, 3, 100, 5, 80) } },
      lengths: { audio: Int32Array.of(5) },
    };
    const { low, high } = fitStandardisation(unordered, { clipPercentiles: [25, 75] })['audio']!;
    expect([low, high]).toEqual([Float32Array.of(3, 40), Float32Array.of(7, 80)]);
  });

  it('refuses data of another width', () => {
    const statistics = { audio: { mean: new Float32Array(3), scale: new Float32Array(3) } };
    expect(() => applyStandardisation(samples, statistics)).toThrow('"audio" is 2 wide, and its statistics are for 3');
  });
});

/** One modality of single steps, `[N, D]` row by row. */
const rowsOf = (...rows: readonly (readonly number[])[]): Samples => ({
  ids: rows.map((_, n) => String(n)),
  features: { audio: { shape: [rows.length, 1, rows[0]!.length], data: Float32Array.from(rows.flat()) } },
  lengths: { audio: new Int32Array(rows.length).fill(1) },
});
const dataOf = (given: Samples, statistics: Standardisation): number[] => [
  ...inMemory(applyStandardisation(given, statistics).features['audio']!).data,
];

describe('a missing number', () => {
  const training = rowsOf([NaN, 5], [200, 7], [204, Infinity], [-Infinity, 9]);

  it('counts for no statistic, and becomes the training mean', () => {
    const statistics = fitStandardisation(training);
    expect([...statistics['audio']!.mean]).toEqual([202, 7]);
    expect([...statistics['audio']!.scale]).toEqual([0.5, Math.fround(1 / Math.sqrt(8 / 3))]);
    const found = dataOf(training, statistics);
    expect([0, 5, 6].map((i) => found[i])).toEqual([0, 0, 0]);
    expect([found[2], found[4]]).toEqual([-1, 1]);
    // As if the mean itself stood there.
    const filled = rowsOf([202, 5], [200, 7], [204, 7], [202, 9]);
    expect(found).toEqual(dataOf(filled, statistics));
  });

  it('becomes the training mean where a modality is not scaled, too', () => {
    const statistics = fitStandardisation(training, { modalities: 'none' });
    expect(dataOf(training, statistics)).toEqual([202, 5, 200, 7, 204, 7, 202, 9]);
  });

  it('is 0 where nothing is known of training', () => {
    expect(dataOf(training, {})).toEqual([0, 5, 200, 7, 204, 0, 0, 9]);
    const before = { audio: { mean: Float32Array.of(202, 7), scale: Float32Array.of(1, 1) } };
    expect(dataOf(training, before)).toEqual([-202, -2, -2, 0, 2, -7, -202, 2]);
  });

  it('counts for no percentile', () => {
    const { low, high } = fitStandardisation(training, { clipPercentiles: [0, 50] })['audio']!;
    expect([...low!, ...high!]).toEqual([200, 5, 202, 7]);
  });

  it('has an indicator where training misses numbers of the feature', () => {
    const statistics = fitStandardisation(rowsOf([1, NaN], [3, 4]), { missing: 'indicator' });
    expect([...statistics['audio']!.indicated!]).toEqual([1]);
    expect(standardisedWidth(2, statistics['audio'])).toBe(3);
    expect(dataOf(rowsOf([1, NaN], [NaN, 4]), statistics)).toEqual([-1, 0, 1, 0, 0, 0]);
    const sound = fitStandardisation(rowsOf([1, 2], [3, 4]), { missing: 'indicator' });
    expect(sound).toEqual(fitStandardisation(rowsOf([1, 2], [3, 4])));
  });

  it('has an indicator as well where features are read into memory that was used before', () => {
    const held = rowsOf([1, NaN], [3, 4]);
    const statistics = fitStandardisation(held, { missing: 'indicator' });
    const { data } = inMemory(held.features['audio']!);
    const stored = {
      shape: [2, 1, 2],
      read: (into: Float32Array, from: number): void => into.set(data.subarray(2 * from, 2 * from + into.length)),
    };
    const lengths = { audio: Int32Array.of(1, 0) };
    const found = applyStandardisation({ ...held, features: { audio: stored }, lengths }, statistics).features[
      'audio'
    ]!;
    const into = new Float32Array(6).fill(7);
    if (isInMemory(found)) throw new Error('The features are not to be in memory.');
    found.read(into, 0);
    expect([...into]).toEqual([...inMemory(found).data]);
    expect([...into.subarray(3)]).toEqual([0, 0, 0]);
  });

  it('is looked for in true steps of samples that have the modality', () => {
    const absent = { ...training, lengths: { audio: Int32Array.of(0, 1, 1, 0) } };
    const statistics = fitStandardisation(absent, { missing: 'indicator' });
    expect([...statistics['audio']!.mean]).toEqual([202, 7]);
    expect([...statistics['audio']!.indicated!]).toEqual([1]);
    expect(dataOf(absent, statistics)).toEqual([0, 0, 0, -1, 0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it('is all that a column holds: it becomes 0', () => {
    const statistics = fitStandardisation(rowsOf([NaN, 1], [NaN, 2]));
    expect(dataOf(rowsOf([NaN, 1], [7, 2]), statistics)).toEqual([0, -1, 0, 1]);
  });
});

describe('the floor of a deviation is relative to the column', () => {
  const scaleOf = (...column: readonly number[]): number =>
    fitStandardisation(rowsOf(...column.map((x) => [x])))['audio']!.scale[0]!;

  it.each([1e-30, 1e-20, 1e-7, 1, 1e7, 1e30])('columns of size %f vary', (size) => {
    const statistics = fitStandardisation(rowsOf([size], [3 * size], [2 * size]));
    const found = dataOf(rowsOf([size], [3 * size], [2 * size]), statistics);
    [-Math.sqrt(1.5), Math.sqrt(1.5), 0].forEach((x, i) => expect(found[i]).toBeCloseTo(x, 4));
  });

  it.each([1e-30, 1e-7, 1, 200, 1e6, 1e30])('a column of %f up to its last place is constant', (size) => {
    const next = Math.fround(Math.fround(size) * (1 + 2 ** -23));
    expect(scaleOf(size, next, size, size)).toBe(0);
    expect(scaleOf(size, size, size)).toBe(0);
    expect(scaleOf(-size, -next, -size)).toBe(0);
  });

  it('what varies by 1 about 1e6 is no constant', () => {
    expect(scaleOf(1e6, 1e6 + 2)).toBeCloseTo(1, 5);
    expect(scaleOf(-1e6, -1e6 + 2)).toBeCloseTo(1, 5);
  });

  it('one sample, zeros and numbers too small for a reciprocal are constant', () => {
    expect([scaleOf(3), scaleOf(0, 0), scaleOf(0, 1e-40), scaleOf(NaN, NaN)]).toEqual([0, 0, 0, 0]);
  });
});
