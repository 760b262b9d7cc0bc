/** What earlier releases wrote is read as it was: a fixture of each version of each format. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadDataset, openModel, predict, synthetic } from '../index.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const dataset = synthetic({ samples: { train: 3, valid: 2, test: 2 }, modalities: 2 });

test('a model of format 1 predicts what it predicted', async () => {
  const { prediction } = await predict(openModel(fixture('runs/model-1.safetensors')), dataset);
  expect(prediction[0]).toBeCloseTo(0.5644015, 5);
  expect(prediction[1]).toBeCloseTo(-0.6914492, 5);
});

test('a packed dataset of version 1 holds what was packed', async () => {
  const packed = await loadDataset(fixture('data/packed-1'));
  expect(packed.modalities).toEqual(dataset.modalities);
  for (const [split, samples] of Object.entries(dataset.splits)) {
    const { features, ...rest } = packed.splits[split as 'train']!;
    expect(rest).toEqual({ ids: samples.ids, lengths: samples.lengths, labels: samples.labels });
    for (const [name, { shape, data }] of Object.entries(samples.features))
      expect([features[name]!.shape, features[name]!.data]).toEqual([shape, data]);
  }
  await packed.close!();
});
