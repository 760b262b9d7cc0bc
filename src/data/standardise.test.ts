import { describe, expect, it } from 'vitest';
import type { Samples } from './dataset.ts';
import { inMemory } from './features.ts';
import { applyStandardisation, fitStandardisation, percentile } from './standardise.ts';

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
    expect(Object.keys(fitStandardisation(samples, { modalities: ['audio'] }))).toEqual(['audio']);
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
