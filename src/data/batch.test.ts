import { describe, expect, it } from 'vitest';
import { createBatch, fillBatch } from './batch.ts';
import type { Samples } from './dataset.ts';

const samples: Samples = {
  ids: ['a', 'b', 'c'],
  features: { text: { shape: [3, 2, 1], data: Float32Array.of(1, 0, 2, 3, 4, 0) } },
  lengths: { text: Int32Array.of(1, 2, 1) },
  labels: Float32Array.of(-1, 0, 1),
};
const shape = [{ name: 'text', time: 2, width: 1 }];

describe('fillBatch', () => {
  it('copies rows in order, masks included, over what was there', () => {
    const batch = createBatch(shape, 2);
    fillBatch(batch, samples, Int32Array.of(1, 0));
    fillBatch(batch, samples, [2, 1]);
    expect(batch.modalities['text']!.features).toEqual(Float32Array.of(4, 0, 2, 3));
    expect(batch.modalities['text']!.mask).toEqual(Float32Array.of(1, 0, 1, 1));
    expect(batch.labels).toEqual(Float32Array.of(1, 0));
  });

  it('leaves one step of zeros of a modality that a sample lacks, whatever stands in its place', () => {
    const batch = createBatch(shape, 3);
    const features = { text: { shape: [3, 2, 1], data: Float32Array.of(1, 0, NaN, 1e30, 4, 0) } };
    fillBatch(batch, { ...samples, features, lengths: { text: Int32Array.of(1, 0, 2) } }, [1, 0, 2]);
    const { features: filled, mask, present } = batch.modalities['text']!;
    expect(filled).toEqual(Float32Array.of(0, 0, 1, 0, 4, 0));
    expect(mask).toEqual(Float32Array.of(1, 0, 1, 0, 1, 1));
    expect(present).toEqual(Float32Array.of(0, 1, 1));
    fillBatch(batch, samples, [1, 0, 2]);
    expect(batch.modalities['text']!.present).toEqual(Float32Array.of(1, 1, 1));
  });

  it('fills labels with 0 where there are none', () => {
    const { ids, features, lengths } = samples;
    const batch = createBatch(shape, 1);
    batch.labels.fill(7);
    fillBatch(batch, { ids, features, lengths }, [0]);
    expect(batch.labels).toEqual(Float32Array.of(0));
  });

  it('fills the labels of a modality alone where they are asked for', () => {
    const batch = createBatch([{ ...shape[0]!, labelled: true }], 2);
    fillBatch(batch, { ...samples, ownLabels: { text: Float32Array.of(5, 6, 7) } }, [2, 0]);
    expect(batch.modalities['text']!.labels).toEqual(Float32Array.of(7, 5));
    fillBatch(batch, samples, [2, 0]);
    expect(batch.modalities['text']!.labels).toEqual(Float32Array.of(0, 0));
    expect(createBatch(shape, 2).modalities['text']!.labels).toBeUndefined();
  });

  it('refuses what does not fit', () => {
    const batch = createBatch(shape, 2);
    expect(() => fillBatch(batch, samples, [0])).toThrow('A batch of 2 samples cannot hold 1 rows');
    expect(() => fillBatch(createBatch([{ name: 'face', time: 1, width: 1 }], 1), samples, [0])).toThrow(
      'no modality "face"',
    );
    expect(() => fillBatch(createBatch([{ name: 'text', time: 3, width: 1 }], 1), samples, [0])).toThrow(
      '[n,3,1] from [3,2,1]',
    );
    for (const size of [0, -1, 1.5, NaN])
      expect(() => createBatch(shape, size)).toThrow(`one or more samples, got ${size}.`);
    for (const row of [-1, 3, NaN])
      expect(() => fillBatch(batch, samples, [0, row])).toThrow(`Row ${row} is outside the 3 samples.`);
    expect(() => fillBatch(batch, samples, [3, 0])).toThrow('Row 3');
  });
});
