import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset, Samples } from './dataset.ts';
import { foldOf, groupedFolds, allSamples } from './folds.ts';

const samples = (...ids: string[]): Samples => ({
  ids,
  features: { text: { shape: [ids.length, 2, 1], data: Float32Array.from(ids.flatMap((id) => [Number(id), -1])) } },
  lengths: { text: Int32Array.from(ids, (id) => 1 + (Number(id) % 2)) },
  labels: Float32Array.from(ids, Number),
});
const dataset: Dataset = {
  name: 'numbers',
  task: { kind: 'regression', range: [0, 9] },
  metrics: 'regression',
  modalities: [{ name: 'text', time: 2, width: 1, lengthSource: { kind: 'given' }, cleaned: 0 }],
  splits: { train: samples('1', '2', '3', '4'), valid: samples('5'), test: samples('6') },
};
const folds = { count: 3, byId: new Map(Array.from('123456').map((id, n) => [id, n % 3])) };

test('every sample is tested once, validated on once, and takes its features, length and label along', () => {
  const each = [0, 1, 2].map((fold) => foldOf(dataset, folds, fold).splits);
  expect(each.map(({ test: t }) => t!.ids)).toEqual([
    ['1', '4'],
    ['2', '5'],
    ['3', '6'],
  ]);
  expect(each.map(({ valid }) => valid!.ids)).toEqual([
    ['2', '5'],
    ['3', '6'],
    ['1', '4'],
  ]);
  for (const { train, valid, test: tested } of each) {
    expect([...train!.ids, ...valid!.ids, ...tested!.ids].sort()).toEqual(Array.from('123456'));
    expect(tested).toEqual(samples(...tested!.ids));
    expect(train).toEqual(samples(...train!.ids));
  }
  expect(allSamples(dataset)).toEqual(samples(...Array.from('123456')));
});

test('labels of single modalities and groups go along', () => {
  const train = { ...samples('1', '2'), ownLabels: { text: Float32Array.of(7, 8) }, groups: ['a', 'b'] };
  const test1 = { ...samples('3'), ownLabels: { text: Float32Array.of(9) }, groups: ['c'] };
  const whole: Dataset = { ...dataset, splits: { train, test: test1 } };
  const { splits } = foldOf(whole, folds, 1);
  expect(splits.test).toMatchObject({ ids: ['2'], ownLabels: { text: Float32Array.of(8) }, groups: ['b'] });
});

describe('groupedFolds', () => {
  test('keeps groups together and folds of a size, whatever the order of the samples', () => {
    const some = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 3 }), fc.nat(), (of, count, seed) => {
        const ids = of.map((_, n) => `id ${n}`);
        const groups = of.map((group) => `group ${group}`);
        fc.pre(new Set(groups).size >= count);
        const { byId } = groupedFolds(ids, groups, { count, seed });
        const foldOfGroup = new Map<string, number>();
        ids.forEach((id, n) => {
          const known = foldOfGroup.get(groups[n]!) ?? byId.get(id)!;
          foldOfGroup.set(groups[n]!, known);
          expect(byId.get(id)).toBe(known);
        });
        const largest = Math.max(...[...new Set(groups)].map((g) => groups.filter((each) => each === g).length));
        const sizes = Array.from({ length: count }, (_, k) => ids.filter((id) => byId.get(id) === k).length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest);
        const reversed = groupedFolds(ids.toReversed(), groups.toReversed(), { count, seed });
        ids.forEach((id) => expect(reversed.byId.get(id)).toBe(byId.get(id)));
      }),
      { numRuns: 50 },
    );
  });

  test('needs as many groups as folds', () => {
    expect(() => groupedFolds(['a', 'b'], ['x', 'x'], { count: 2, seed: 1 })).toThrow(
      '2 folds need as many groups, and there are 1; ask for fewer folds.',
    );
  });
});

test.each<[string, () => unknown, string]>([
  ['two folds', () => foldOf(dataset, { ...folds, count: 2 }, 0), 'needs at least 3 folds'],
  [
    'a sample without a fold',
    () => foldOf(dataset, { count: 3, byId: new Map([['1', 0]]) }, 0),
    'Sample "2" is in no fold; name the fold of every sample.',
  ],
  ['an empty fold', () => foldOf(dataset, { ...folds, count: 4 }, 3), 'Fold 4 of 4 holds no sample of the data.'],
  [
    'an id of two samples',
    () => allSamples({ ...dataset, splits: { train: samples('1'), test: samples('1') } }),
    'Two samples of numbers have the id "1"; folds need a different one for each.',
  ],
])('%s: an error', (_, act, message) => {
  expect(act).toThrow(message);
});
