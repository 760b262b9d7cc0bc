import { expect, test } from 'vitest';
import { synthetic } from './datasets/synthetic.ts';
import { loadDataset } from './datasets/load.ts';
import { foldOf } from './folds.ts';

const made = synthetic({ samples: { train: 30, valid: 9, test: 6 } });
const rowOf = (dataset: typeof made, split: 'train' | 'valid' | 'test', n: number): number[] =>
  Array.from(dataset.factors![split]!['unique.audio']!.data.subarray(3 * n, 3 * n + 3));

test('a fold has the factors of its own samples', () => {
  const ids = ['train', 'valid', 'test'].flatMap((split) => made.splits[split as 'train']!.ids);
  const fold = foldOf(made, { count: 3, byId: new Map(ids.map((id, i) => [id, i % 3])) }, 1);
  expect(fold.factors!.test!['common']!.shape).toEqual([15, 3]);
  for (const split of ['train', 'valid', 'test'] as const)
    for (const [n, id] of fold.splits[split]!.ids.entries()) {
      const [from, at] = id.split('-') as ['train', string];
      expect(rowOf(fold, split, n)).toEqual(rowOf(made, from, Number(at)));
    }
});

test('all samples in one split have all factors', async () => {
  const { factors, splits } = await loadDataset('synthetic', { unsplit: 'all', synthetic: { samples: 5 } });
  expect(Object.keys(factors!)).toEqual(['test']);
  expect(factors!.test!['common']!.shape).toEqual([splits.test!.ids.length, 3]);
});
