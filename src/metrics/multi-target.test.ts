import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multiTarget } from './multi-target.ts';
import { plainRegression } from './regression.ts';
import { flat, golden } from './testing.ts';

const names = ['mae', 'corr', 'rmse', 'r2'] as const;

test.each(Object.entries(golden.targets))('scikit-learn and SciPy give the same for %s', (_, given) => {
  const targets = given.truth[0]!.length;
  const found = multiTarget(given.prediction.flat(), flat(given.truth), targets);
  for (const name of names) {
    expect(found[name], name).toBeCloseTo(Number(given.sklearn[name]), 9);
    expect(Object.values(given.sklearn.by_target[name]!)).toHaveLength(targets);
    for (const [t, scores] of found.perTarget.entries())
      expect(scores[name], `${name} of ${t}`).toBeCloseTo(given.sklearn.by_target[name]![t]!, 9);
  }
});

test('a target scores as it does alone', () => {
  const { perTarget } = multiTarget([1, 10, 2, 30, 4, 20], [1, 11, 2, 25, 3, 25], 2);
  expect(perTarget).toEqual([plainRegression([1, 2, 4], [1, 2, 3]), plainRegression([10, 30, 20], [11, 25, 25])]);
});

test('a value that is absent is left out alone, and a target without one is left out of the means', () => {
  const found = multiTarget([1, 5, 9, 2, 5, 9, 3, 7, 9], [1, 5, NaN, 2, NaN, NaN, 3, 8, NaN], 3);
  expect(found.perTarget[1]).toMatchObject({ mae: 0.5 });
  expect(found.perTarget[2]).toEqual({ mae: undefined, corr: undefined, rmse: undefined, r2: undefined });
  expect(found.mae).toBe(0.25);
});

test('a constant target has errors, and neither a correlation nor R²', () => {
  const found = multiTarget([1, 4, 2, 6, 3, 5], [1, 0.1, 2, 0.1, 3, 0.1], 2);
  expect(found.perTarget[1]).toMatchObject({ corr: undefined, r2: undefined });
  expect(found.perTarget[1]!.mae).toBeCloseTo(4.9, 12);
  expect([found.corr, found.r2]).toEqual([found.perTarget[0]!.corr, 1]);
  expect(multiTarget([1, 2], [3, 3], 1)).toMatchObject({ corr: 0, r2: 0, mae: 1.5 });
});

test('a constant prediction correlates with nothing, and that counts', () => {
  expect(multiTarget([1, 1, 2, 1, 3, 1], [1, 1, 2, 2, 3, 3], 2).corr).toBeCloseTo(0.5, 12);
});

test('neither the order of samples nor that of targets matters, and what is perfect is perfect', () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ min: -1e6, max: 1e6, noNaN: true }));
  const row = fc.record({ prediction: fc.tuple(value, value), truth: fc.tuple(value, fc.constantFrom(1, 2, NaN)) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
      const of = (each: typeof rows): ReturnType<typeof multiTarget> =>
        multiTarget(
          each.flatMap(({ prediction }) => prediction),
          each.flatMap(({ truth }) => truth),
          2,
        );
      const { perTarget, ...means } = of(rows);
      const reversed = of(rows.toReversed());
      const turned = of(
        rows.map(({ prediction: [p, q], truth: [t, u] }) => ({ prediction: [q, p], truth: [u, t] as never })),
      );
      for (const name of names) {
        expect(Number.isFinite(means[name])).toBe(true);
        const close = (x: number | undefined, y: number | undefined): void => {
          if (y === undefined) expect(x).toBeUndefined();
          else expect(Math.abs(x! - y)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(y)));
        };
        close(turned[name], means[name]);
        for (const [t, scores] of perTarget.entries()) {
          close(reversed.perTarget[t]![name], scores[name]);
          close(turned.perTarget[1 - t]![name], scores[name]);
        }
      }
      const perfect = multiTarget(
        rows.flatMap(({ truth }) => truth.map((x) => (Number.isNaN(x) ? 0 : x))),
        rows.flatMap(({ truth }) => truth),
        2,
      );
      expect(perfect).toMatchObject({ mae: 0, rmse: 0 });
      for (const { r2 } of perfect.perTarget) expect([1, undefined]).toContain(r2);
    }),
  );
});

test('what cannot be scored is refused, with its place', () => {
  expect(() => multiTarget([], [], 2)).toThrow('there are no samples');
  expect(() => multiTarget([1, 2, 3], [1, 2, 3], 2)).toThrow('Cannot compare 3 predictions with 3 true values of 2');
  expect(() => multiTarget([1, NaN], [1, NaN], 2)).toThrow('the prediction of target 1 of sample 0 is NaN');
  expect(() => multiTarget([1, Infinity], [1, 2], 1)).toThrow('the prediction of target 0 of sample 1 is Infinity');
  expect(() => multiTarget([1, 2], [1, -Infinity], 1)).toThrow('target 0 of sample 1 is -Infinity');
});
