import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splits as names, type Split } from './dataset.ts';
import { quantileStrata, splitsByFractions } from './fractions.ts';

const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `id ${n}`);
const countIn = (found: readonly Split[]): number[] =>
  names.map((split) => found.filter((each) => each === split).length);
const fractions = { train: 0.6, valid: 0.2, test: 0.2 };

describe('splitsByFractions', () => {
  test('meets fractions to one sample', () => {
    expect(countIn(splitsByFractions({ ids: many(110) }, fractions, { seed: 0 }))).toEqual([66, 22, 22]);
    expect(
      countIn(splitsByFractions({ ids: many(100) }, { train: 0.42, valid: 0.29, test: 0.29 }, { seed: 0 })),
    ).toEqual([42, 29, 29]);
    expect(countIn(splitsByFractions({ ids: many(3) }, { train: 0.98, valid: 0.01, test: 0.01 }, { seed: 0 }))).toEqual(
      [1, 1, 1],
    );
    const count = fc.integer({ min: 3, max: 400 });
    const share = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(count, share, share, fc.nat(), (total, valid, tested, seed) => {
        const given = { train: 1 - valid / 100 - tested / 100, valid: valid / 100, test: tested / 100 };
        countIn(splitsByFractions({ ids: many(total) }, given, { seed })).forEach((got, s) => {
          const exact = given[names[s]!] * total;
          expect(got).toBeGreaterThanOrEqual(1);
          // A split that would have none takes one from the largest.
          if (Math.min(given.valid, given.test) * total >= 1) expect(Math.abs(got - exact)).toBeLessThan(1);
        });
      }),
    );
  });

  test('divides each stratum by the same fractions, to two samples', () => {
    const some = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 200 });
    fc.assert(
      fc.property(some, fc.nat(), (strata, seed) => {
        const found = splitsByFractions({ ids: many(strata.length), strata }, fractions, { seed });
        for (const stratum of new Set(strata)) {
          const own = found.filter((_, n) => strata[n] === stratum);
          countIn(own).forEach((got, s) =>
            expect(Math.abs(got - fractions[names[s]!] * own.length)).toBeLessThanOrEqual(2),
          );
        }
      }),
    );
  });

  test('keeps groups together, and fractions as near as groups allow', () => {
    const groups = many(110).map((_, n) => `group ${n % 22}`);
    const found = splitsByFractions({ ids: many(110), groups }, fractions, { seed: 3 });
    groups.forEach((group, n) => expect(found[n]).toBe(found[groups.indexOf(group)]));
    // Groups of five: 65 or 70 of 66, 20 or 25 of 22.
    countIn(found).forEach((got, s) => expect(Math.abs(got - [66, 22, 22][s]!)).toBeLessThan(5));
    // Of groups of 50, 40, 10 and 10 no division is nearer to 66, 22 and 22 than one that is off by 36.
    const uneven = [50, 40, 10, 10].flatMap((size, g) => Array<string>(size).fill(`group ${g}`));
    const sizes = countIn(splitsByFractions({ ids: many(110), groups: uneven }, fractions, { seed: 0 }));
    expect(sizes.reduce((sum, got, s) => sum + Math.abs(got - [66, 22, 22][s]!), 0)).toBe(36);
    // The smallest of three groups is the one to train on: two that are dealt out otherwise at first change places.
    const few = [5, 11, 3].flatMap((size, g) => Array<string>(size).fill(`group ${g}`));
    const [most] = countIn(
      splitsByFractions({ ids: many(19), groups: few }, { train: 0.1, valid: 0.45, test: 0.45 }, { seed: 0 }),
    );
    expect(most).toBe(3);
    // Beside one group of 30 there are groups of one, which meet any fraction.
    const mixed = [30, ...Array<number>(70).fill(1)].flatMap((size, g) => Array<string>(size).fill(`group ${g}`));
    expect(countIn(splitsByFractions({ ids: many(100), groups: mixed }, fractions, { seed: 0 }))).toEqual([60, 20, 20]);
  });

  test('comes so near with groups that no move of one, and no swap of two, comes nearer', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.nat(5), (given, seed) => {
        const groups = given.flatMap((size, g) => Array<string>(size).fill(`group ${g}`));
        const found = splitsByFractions({ ids: many(groups.length), groups }, fractions, { seed });
        const splitOf = given.map((_, g) => names.indexOf(found[groups.indexOf(`group ${g}`)]!));
        const targets = countIn(splitsByFractions({ ids: many(groups.length) }, fractions, { seed }));
        const off = (of: readonly number[]): number =>
          targets.reduce((sum, target, s) => {
            const own = given.filter((_, g) => of[g] === s);
            return sum + Math.abs(own.reduce((a, b) => a + b, 0) - target);
          }, 0);
        const isWhole = (of: readonly number[]): boolean => [0, 1, 2].every((s) => of.includes(s));
        const others = given.flatMap((_, g) => [
          ...[0, 1, 2].map((s) => splitOf.with(g, s)),
          ...given.map((__, h) => splitOf.with(g, splitOf[h]!).with(h, splitOf[g]!)),
        ]);
        expect(isWhole(splitOf)).toBe(true);
        for (const other of others.filter(isWhole)) expect(off(other)).toBeGreaterThanOrEqual(off(splitOf));
      }),
      { seed: 1 },
    );
  });

  test('spreads the classes of groups over the splits', () => {
    const groups = many(200).map((_, n) => `group ${Math.floor(n / 5)}`);
    const strata = many(200).map((_, n) => (n < 50 ? 1 : 0));
    const found = splitsByFractions({ ids: many(200), groups, strata }, fractions, { seed: 0 });
    expect(countIn(found.filter((_, n) => strata[n] === 1))).toEqual([30, 10, 10]);
  });

  test('is the same for a seed, whatever the order of samples, and another for another', () => {
    const ids = many(40);
    for (const groups of [undefined, ids.map((_, n) => `group ${Math.floor(n / 2)}`)]) {
      const of = (order: readonly number[], seed: number): unknown => {
        const given = { ids: order.map((n) => ids[n]!), ...(groups && { groups: order.map((n) => groups[n]!) }) };
        const found = splitsByFractions(given, fractions, { seed });
        return Object.fromEntries(given.ids.map((id, n) => [id, found[n]]));
      };
      const order = ids.map((_, n) => n);
      expect(of(order.toReversed(), 1)).toEqual(of(order, 1));
      expect(of(order, 2)).not.toEqual(of(order, 1));
    }
  });

  test('needs three samples or groups, and something to train on', () => {
    expect(() => splitsByFractions({ ids: many(2) }, fractions, { seed: 0 })).toThrow('has 2 samples, too few');
    const groups = ['a', 'a', 'b'];
    expect(() => splitsByFractions({ ids: many(3), groups }, fractions, { seed: 0 })).toThrow('has 2 groups, too few');
    const none = { train: 0, valid: 0.5, test: 0.5 };
    expect(() => splitsByFractions({ ids: many(9) }, none, { seed: 0 })).toThrow('leaves no samples to train on');
  });
});

test('quantiles of numbers are strata of one size', () => {
  const values = Array.from({ length: 100 }, (_, n) => ((n * 37) % 100) ** 2);
  const strata = quantileStrata(values);
  for (let stratum = 0; stratum < 10; stratum++) expect(strata.filter((each) => each === stratum)).toHaveLength(10);
  expect(strata[values.indexOf(0)]).toBe(0);
  expect(strata[values.indexOf(99 ** 2)]).toBe(9);
  expect(new Set(quantileStrata([5, 1, 2]))).toEqual(new Set([0]));
});
