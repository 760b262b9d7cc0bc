import { expect, test } from 'vitest';
import { createBatch, fillBatch } from './batch.ts';
import type { Samples } from './dataset.ts';
import { copySamples, inMemory, isInMemory, type StoredFeatures } from './features.ts';
import { dropFromBatch, withNoise, withoutModalities } from './missing.ts';
import { random } from './random.ts';

const count = 2000;
const ones = (time: number): Samples['features'][string] => ({
  shape: [count, time, 1],
  data: new Float32Array(count * time).fill(1),
});
const samples: Samples = {
  ids: Array.from({ length: count }, (_, n) => String(n)),
  features: { text: ones(3), audio: ones(1) },
  lengths: { text: new Int32Array(count).fill(2), audio: new Int32Array(count).fill(1) },
};
const missing = ({ lengths }: Samples, name: string): boolean[] => Array.from(lengths[name]!, (length) => length === 0);
const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;

test('a share of the samples misses a modality, and more of the same ones at a higher rate', () => {
  const some = withoutModalities(samples, ['text'], { rate: 0.3, seed: 1 });
  const more = withoutModalities(samples, ['text'], { rate: 0.6, seed: 1 });
  expect(share(missing(some, 'text'))).toBeCloseTo(0.3, 1);
  expect(share(missing(more, 'text'))).toBeCloseTo(0.6, 1);
  const also = missing(more, 'text');
  expect(missing(some, 'text').every((gone, n) => !gone || also[n]!)).toBe(true);
  expect(share(missing(some, 'audio'))).toBe(0);
  expect(some.features).toEqual(samples.features);
  expect(share(missing(withoutModalities(samples, ['text'], { rate: 1, seed: 1 }), 'text'))).toBe(1);
  expect(withoutModalities(samples, ['text'], { rate: 0, seed: 1 })).toEqual(samples);
  expect(share(missing(samples, 'text'))).toBe(0);
});

test('noise has the deviation asked for, on true steps alone', () => {
  const { features } = withNoise(samples, ['text'], { deviation: 0.5, seed: 3 });
  const added = Array.from(inMemory(features['text']!).data, (x) => x - 1);
  const inside = added.filter((_, i) => i % 3 < 2);
  expect(Math.sqrt(inside.reduce((sum, x) => sum + x * x, 0) / inside.length)).toBeCloseTo(0.5, 1);
  expect(added.filter((x, i) => i % 3 === 2 && x !== 0)).toEqual([]);
  expect(features['audio']).toBe(samples.features['audio']);
  // One stream of draws, sample after sample.
  const stream = random(3, 'noise', 'text');
  const drawn = Float32Array.from({ length: count * 3 }, (_, i) => (i % 3 < 2 ? 1 + 0.5 * stream.normal() : 1));
  expect(inMemory(features['text']!).data).toEqual(drawn);
  const twice = inMemory(withNoise(samples, ['text'], { deviation: 1, seed: 3 }).features['text']!).data;
  expect((twice[0]! - 1) / added[0]!).toBeCloseTo(2, 4);
});

test('stored samples miss and gain the same, bit for bit, in whatever order they are read', () => {
  const [n, time, width] = [501, 4, 3];
  const size = time * width;
  const lengths = { text: Int32Array.from({ length: n }, (_, i) => 1 + ((i * 7) % time)) };
  const data = Float32Array.from({ length: n * size }, (_, i) =>
    Math.floor(i / width) % time < lengths.text[Math.floor(i / size)]! ? Math.sin(i) : 0,
  );
  const held: Samples = {
    ids: samples.ids.slice(0, n),
    features: { text: { shape: [n, time, width], data } },
    lengths,
  };
  let largest = 0;
  const text: StoredFeatures = {
    shape: [n, time, width],
    read: (into, from) => {
      largest = Math.max(largest, into.length / size);
      into.set(data.subarray(from * size, from * size + into.length));
    },
  };
  const stored: Samples = { ...held, features: { text } };
  const worse = [
    (one: Samples) => withNoise(one, ['text'], { deviation: 0.7, seed: 5 }),
    (one: Samples) =>
      withNoise(withoutModalities(one, ['text'], { rate: 0.4, seed: 5 }), ['text'], { deviation: 2, seed: 5 }),
  ];
  for (const make of worse) {
    const [whole, parts] = [make(held), make(stored)];
    expect(parts.lengths).toEqual(whole.lengths);
    const expected = inMemory(whole.features['text']!).data;
    expect(expected).not.toEqual(data);
    const found = new Float32Array(n * size);
    largest = 0;
    for (const [from, count] of [
      [400, 101],
      [0, 1],
      [1, 99],
      [250, 150],
      [100, 150],
    ] as const)
      copySamples(parts.features['text']!, from, found.subarray(from * size, (from + count) * size));
    expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(expected.buffer))).toBe(0);
    expect([isInMemory(parts.features['text']!), largest]).toEqual([false, 150]);
  }
});

test('a batch drops nothing that a sample lacks already, and leaves it one of those it has', () => {
  const shapes = ['text', 'audio'].map((name) => ({ name, time: samples.features[name]!.shape[1]!, width: 1 }));
  const batch = createBatch(shapes, count);
  const lacking: Samples = { ...samples, lengths: { ...samples.lengths, text: new Int32Array(count) } };
  fillBatch(
    batch,
    lacking,
    Int32Array.from({ length: count }, (_, n) => n),
  );
  dropFromBatch(batch, 0.9, 7, 1);
  expect(batch.modalities['audio']!.features.every((x) => x === 1)).toBe(true);
  expect(batch.modalities['text']!.features.every((x) => x === 0)).toBe(true);
  // Dropout is no fact about the data: who has a modality goes on having it.
  fillBatch(
    batch,
    samples,
    Int32Array.from({ length: count }, (_, n) => n),
  );
  dropFromBatch(batch, 0.5, 7, 1);
  expect(Object.values(batch.modalities).every(({ present }) => present.every((p) => p === 1))).toBe(true);
});

test('training loses modalities by chance, never all of a sample, and the same ones in the same step', () => {
  const shapes = ['text', 'audio'].map((name) => ({ name, time: samples.features[name]!.shape[1]!, width: 1 }));
  const rows = Int32Array.from({ length: count }, (_, n) => n);
  const drop = (step: number): Record<string, boolean[]> => {
    const batch = createBatch(shapes, count);
    fillBatch(batch, samples, rows);
    dropFromBatch(batch, 0.5, 7, step);
    for (const { mask, time } of Object.values(batch.modalities))
      for (let n = 0; n < count; n++) expect(mask[n * time]).toBe(1);
    return Object.fromEntries(
      Object.entries(batch.modalities).map(([name, { features, time }]) => [
        name,
        Array.from({ length: count }, (_, n) => features[n * time] === 0),
      ]),
    );
  };
  const [first, again, other] = [drop(4), drop(4), drop(5)];
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  // Half of them; of those that would lose both, each keeps one at random: 1/2 − 1/8.
  expect(share(first['text']!)).toBeCloseTo(0.375, 1);
  expect(share(first['audio']!)).toBeCloseTo(0.375, 1);
  expect(first['text']!.some((gone, n) => gone && first['audio']![n])).toBe(false);
  expect(() => dropFromBatch(createBatch(shapes, 1), 1, 7, 1)).toThrow('[0, 1), got 1');
});
