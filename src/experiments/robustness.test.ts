import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { loadDataset } from '../data/datasets/load.ts';
import { synthetic } from '../data/datasets/synthetic.ts';
import { isInMemory, type FeatureArray } from '../data/features.ts';
import { pack } from '../data/packed/pack.ts';
import { fit } from '../runs/fit.ts';
import { robustness, type Imperfection } from './robustness.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-robustness-'));
afterAll(() => rmSync(folder, { recursive: true }));

const imperfections: readonly Imperfection[] = [
  { kind: 'drop', modalities: ['text'], rates: [0, 0.5, 1] },
  { kind: 'noise', modalities: ['text', 'audio'], rates: [0.5, 2] },
];

/** The dataset, with a note of how many samples are read from its files at once. */
function watched(dataset: Dataset, note: (samples: number) => void): Dataset {
  const watchedFeatures = (features: FeatureArray): FeatureArray => {
    if (isInMemory(features)) throw new Error('These features are in memory.');
    const [, time, width] = features.shape as readonly [number, number, number];
    return {
      ...features,
      read: (into, from) => {
        note(into.length / (time * width));
        features.read(into, from);
      },
    };
  };
  const splits = Object.entries(dataset.splits).map(([split, samples]) => [
    split,
    {
      ...samples,
      features: Object.fromEntries(
        Object.entries(samples.features).map(([name, features]) => [name, watchedFeatures(features)]),
      ),
    },
  ]);
  return { ...dataset, splits: Object.fromEntries(splits) as Dataset['splits'] };
}

test('of a packed dataset the curves are the same, and never more than a sample of it is read at once', async () => {
  const dataset = synthetic({ samples: { train: 40, valid: 20, test: 50 }, modalities: 2 });
  const { model } = await fit(dataset, {
    config: {
      model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity', 'homogeneity'] },
      train: { epochs: 1, threads: 1 },
    },
    out: path.join(folder, 'run'),
  });
  await pack(dataset, path.join(folder, 'packed'), { writtenBy: 'decalign 0.0.0' });
  const packed = await loadDataset(path.join(folder, 'packed'));
  const reads: number[] = [];
  const use = { threads: 1 };
  try {
    const curves = await robustness(
      model,
      watched(packed, (samples) => reads.push(samples)),
      imperfections,
      use,
    );
    expect(curves).toEqual(await robustness(model, dataset, imperfections, use));
    expect(curves[1]!.points[1]!.metrics).not.toEqual(curves[0]!.points[0]!.metrics);
  } finally {
    await packed.close!();
  }
  // Five points, and of each sample both modalities, but for those that it lacks.
  expect(reads.length).toBeLessThan(5 * 50 * 2);
  expect(reads.length).toBeGreaterThan(4 * 50 * 2);
  expect(Math.max(...reads)).toBe(1);
});
