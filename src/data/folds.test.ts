import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset, Samples } from './dataset.ts';
import { foldOf, groupedFolds, allSamples, splitsByShares } from './folds.ts';

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
        for (const fold of byId.values()) expect([0, 1, 2].slice(0, count)).toContain(fold);
        const largest = Math.max(...[...new Set(groups)].map((g) => groups.filter((each) => each === g).length));
        const sizes = Array.from({ length: count }, (_, k) => ids.filter((id) => byId.get(id) === k).length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest);
        const reversed = groupedFolds(ids.toReversed(), groups.toReversed(), { count, seed });
        ids.forEach((id) => expect(reversed.byId.get(id)).toBe(byId.get(id)));
      }),
      { numRuns: 50 },
    );
  });

  test('deals groups of one size out evenly, and the largest first', () => {
    const sizesOf = (groups: string[], count: number): number[] => {
      const { byId } = groupedFolds(
        groups.map((_, n) => String(n)),
        groups,
        { count, seed: 3 },
      );
      const folds = [...byId.values()];
      return Array.from({ length: count }, (_, k) => folds.filter((fold) => fold === k).length);
    };
    expect(
      sizesOf(
        Array.from({ length: 12 }, (_, n) => `g${n}`),
        4,
      ),
    ).toEqual([3, 3, 3, 3]);
    // 5 and 3 against 4, 3 and 3, each in its turn to what is smaller then.
    const uneven = [5, 4, 3, 3, 3].flatMap((size, g) => Array<string>(size).fill(`g${g}`));
    expect(new Set(sizesOf(uneven, 2))).toEqual(new Set([8, 10]));
    expect(sizesOf(['a', 'a', 'a', 'b', 'c', 'd'], 2)).toEqual([3, 3]);
  });

  test('another seed makes other folds, each number of folds and each seed its own', () => {
    const ids = Array.from({ length: 40 }, (_, n) => `id ${n}`);
    const of = (seed: number): string => {
      const { byId } = groupedFolds(ids, ids, { count: 4, seed });
      return ids.map((id) => byId.get(id)!).join('');
    };
    expect(new Set([1, 2, 3, 4].map(of)).size).toBe(4);
    // Those of seed 0 are in published figures.
    expect(of(0)).toBe('1101231203303321323212010120301022012330');
  });

  test('needs as many groups as folds', () => {
    expect(() => groupedFolds(['a', 'b'], ['x', 'x'], { count: 2, seed: 1 })).toThrow(
      '2 folds need as many groups, and there are 1; ask for fewer folds.',
    );
  });
});

describe('splitsByShares', () => {
  const shares = { train: 0.7, valid: 0.1, test: 0.2 };
  const counts = (ids: readonly string[], groups: readonly string[], given = shares): Record<string, number> => {
    const splits = [...splitsByShares(ids, groups, given, { seed: 1 }).values()];
    return Object.fromEntries(
      ['train', 'valid', 'test'].map((split) => [split, splits.filter((s) => s === split).length]),
    );
  };
  const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `id ${n}`);

  test('gives each split its share of the samples, and at least one group', () => {
    expect(counts(many(10), many(10))).toEqual({ train: 7, valid: 1, test: 2 });
    expect(counts(many(200), many(200))).toEqual({ train: 140, valid: 20, test: 40 });
    expect(counts(many(1000), many(1000))).toEqual({ train: 700, valid: 100, test: 200 });
    expect(counts(many(3), many(3))).toEqual({ train: 1, valid: 1, test: 1 });
    expect(counts(many(50), many(50), { train: 0.5, valid: 0.3, test: 0.2 })).toEqual({
      train: 25,
      valid: 15,
      test: 10,
    });
  });

  test('keeps groups together', () => {
    const ids = many(60);
    const groups = ids.map((_, n) => `group ${n % 20}`);
    const found = splitsByShares(ids, groups, shares, { seed: 1 });
    for (const [n, id] of ids.entries()) expect(found.get(id)).toBe(found.get(ids[n % 20]!));
    expect(counts(ids, groups)).toEqual({ train: 42, valid: 6, test: 12 });
  });

  test('another seed draws other samples', () => {
    const of = (seed: number): unknown => [...splitsByShares(many(30), many(30), shares, { seed })];
    expect(of(1)).toEqual(of(1));
    expect(of(2)).not.toEqual(of(1));
  });

  test('needs three groups, and samples left to train on', () => {
    expect(() => counts(many(4), ['a', 'a', 'b', 'b'])).toThrow('has 2 groups, too few for three splits.');
    for (const [valid, test] of [
      [0.5, 0.5],
      [0.2, 0.8],
      [0.9, 0.3],
    ] as const)
      expect(() => counts(many(10), many(10), { train: 0, valid, test })).toThrow('leaves no samples to train on');
    expect(counts(many(10), many(10), { train: 0.1, valid: 0.4, test: 0.5 })).toEqual({ train: 1, valid: 4, test: 5 });
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
