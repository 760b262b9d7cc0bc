import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { inMemory } from '../data/features.ts';
import { synthetic } from '../data/datasets/synthetic.ts';
import { random } from '../data/random.ts';
import { affordable, probeModalities } from './probes.ts';

/** One step of `width` features, of which the first tells the label, on a scale of its own, or none does. */
function made({ width, task }: { readonly width: number; readonly task: Dataset['task'] }): Dataset {
  const source = random(7);
  const split = (count: number): NonNullable<Dataset['splits']['train']> => {
    const array = (size: number): { shape: number[]; data: Float32Array } => ({
      shape: [count, 1, size],
      data: Float32Array.from({ length: count * size }, () => 1000 + 50 * source.normal()),
    });
    const features = { telling: array(2), noise: array(width) };
    const once = new Int32Array(count).fill(1);
    const value = (n: number): number => (features.telling.data[2 * n]! - 1000) / 50;
    return {
      ids: Array.from({ length: count }, String),
      features,
      lengths: { telling: once, noise: once },
      labels: Float32Array.from({ length: count }, (_, n) =>
        task.kind === 'regression' ? value(n) : Number(value(n) > 0),
      ),
    };
  };
  return {
    name: 'made',
    task,
    metrics: task.kind,
    modalities: Object.entries({ telling: 2, noise: width }).map(([name, size]) => ({
      ...{ name, time: 1, width: size, lengthSource: { kind: 'single-step' }, cleaned: 0 },
    })),
    splits: { train: split(200), valid: split(80) },
  };
}

describe('probeModalities', () => {
  it('leaves samples without a label out', () => {
    const whole = made({ width: 3, task: { kind: 'regression', range: [-3, 3] } });
    const { labels } = whole.splits.valid!;
    const clean = probeModalities(whole)!;
    labels![5] = Number.NaN;
    const { modalities, constant } = probeModalities(whole)!;
    expect(modalities[0]!.scores['mae']).toBeCloseTo(clean.modalities[0]!.scores['mae']!, 2);
    expect(constant['mae']).toBeGreaterThan(0);
  });

  it('tells a modality that says everything from one that says nothing', () => {
    const found = probeModalities(made({ width: 3, task: { kind: 'regression', range: [-3, 3] } }))!;
    const [telling, noise] = found.modalities;
    expect(found.metric).toBe('mae');
    expect(telling).toMatchObject({ name: 'telling', fitted: 200 });
    expect(telling!.scores['mae']).toBeLessThan(0.01);
    expect(telling!.scores['corr']).toBeGreaterThan(0.99);
    expect(noise!.scores['mae']).toBeGreaterThan(0.9 * found.constant['mae']!);
  });

  it('leaves out numbers that are missing and samples that lack the modality', () => {
    const dataset = made({ width: 3, task: { kind: 'regression', range: [-3, 3] } });
    for (const { features, lengths } of Object.values(dataset.splits)) {
      const { data } = inMemory(features['telling']!);
      // A number that says nothing, and a tenth of the samples, for which 0 would be 20 deviations from the mean.
      for (let n = 0; n < lengths['telling']!.length; n += 2) data[2 * n + 1] = NaN;
      const own = lengths['telling']!;
      for (let n = 9; n < own.length; n += 10) own[n] = 0;
    }
    const { scores } = probeModalities(dataset)!.modalities[0]!;
    expect(scores['corr']).toBeGreaterThan(0.85);
  });

  it('does so for classes', () => {
    const found = probeModalities(made({ width: 3, task: { kind: 'classification', classes: ['low', 'high'] } }))!;
    expect(found.metric).toBe('waf1');
    expect(found.modalities[0]!.scores['waf1']).toBeGreaterThan(0.85);
    expect(found.constant['waf1']).toBeLessThan(0.6);
  });

  it('measures the sequences of a dataset that it leaves as it was', () => {
    const dataset = synthetic({ samples: { train: 60, valid: 30, test: 5 } });
    const before = inMemory(dataset.splits.train!.features['text']!).data.slice();
    const found = probeModalities(dataset)!;
    expect(found.modalities.map(({ name }) => name)).toEqual(dataset.modalities.map(({ name }) => name));
    expect(inMemory(dataset.splits.train!.features['text']!).data).toEqual(before);
  });

  it('needs labels to train and to choose by', () => {
    const { splits, ...rest } = made({ width: 1, task: { kind: 'regression', range: [-3, 3] } });
    expect(probeModalities({ ...rest, splits: { train: splits.train! } })).toBeUndefined();
    expect(probeModalities({ ...rest, splits: { test: splits.train! } })).toBeUndefined();
  });

  it('fits on fewer samples where all would take minutes, or much memory', () => {
    expect(affordable(16_326, 768)).toBe(5121);
    expect(affordable(16_326, 6373)).toBeLessThan(2000);
    expect(affordable(1284, 793)).toBe(1284);
    expect(affordable(1, 1e9)).toBe(1);
  });
});
