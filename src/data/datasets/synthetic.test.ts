import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset.ts';
import { inMemory } from '../features.ts';
import { synthetic } from './synthetic.ts';

const few = { train: 40, valid: 10, test: 10 };

/** Of all numbers and names in a value, in their order. */
function hashOf(value: unknown, hash = createHash('sha256')): string {
  const add = (part: unknown): void => {
    if (part instanceof Float32Array || part instanceof Int32Array)
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    else if (typeof part === 'object' && part !== null)
      for (const [name, each] of Object.entries(part)) {
        hash.update(name);
        add(each);
      }
    else hash.update(String(part));
  };
  add(value);
  return hash.digest('hex');
}

describe('synthetic', () => {
  it.each([
    [{}, '47bd6c8ca6ea48fda86db3424425f5264442d7534c13e2e07656d4bdaa113e0a'],
    [{ task: 'classification' as const }, 'fea53fe9da60821c053ebf70629c985deaff6e0266cd2ab37d146b9c105e1348'],
    [{ modalities: 4, seed: 3, noise: 0.8 }, '3d4d86d5f36a9237a2f62c52d2c45d75d80fdc6a1a3a081e1cdd7395260d5c30'],
  ])('with %j is what it was before there were other options, to the bit', (options, hash) => {
    const { splits, factors } = synthetic(options);
    expect(hashOf({ splits, factors })).toBe(hash);
  });

  it('has as many samples to train on as are asked for, the first of those that more would be', () => {
    const { train, valid, test } = synthetic({ samples: 7 }).splits;
    const more = synthetic({ samples: 9 }).splits;
    expect([train, valid, test].map((each) => each!.ids.length)).toEqual([7, 240, 360]);
    expect(more.train!.labels!.slice(0, 7)).toEqual(train!.labels);
    expect(more.test).toEqual(test);
  });

  it('is made in under a second, the same for the same seed', () => {
    // CPU time, so that a busy machine does not fail it.
    const start = process.cpuUsage();
    synthetic();
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(1e6);
    const made = synthetic({ samples: few });
    expect(synthetic({ samples: few, seed: 0 })).toEqual(made);
    expect(synthetic({ samples: few, seed: 1 }).splits.test!.labels).not.toEqual(made.splits.test!.labels);
  });

  it('has modalities of different lengths, widths and scales, zero beyond the true length', () => {
    const { modalities, splits } = synthetic({ samples: few, modalities: 4 });
    expect(modalities.map(({ name, time, width }) => [name, time, width])).toEqual([
      ['text', 12, 24],
      ['audio', 20, 10],
      ['vision', 16, 16],
      ['modality4', 8, 12],
    ]);
    const { features, lengths } = splits.train!;
    expect(new Set(lengths['text']).size).toBeGreaterThan(3);
    const { data } = inMemory(features['text']!);
    for (const [n, length] of lengths['text']!.entries()) {
      expect(length).toBeGreaterThanOrEqual(6);
      const sample = data.subarray(n * 12 * 24, (n + 1) * 12 * 24);
      expect(sample.subarray(0, length * 24).every((x) => x !== 0)).toBe(true);
      expect(sample.subarray(length * 24).every((x) => x === 0)).toBe(true);
    }
  });

  it('has noise of the deviation asked for on every true step, and on no other', () => {
    const scales = { text: 1, audio: 40, vision: 0.2, modality4: 8 };
    const of = (noise?: number): Dataset =>
      synthetic({ samples: few, modalities: 4, ...(noise !== undefined && { noise }) });
    const [none, half, whole] = [0, 0.5, 1].map((noise) => of(noise).splits.train!);
    expect(of().splits.train).toEqual(half);
    for (const [name, scale] of Object.entries(scales)) {
      const [clean, some, all] = [none!, half!, whole!].map(({ features }) => inMemory(features[name]!).data);
      const added = Array.from(all!, (x, i) => (x - clean![i]!) / scale).filter((x) => x !== 0);
      const { shape } = none!.features[name]!;
      expect(added).toHaveLength(none!.lengths[name]!.reduce((sum, length) => sum + length * shape[2]!, 0));
      // Within four deviations of a mean of 0 and of a variance of 1.
      const mean = (power: number): number => added.reduce((sum, x) => sum + x ** power, 0) / added.length;
      expect(Math.abs(mean(1))).toBeLessThan(4 / Math.sqrt(added.length));
      expect(Math.abs(mean(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / added.length));
      const unequal = Array.from(some!, (x, i) => Math.abs(2 * (x - clean![i]!) - (all![i]! - clean![i]!)) / scale);
      expect(Math.max(...unequal)).toBeLessThan(1e-4);
    }
  });

  it('shows what is common in every step, and what is unique in a run of half of them', () => {
    const { features, lengths } = synthetic({ samples: few, noise: 0 }).splits.train!;
    const starts = new Set<number>();
    for (const [name, array] of Object.entries(features)) {
      const { shape, data } = inMemory(array);
      const [, time, width] = shape as [number, number, number];
      for (const [n, length] of lengths[name]!.entries()) {
        const rows = Array.from({ length }, (_, t) =>
          String(data.subarray((n * time + t) * width, (n * time + t + 1) * width)),
        );
        const kinds = new Set(rows);
        expect(kinds.size).toBe(2);
        const half = Math.ceil(length / 2);
        const runs = [...kinds].map((kind) => ({ start: rows.indexOf(kind), end: rows.lastIndexOf(kind) + 1 }));
        const run = runs.find(({ start, end }) => end - start === half)!;
        expect(new Set(rows.slice(run.start, run.end)).size).toBe(1);
        starts.add(run.start);
      }
    }
    expect(starts.size).toBeGreaterThan(5);
  });

  it('keeps its factors, of which the label is a non-linear, cross-modal function', () => {
    const { factors, splits } = synthetic();
    const { labels } = splits.train!;
    const column = (name: string, k: number): number[] => {
      const { data, shape } = factors!.train![name]!;
      return Array.from({ length: shape[0]! }, (_, n) => data[3 * n + k]!);
    };
    const correlation = (x: number[]): number => {
      const mean = (v: ArrayLike<number>): number => Array.from(v).reduce((sum, a) => sum + a, 0) / v.length;
      const [mx, my] = [mean(x), mean(labels!)];
      const dot = (a: number[], ma: number, b: ArrayLike<number>, mb: number): number =>
        a.reduce((sum, v, i) => sum + (v - ma) * (b[i]! - mb), 0);
      const y = Array.from(labels!);
      return dot(x, mx, labels!, my) / Math.sqrt(dot(x, mx, x, mx) * dot(y, my, y, my));
    };
    const [u, v] = [column('unique.text', 0), column('unique.audio', 0)];
    expect(correlation(column('common', 0))).toBeGreaterThan(0.2);
    expect(Math.abs(correlation(u))).toBeLessThan(0.1);
    expect(Math.abs(correlation(v))).toBeLessThan(0.1);
    expect(correlation(u.map((x, i) => x * v[i]!))).toBeGreaterThan(0.25);
    expect(labels!.every((y) => Math.abs(y) <= 3)).toBe(true);
  });

  it('has classes of similar size for classification, and needs two modalities', () => {
    const { task, splits } = synthetic({ task: 'classification' });
    expect(task).toEqual({ kind: 'classification', classes: ['negative', 'neutral', 'positive'] });
    for (const index of [0, 1, 2]) expect(splits.train!.labels!.filter((y) => y === index).length).toBeGreaterThan(300);
    expect(Object.keys(synthetic({ modalities: 2, samples: few }).splits.train!.features)).toEqual(['text', 'audio']);
    expect(() => synthetic({ modalities: 1 })).toThrow('two or more modalities, got 1');
  });

  /** R2 of the first common and the first own factor of text, read by least squares from its mean features. */
  const readFrom = (dataset: Dataset, modality: string, factor: string): number => {
    const { features, lengths } = dataset.splits.train!;
    const { shape, data } = inMemory(features[modality]!);
    const [n, time, width] = shape as [number, number, number];
    const pooled = Array.from({ length: n }, (_, i) => [
      ...Array.from({ length: width }, (_, d) => {
        const at = (t: number): number => data[(i * time + t) * width + d]!;
        return Array.from({ length: time }, (_, t) => at(t)).reduce((sum, x) => sum + x) / lengths[modality]![i]!;
      }),
      1,
    ]);
    const wanted = Array.from({ length: n }, (_, i) => dataset.factors!.train![factor]!.data[3 * i]!);
    const half = n / 2;
    const weights = leastSquares(pooled.slice(0, half), wanted.slice(0, half));
    const tested = wanted.slice(half);
    const mean = tested.reduce((sum, y) => sum + y) / tested.length;
    const squares = (of: (y: number, i: number) => number): number =>
      tested.reduce((sum, y, i) => sum + of(y, i) ** 2, 0);
    const predicted = (i: number): number => pooled[half + i]!.reduce((sum, x, d) => sum + x * weights[d]!, 0);
    return 1 - squares((y, i) => y - predicted(i)) / squares((y) => y - mean);
  };

  it('mixes so that a linear reader finds much less, where it is asked to', () => {
    const [linear, nonlinear] = (['linear', 'nonlinear'] as const).map((mixing) => synthetic({ mixing }));
    for (const factor of ['common', 'unique.text']) {
      expect(readFrom(linear!, 'text', factor)).toBeGreaterThan(0.9);
      expect(readFrom(nonlinear!, 'text', factor)).toBeLessThan(0.7);
    }
  });

  it('has an empty modality that tells nothing of factors, and leaves the others as they are', () => {
    const [full, empty] = [synthetic(), synthetic({ empty: 'audio' })];
    expect(readFrom(full, 'audio', 'common')).toBeGreaterThan(0.8);
    expect(readFrom(empty, 'audio', 'common')).toBeLessThan(0.02);
    expect(empty.splits.train!.features['text']).toEqual(full.splits.train!.features['text']);
    expect(Object.keys(empty.factors!.train!)).toEqual(['common', 'unique.text', 'unique.vision']);
    expect(() => synthetic({ empty: 'face' })).toThrow('no modality "face" to be empty; it has text, audio, vision.');
    expect(() => synthetic({ modalities: 2, empty: 'text' })).toThrow('two modalities that carry something');
  });

  it('correlates unique factors with common ones as far as is asked', () => {
    const { common, 'unique.text': text, 'unique.audio': audio } = synthetic({ correlation: 0.6 }).factors!.train!;
    const product = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, x, i) => sum + x * b[i]!, 0) / a.length;
    expect(Math.abs(product(text!.data, common!.data) - 0.6)).toBeLessThan(0.05);
    expect(Math.abs(product(text!.data, audio!.data) - 0.36)).toBeLessThan(0.05);
    expect(Math.abs(product(text!.data, text!.data) - 1)).toBeLessThan(0.1);
    expect(() => synthetic({ correlation: 1 })).toThrow('0 to 1, 1 excluded, got 1');
  });

  it('makes labels of common factors alone, or of unique ones alone', () => {
    const correlation = (labels: 'common' | 'unique', factor: string, k: number): number => {
      const { factors, splits } = synthetic({ labels });
      const y = splits.train!.labels!;
      const x = y.map((_, n) => factors!.train![factor]!.data[3 * n + k]!);
      const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    expect(correlation('common', 'common', 1)).toBeGreaterThan(0.35);
    expect(correlation('unique', 'unique.text', 1)).toBeGreaterThan(0.25);
    expect(Math.abs(correlation('common', 'unique.text', 1))).toBeLessThan(0.1);
    expect(Math.abs(correlation('unique', 'common', 1))).toBeLessThan(0.1);
    // What the label is of decides it alone: other unique factors leave labels of common ones as they are.
    const label = (correlated: number): Float32Array =>
      synthetic({ labels: 'common', correlation: correlated }).splits.train!.labels!;
    expect(label(0.5)).toEqual(label(0));
  });
});

/** The weights of least squares, by the normal equations with a trace of ridge. */
function leastSquares(rows: readonly (readonly number[])[], wanted: readonly number[]): number[] {
  const width = rows[0]!.length;
  const system = Array.from({ length: width }, (_, a) => [
    ...Array.from({ length: width }, (_, b) => rows.reduce((sum, row) => sum + row[a]! * row[b]!, a === b ? 1e-6 : 0)),
    rows.reduce((sum, row, i) => sum + row[a]! * wanted[i]!, 0),
  ]);
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) {
      if (a === b) continue;
      const factor = system[b]![a]! / system[a]![a]!;
      for (let k = a; k <= width; k++) system[b]![k]! -= factor * system[a]![k]!;
    }
  return system.map((row, a) => row[width]! / row[a]!);
}
