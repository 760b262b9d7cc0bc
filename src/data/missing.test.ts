import { expect, test } from 'vitest';
import { createBatch, fillBatch } from './batch.ts';
import type { Samples } from './dataset.ts';
import { dropFromBatch, withNoise, withoutModalities } from './missing.ts';

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
const missing = ({ features }: Samples, name: string): boolean[] => {
  const { data, shape } = features[name]!;
  return Array.from({ length: count }, (_, n) => data[n * shape[1]!] === 0);
};
const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;

test('a share of the samples misses a modality, and more of the same ones at a higher rate', () => {
  const some = withoutModalities(samples, ['text'], { rate: 0.3, seed: 1 });
  const more = withoutModalities(samples, ['text'], { rate: 0.6, seed: 1 });
  expect(share(missing(some, 'text'))).toBeCloseTo(0.3, 1);
  expect(share(missing(more, 'text'))).toBeCloseTo(0.6, 1);
  const also = missing(more, 'text');
  expect(missing(some, 'text').every((gone, n) => !gone || also[n]!)).toBe(true);
  expect(share(missing(some, 'audio'))).toBe(0);
  // One step of zeros: a sample always keeps one.
  const first = missing(some, 'text').indexOf(true);
  expect(some.lengths['text']![first]).toBe(1);
  expect(some.features['text']!.data.slice(3 * first, 3 * first + 3)).toEqual(new Float32Array(3));
  expect(share(missing(withoutModalities(samples, ['text'], { rate: 1, seed: 1 }), 'text'))).toBe(1);
  expect(withoutModalities(samples, ['text'], { rate: 0, seed: 1 })).toEqual(samples);
  expect(share(missing(samples, 'text'))).toBe(0);
});

test('noise has the deviation asked for, on true steps alone', () => {
  const { features } = withNoise(samples, ['text'], { deviation: 0.5, seed: 3 });
  const added = Array.from(features['text']!.data, (x) => x - 1);
  const inside = added.filter((_, i) => i % 3 < 2);
  expect(Math.sqrt(inside.reduce((sum, x) => sum + x * x, 0) / inside.length)).toBeCloseTo(0.5, 1);
  expect(added.filter((x, i) => i % 3 === 2 && x !== 0)).toEqual([]);
  expect(features['audio']).toBe(samples.features['audio']);
  const twice = withNoise(samples, ['text'], { deviation: 1, seed: 3 }).features['text']!.data;
  expect((twice[0]! - 1) / added[0]!).toBeCloseTo(2, 4);
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
