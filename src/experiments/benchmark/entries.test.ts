import { expect, test } from 'vitest';
import { commonRule, configOf, dataConfig, dataNames, hashOfJson, type Given } from './entries.ts';

const decalign = { id: 'decalign', model: 'decalign' };
const none: Given = { set: [], options: [] };

test('files are named without folder and ending, and by as many folders as tell them apart', () => {
  expect(dataNames(['data/mosi.pkl', 'synthetic'])).toEqual(['mosi', 'synthetic']);
  expect(dataNames(['/a/MOSI/Processed/unaligned_50.pkl', '/a/MOSEI/Processed/unaligned_50.pkl'])).toEqual([
    'MOSI-Processed-unaligned_50',
    'MOSEI-Processed-unaligned_50',
  ]);
  expect(dataNames(['/a/my data (1).pkl'])).toEqual(['my_data_1_']);
});

test('the rule is stronger than a recipe, --set than the rule, and an option than both', () => {
  const authors = { id: 'decalign@authors', model: 'decalign', recipe: 'authors' };
  expect(configOf(authors, 'x.pkl', none).train).toMatchObject({
    ...commonRule.train,
    learningRate: 5e-4,
    decay: 'l2',
  });
  const given: Given = {
    set: [
      { pair: 'train.patience=3' },
      { entry: 'decalign', pair: 'train.batchSize=7' },
      { entry: 'decalign@authors', pair: 'train.batchSize=9' },
    ],
    options: [{ name: '--epochs 4', key: 'train.epochs', value: 4 }],
  };
  expect(configOf(authors, 'x.pkl', given).train).toMatchObject({ patience: 3, batchSize: 9, epochs: 4 });
  expect(configOf(decalign, 'x.pkl', given, ['train.batchSize=5']).train).toMatchObject({ batchSize: 5, threads: 1 });
  expect(() => configOf(decalign, 'x.pkl', { ...none, set: [{ pair: 'model.widht=3' }] })).toThrow('"model.width"');
});

test('features are read and scaled alike for all, and labels as each recipe says', () => {
  const authors = configOf({ id: 'decalign@authors', model: 'decalign', recipe: 'authors' }, 'x.pkl', none);
  const labels = { labelScale: 'given', labelClasses: 'rounded' };
  expect(authors.data).toEqual({ ...configOf(decalign, 'x.pkl', none).data, ...labels });
  const given: Given = {
    set: [{ pair: 'data.standardise=none' }, { pair: 'model.width=8' }],
    options: [{ name: '--task classification', key: 'data.task', value: 'classification' }],
  };
  expect(dataConfig(given).data).toMatchObject({ standardise: 'none', task: 'classification', fractions: 'exact' });
});

test('configurations that differ have other names', () => {
  const names = [[], ['train.batchSize=5']].map((trial) => hashOfJson(configOf(decalign, 'x.pkl', none, trial)));
  expect(names[0]).toMatch(/^[0-9a-f]{12}$/);
  expect(new Set(names).size).toBe(2);
});
