import { expect, test } from 'vitest';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { fitStandardisation } from '../data/standardise.ts';
import { testValues } from '../runtime/testing.ts';
import { openAuthorsModel } from './authors-model.ts';
import { onDataset } from './authors-on-dataset.ts';

const path = (name: string): string => new URL(`../../test/fixtures/decalign/${name}`, import.meta.url).pathname;
const published = openAuthorsModel(path('regression.pth'), path('regression.config.json'));
const widths = { text: 24, audio: 5, vision: 20 };

function samples(split: Split, count: number, seed: number): Samples {
  const byName = <T>(value: (width: number, m: number) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(widths).map(([name, width], m) => [name, value(width, m)]));
  return {
    ids: Array.from({ length: count }, (_, n) => `${split} ${n}`),
    features: byName((width, m) => ({
      shape: [count, 1, width],
      data: Float32Array.from(testValues(count * width, seed + m)),
    })),
    lengths: byName(() => new Int32Array(count).fill(1)),
    labels: Float32Array.from(testValues(count, seed + 7)),
  };
}

const train = samples('train', 12, 1);
const dataset: Dataset = {
  ...{ name: 'made', metrics: 'regression', task: { kind: 'regression', range: [-3, 3] } },
  modalities: Object.entries(widths).map(([name, width]) => ({
    ...{ name, width, time: 1, lengthSource: { kind: 'single-step' }, cleaned: 0 },
  })),
  splits: { train, valid: samples('valid', 5, 20), test: samples('test', 5, 40) },
};
const asking = (standardise: typeof published.config.standardise): typeof published => ({
  ...published,
  config: { ...published.config, standardise },
});

test('features are scaled by the training split and no other, where the configuration asks for it', () => {
  const asked = { modalities: ['audio', 'vision'], clipPercentiles: [10, 90] } as const;
  expect(onDataset(asking(asked), dataset).standardisation).toEqual(fitStandardisation(train, asked));
  expect(onDataset(asking(undefined), dataset).standardisation).toEqual({});
  expect(() => onDataset(asking(asked), { ...dataset, splits: { test: train } })).toThrow('made has no train split');
});

test('data that the model does not fit is refused, with the reason', () => {
  const [text, ...rest] = dataset.modalities;
  expect(() => onDataset(published, { ...dataset, modalities: rest })).toThrow('made has no modality "text"');
  expect(() => onDataset(published, { ...dataset, modalities: [{ ...text!, width: 3 }, ...rest] })).toThrow('"text"');
});
