import { expect, test } from 'vitest';
import { createBatch, fillBatch } from './batch.ts';
import type { Samples } from './dataset.ts';
import { concatSamples, pickSamples } from './samples.ts';
import { applyStandardisation, fitStandardisation } from './standardise.ts';
import { blocksOf, inMemory, isInMemory, type StoredFeatures, withTime } from './features.ts';

/** Many rows of two steps, so that they come in several blocks; and the same rows as if they were in a file. */
const [count, time, width] = [3_001, 2, 300] as const;
const size = time * width;
const lengths = { text: Int32Array.from({ length: count }, (_, n) => 1 + (n % 2)) };
const data = Float32Array.from({ length: count * size }, (_, i) =>
  Math.floor(i / width) % time < lengths.text[Math.floor(i / size)]! ? Math.sin(i) * (1 + (i % 7)) : 0,
);
const held: Samples = {
  ids: Array.from({ length: count }, (_, n) => `s${n}`),
  features: { text: { shape: [count, time, width], data } },
  lengths,
  labels: new Float32Array(count),
};
let reads = 0;
const text: StoredFeatures = {
  shape: [count, time, width],
  read: (into, from) => {
    reads += 1;
    into.set(data.subarray(from * size, from * size + into.length));
  },
};
const stored: Samples = { ...held, features: { text } };

const same = (a: Samples, b: Samples): void =>
  expect(Buffer.compare(bytes(inMemory(a.features['text']!).data), bytes(inMemory(b.features['text']!).data))).toBe(0);
const bytes = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test('blocks go through all samples once, in order', () => {
  let next = 0;
  for (const block of blocksOf(text)) {
    expect(block.from).toBe(next);
    expect(Buffer.compare(bytes(block.data), bytes(data.subarray(next * size, (next + block.count) * size)))).toBe(0);
    next += block.count;
  }
  expect(next).toBe(count);
  expect(reads).toBeGreaterThan(1);
  expect([...blocksOf(held.features['text']!)]).toHaveLength(1);
});

test('standardising them is what it is in memory, and reads nothing before it is asked for', () => {
  for (const options of [{}, { clipPercentiles: [10, 90] as const }]) {
    const statistics = fitStandardisation(held, options);
    expect(fitStandardisation(stored, options)).toEqual(statistics);
    reads = 0;
    const scaled = applyStandardisation(stored, statistics);
    expect(reads).toBe(0);
    same(scaled, applyStandardisation(held, statistics));
  }
});

test('chosen, joined and padded samples are what they are in memory', () => {
  const rows = [3_000, 0, 7, 7];
  same(pickSamples(stored, rows), pickSamples(held, rows));
  const joined = concatSamples([pickSamples(stored, rows), held, stored]);
  same(joined, concatSamples([pickSamples(held, rows), held, held]));
  expect([...blocksOf(joined.features['text']!)].reduce((sum, block) => sum + block.count, 0)).toBe(4 + 2 * count);
  for (const steps of [1, 3]) {
    const padded = withTime(text, steps);
    expect([isInMemory(padded), padded.shape]).toEqual([false, [count, steps, width]]);
    expect(
      Buffer.compare(bytes(inMemory(padded).data), bytes(withTime(inMemory(held.features['text']!), steps).data)),
    ).toBe(0);
  }
});

test('a batch is filled from where they are', () => {
  const [from, beside] = [stored, held].map((samples) => {
    const batch = createBatch([{ name: 'text', time, width }], 3);
    fillBatch(batch, samples, [5, 3_000, 5]);
    return batch;
  });
  expect(from).toEqual(beside);
});
