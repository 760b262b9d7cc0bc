import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { concat, constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { gaussianInformation, independenceLoss } from './independence.ts';

const tensor = (values: readonly number[], width: number): Tensor =>
  constant([...values], [values.length / width, width], 'float64');
/** I(u; c) of features `[N, d]` side by side. */
const information = async (x: readonly number[], width: number, options = {}): Promise<number> => {
  const d = 2 * width;
  const features = constant([...x], [1, x.length / d, d], 'float64');
  const { y } = await evaluate({ y: gaussianInformation(features, width, { ridge: 1e-9, ...options }) });
  return y![0]!;
};

describe('the information of two features', () => {
  test('is −½ log(1 − ρ²) of their correlation, whatever their scales', async () => {
    // Correlation 0.6: Σ xy = 6 of Σ x² = Σ y² = 10, both around 0.
    const [x, y] = [
      [1, -1, 2, -2],
      [-1, 1, 2, -2],
    ];
    const pairs = x.flatMap((v, n) => [100 * v + 7, 0.01 * y[n]! - 3]);
    expect(await information(pairs, 1)).toBeCloseTo(-0.5 * Math.log(1 - 0.6 ** 2), 6);
  });

  test('is 0 where they are uncorrelated, and where one is constant', async () => {
    expect(await information([1, 1, 1, -1, -1, 1, -1, -1], 1)).toBeCloseTo(0, 8);
    expect(await information([1, 5, 2, 5, 3, 5], 1)).toBeCloseTo(0, 8);
  });

  test('is large and finite where they are copies, by the ridge', async () => {
    const copies = [1, 2, 3, 4].flatMap((v) => [v, v]);
    // ½ (2 log(1 + r) − log((1 + r)² − 1))
    expect(await information(copies, 1, { ridge: 1e-3 })).toBeCloseTo(
      0.5 * (2 * Math.log(1.001) - Math.log(1.001 ** 2 - 1)),
      4,
    );
  });
});

test('is over the samples that are present alone', async () => {
  const all = testValues(24);
  const present = constant([1, 1, 0, 1, 1, 1], [1, 6], 'float64');
  const kept = all.filter((_, i) => Math.floor(i / 4) !== 2);
  expect(await information(all, 2, { present })).toBeCloseTo(await information(kept, 2), 10);
});

describe('the loss', () => {
  const [u, c] = [
    [testValues(16, 1), testValues(16, 2)],
    [testValues(16, 3), testValues(16, 4)],
  ];
  const sides = (of: (x: Tensor) => Tensor = (x) => x): { unique: Tensor[]; common: Tensor[] } => ({
    unique: u.map((x) => of(tensor(x, 2))),
    common: c.map((x) => of(tensor(x, 2))),
  });

  test('is the mean of I(u_m; c_m) and that of I(u_m; c_j)', async () => {
    const { unique, common } = sides();
    const { loss } = await evaluate({ loss: independenceLoss(unique, common, { ridge: 1e-9 }) });
    const at = (m: number, j: number): Promise<number> =>
      information(
        Array.from({ length: 8 }, (_, n) => [
          ...u[m]!.slice(2 * n, 2 * n + 2),
          ...c[j]!.slice(2 * n, 2 * n + 2),
        ]).flat(),
        2,
      );
    const expected = (await at(0, 0)) / 2 + (await at(1, 1)) / 2 + (await at(0, 1)) / 2 + (await at(1, 0)) / 2;
    expect(loss![0]).toBeCloseTo(expected, 8);
  });

  test('moves c_m for its own u_m, and u_m for the c_j of others', async () => {
    const xs = ['u0', 'u1', 'c0', 'c1'].map((name) => input(name, [8, 2], 'float64'));
    const [u0, u1, c0, c1] = xs as [Tensor, Tensor, Tensor, Tensor];
    const feeds = { u0: u[0]!, u1: u[1]!, c0: c[0]!, c1: c[1]! };
    const slope = async (loss: Tensor): Promise<number[][]> =>
      Object.values(await evaluate(Object.fromEntries(gradients(loss, xs).map((g, i) => [`g${i}`, g!])), feeds));
    const whole = await slope(independenceLoss([u0, u1], [c0, c1]));
    const of = (a: Tensor, b: Tensor): Tensor =>
      gaussianInformation(concat([a, b], 1).reshape([1, 8, 4]), 2, { ridge: 1e-3 }).sum();
    const own = of(u0.detach(), c0).add(of(u1.detach(), c1)).mul(0.5);
    const others = of(u0, c1.detach()).add(of(u1, c0.detach())).mul(0.5);
    const expected = await slope(own.add(others));
    whole.forEach((g, i) => g.forEach((v, k) => expect(v).toBeCloseTo(expected[i]![k]!, 10)));
    expect(whole.every((g) => g.some((v) => Math.abs(v) > 1e-3))).toBe(true);
  });
});

test('gradient of the information', async () => {
  const error = await gradientError((x) => gaussianInformation(x, 2, { ridge: 1e-3 }), [[2, 7, 4]]);
  expect(error).toBeLessThan(1e-6);
});

test.each([
  ['a batch of one', Array<number>(4).fill(0.5), 1],
  ['constant features', Array<number>(24).fill(0.5), 6],
  ['fewer samples than features', testValues(8), 2],
  ['copies', Array.from({ length: 6 }, (_, n) => [n, n, n, n]).flat(), 6],
])('%s: finite values and gradients in float32', async (_, values, n) => {
  const x = input('x', [n, 4]);
  const [a, b] = x.split(1, [2, 2]) as [Tensor, Tensor];
  const loss = independenceLoss([a, b], [b, a]);
  const results = await evaluate({ loss, dx: gradients(loss, [x])[0]! }, { x: values });
  expect(Number.isFinite(results['loss']![0])).toBe(true);
  expect(results['dx']!.every(Number.isFinite)).toBe(true);
});
