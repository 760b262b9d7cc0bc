import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { jointCost, pairwiseCost, type CostOptions } from './cost.ts';
import type { Prototypes } from './prototypes.ts';

/** Prototypes of K components in d features, from means and variances (or roots of covariances). */
function prototypes(means: Tensor, variances: Tensor, covariances?: Tensor): Prototypes {
  const [k] = means.shape as [number];
  const weights = constant(Array<number>(k).fill(1 / k), [k], means.dtype);
  return { weights, means, variances, posterior: weights.reshape([1, k]), ...(covariances && { covariances }) };
}
const diagonal = { covariance: 'diagonal', reduction: 'sum' } as const;
const full = { covariance: 'full', reduction: 'sum' } as const;

const named = (name: string, k: number, d: number): Prototypes =>
  prototypes(input(`${name} mean`, [k, d], 'float64'), input(`${name} variance`, [k, d], 'float64'));
const feeds = {
  'a mean': [0, 0, 1, 2],
  'a variance': [1, 4, 9, 1],
  'b mean': [0, 0, 3, 0, 1, 1],
  'b variance': [1, 4, 4, 1, 0.25, 0.25],
};

test('with diagonal covariances: ‖μ_i − μ_j‖² + ‖σ_i − σ_j‖²', async () => {
  const [a, b] = [named('a', 2, 2), named('b', 3, 2)];
  const { sum, mean } = await evaluate(
    { sum: pairwiseCost(a, b, diagonal), mean: pairwiseCost(a, b, { ...diagonal, reduction: 'mean' }) },
    feeds,
  );
  const expected = [0, 9 + 1 + 1, 2 + 0.25 + 2.25, 5 + 4 + 1, 8 + 1 + 0, 1 + 6.25 + 0.25];
  expect(relativeError(sum!, expected)).toBeLessThan(1e-12);
  expect(
    relativeError(
      mean!,
      expected.map((v) => v / 2),
    ),
  ).toBeLessThan(1e-12);
});

test("the authors' floor under the root adds at most 2√floor per feature", async () => {
  const [a, b] = [named('a', 2, 2), named('b', 3, 2)];
  const { exact, floored } = await evaluate(
    { exact: pairwiseCost(a, b, diagonal), floored: pairwiseCost(a, b, { ...diagonal, rootFloor: 1e-8 }) },
    feeds,
  );
  floored!.forEach((v, i) => expect(Math.abs(v - exact![i]!)).toBeLessThan(4e-4));
});

describe('with full covariances', () => {
  const spd = (x: Tensor): Tensor => {
    const d = x.shape.at(-1)!;
    const identity = constant(
      Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0)),
      [d, d],
      x.dtype,
    );
    return x.matmul(x, { transposeB: true }).add(identity.mul(0.5));
  };

  test('what is diagonal costs the same', async () => {
    const matrices = (name: string): Tensor => {
      const variance = input(`${name} variance`, [2, 2], 'float64');
      const identity = constant([1, 0, 0, 1], [1, 2, 2], 'float64');
      return identity.mul(variance.reshape([2, 2, 1]));
    };
    const [means, more] = [input('a mean', [2, 2], 'float64'), input('b mean', [2, 2], 'float64')];
    const unused = constant([1, 1, 1, 1], [2, 2], 'float64');
    const [a, b] = [prototypes(means, unused, matrices('a')), prototypes(more, unused, matrices('b'))];
    const given = { ...feeds, 'b mean': [0, 0, 3, 0], 'b variance': [1, 4, 4, 1] };
    const { sum, mean } = await evaluate(
      { sum: pairwiseCost(a, b, full), mean: pairwiseCost(a, b, { ...full, reduction: 'mean' }) },
      given,
    );
    expect(relativeError(sum!, [0, 11, 10, 9])).toBeLessThan(1e-9);
    expect(relativeError(mean!, [0, 5.5, 5, 4.5])).toBeLessThan(1e-9);
  });

  test('under mean, of places and shapes alike, is the sum divided by d', async () => {
    const of = (name: string): Prototypes => {
      const means = input(`${name} mean`, [2, 3], 'float64');
      return prototypes(means, means, spd(input(`${name} root`, [2, 3, 3], 'float64')));
    };
    const [a, b] = [of('a'), of('b')];
    const given = Object.fromEntries(
      ['a', 'b'].flatMap((name, i) => [
        [`${name} mean`, testValues(6, i + 1)],
        [`${name} root`, testValues(18, i + 3)],
      ]),
    );
    const { sum, mean } = await evaluate(
      { sum: pairwiseCost(a, b, full), mean: pairwiseCost(a, b, { ...full, reduction: 'mean' }) },
      given,
    );
    expect(
      relativeError(
        mean!,
        sum!.map((v) => v / 3),
      ),
    ).toBeLessThan(1e-12);
  });

  test('a Gaussian is at distance 0 from itself, and the distance is symmetric', async () => {
    const covariances = spd(input('root', [2, 3, 3], 'float64'));
    const means = input('mean', [2, 3], 'float64');
    const p = prototypes(means, means, covariances);
    const { y } = await evaluate({ y: pairwiseCost(p, p, full) }, { root: testValues(18), mean: testValues(6, 2) });
    expect(Math.abs(y![0]!)).toBeLessThan(1e-10);
    expect(Math.abs(y![3]!)).toBeLessThan(1e-10);
    expect(y![1]).toBeCloseTo(y![2]!, 10);
    expect(y![1]).toBeGreaterThan(0);
  });

  test('gradients of means and covariances', async () => {
    const cost = (m: Tensor, a: Tensor, n: Tensor, b: Tensor): Tensor =>
      pairwiseCost(prototypes(m, m, spd(a)), prototypes(n, n, spd(b)), full);
    const given = [
      [2, 2],
      [2, 2, 2],
      [1, 2],
      [1, 2, 2],
    ];
    expect(await gradientError((m, a, n, b) => cost(m, a, n, b), given)).toBeLessThan(1e-5);
  });

  test('prototypes without them are an error', () => {
    const p = named('a', 2, 2);
    expect(() => pairwiseCost(p, p, full)).toThrow(
      "A cost with covariance 'full' needs prototypes fitted with full covariances.",
    );
  });
});

test.each<CostOptions>([diagonal, { ...diagonal, reduction: 'mean' }, { ...diagonal, rootFloor: 1e-2 }])(
  'gradients of means and variances: %o',
  async (options) => {
    const error = await gradientError(
      (m, v, n, w) => pairwiseCost(prototypes(m, v), prototypes(n, w), options),
      [
        [2, 3],
        [2, 3],
        [3, 3],
        [3, 3],
      ],
      { range: [0.5, 2] },
    );
    expect(error).toBeLessThan(1e-6);
  },
);

test('equal variances have a finite gradient, at the floor too', async () => {
  const [m, v] = [input('m', [1, 2]), input('v', [1, 2])];
  const p = prototypes(m, v);
  const dv = gradients(pairwiseCost(p, prototypes(m, v.detach()), diagonal).sum(), [v])[0]!;
  const results = await evaluate({ dv }, { m: [0, 0], v: [1e-4, 1e-4] });
  expect(results['dv']!.every(Number.isFinite)).toBe(true);
});

test('Eq. 5: the joint cost is the sum of the costs of all pairs', async () => {
  const costs = new Map([
    ['0,1', [1, 2]],
    ['0,2', [10, 20, 30]],
    ['1,2', [100, 200, 300, 400, 500, 600]],
  ]);
  const sizes = [1, 2, 3];
  const y = jointCost((i, j) => constant(costs.get(`${i},${j}`)!, [sizes[i]!, sizes[j]!], 'float64'), 3);
  expect(y.shape).toEqual(sizes);
  expect((await evaluate({ y }))['y']).toEqual([111, 221, 331, 412, 522, 632]);
  expect(() => jointCost(() => y, 1)).toThrow('Transport needs at least two modalities, got 1.');
});
