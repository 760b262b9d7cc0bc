import { describe, expect, it } from 'vitest';
import { inMemory } from '../features.ts';
import { synthetic } from './synthetic.ts';

const few = { train: 40, valid: 10, test: 10 };

describe('synthetic', () => {
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
});
