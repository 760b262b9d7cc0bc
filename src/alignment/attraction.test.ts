import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { attraction } from './attraction.ts';
import { jointCost, pairwiseCost } from './cost.ts';
import { logPosterior, type Prototypes } from './prototypes.ts';
import { transport } from './transport.ts';

const given = (posterior: number[], means: number[], d: number, variances?: number[]): Prototypes => {
  const k = means.length / d;
  return {
    weights: constant(Array<number>(k).fill(1 / k), [k], 'float64'),
    means: constant(means, [k, d], 'float64'),
    variances: constant(variances ?? means.map(() => 1), [k, d], 'float64'),
    posterior: constant(posterior, [posterior.length / k, k], 'float64'),
  };
};
const eq9 = { reduction: 'sum', pairs: 'sum' } as const;

describe('by hand', () => {
  // One sample per modality at (0, 0) and (1, 1); two prototypes each.
  const x = [constant([0, 0], [1, 2], 'float64'), constant([1, 1], [1, 2], 'float64')];
  const first = given([0.25, 0.75], [0, 0, 2, 0], 2);
  const second = given([1, 0], [1, 0, 0, 3], 2, [0.5, 1, 3, 9]);
  const value = async (options: Parameters<typeof attraction>[2]): Promise<number> =>
    (await evaluate({ y: attraction(x, [first, second], options) }))['y']![0]!;
  // 0 → second: ¼·1 + ¾·9; 1 → first: 1·2 + 0·2.
  test('Eq. 9 sums over features and pairs', async () => {
    expect(await value(eq9)).toBeCloseTo(7 + 2, 12);
  });
  test('the authors take means of both', async () => {
    expect(await value({ reduction: 'mean', pairs: 'mean' })).toBeCloseTo(9 / 4, 12);
  });
  test('mahalanobis divides by the variance of the prototype, floored', async () => {
    expect(await value({ ...eq9, mahalanobis: { floor: 2 } })).toBeCloseTo(0.25 * 0.5 + 0.75 * 1 + 1, 12);
  });
  test('a diagonal plan matches by index, a crossed one crosses over', async () => {
    const plan = (values: number[]): Tensor => constant(values, [2, 2], 'float64');
    expect(await value({ ...eq9, plan: plan([0.5, 0, 0, 0.5]) })).toBeCloseTo(9, 12);
    // 0 → second crossed: ¼·9 + ¾·1; 1 → first crossed: prototype 1 of the first, 1 + 1.
    expect(await value({ ...eq9, plan: plan([0, 0.3, 0.7, 0]) })).toBeCloseTo(3 + 2, 12);
  });
});

const widths = 2;
const samples = 5;
const counts = [2, 3, 2];

/** Prototypes with posteriors of their own, from inputs by name. */
function model(permutation: readonly number[]): { x: Tensor[]; prototypes: Prototypes[]; plan: Tensor } {
  const x = counts.map((_, m) => input(`x${m}`, [samples, widths], 'float64'));
  const prototypes = counts.map((k, m): Prototypes => {
    const order = constant(m === 1 ? permutation : Array.from({ length: k }, (_, i) => i), [k], 'int64');
    const means = input(`means${m}`, [k, widths], 'float64').gather(order);
    const variances = input(`variances${m}`, [k, widths], 'float64').gather(order);
    const weights = constant(Array<number>(k).fill(1 / k), [k], 'float64');
    const posterior = logPosterior(x[m]!, { weights, means, variances }).exp();
    return { weights, means, variances, posterior };
  });
  const options = { covariance: 'diagonal', reduction: 'sum' } as const;
  const cost = jointCost((i, j) => pairwiseCost(prototypes[i]!, prototypes[j]!, options), counts.length);
  const marginals = prototypes.map(({ posterior }) => posterior.mean([0]));
  const { plan } = transport(cost, marginals, { lambda: 0.1, lambdaScale: 'relative', tolerance: 1e-12 });
  return { x, prototypes, plan };
}
const feeds = Object.fromEntries(
  counts.flatMap((k, m) => [
    [`x${m}`, testValues(samples * widths, m + 1)],
    [`means${m}`, testValues(k * widths, m + 5)],
    [`variances${m}`, testValues(k * widths, m + 9, 0.2, 1)],
  ]),
);

test("matched by the plan, the order of one modality's prototypes does not matter", async () => {
  const value = async (permutation: readonly number[]): Promise<number[]> => {
    const { x, prototypes, plan } = model(permutation);
    return (await evaluate({ y: attraction(x, prototypes, { ...eq9, plan }) }, feeds))['y']!;
  };
  expect(relativeError(await value([2, 0, 1]), await value([0, 1, 2]))).toBeLessThan(1e-9);
});

test('the plan is held constant in the gradient', async () => {
  const { x, prototypes, plan } = model([0, 1, 2]);
  const frozen = input('plan', plan.shape, 'float64');
  const gradient = (by: Tensor): Tensor => gradients(attraction(x, prototypes, { ...eq9, plan: by }), [x[0]!])[0]!;
  const { values } = await evaluate({ values: plan }, feeds);
  const { a, b } = await evaluate({ a: gradient(plan), b: gradient(frozen) }, { ...feeds, plan: values! });
  expect(relativeError(a!, b!)).toBeLessThan(1e-12);
});

test('gradient by central differences, matched by index', async () => {
  const build = (...t: Tensor[]): Tensor => {
    const weights = constant([0.5, 0.5], [2], t[0]!.dtype);
    const prototypes = [0, 1].map((m): Prototypes => {
      const mixture = { weights, means: t[m + 2]!, variances: t[m + 4]! };
      return { ...mixture, posterior: logPosterior(t[m]!, mixture).exp() };
    });
    return attraction(t.slice(0, 2), prototypes, { ...eq9, mahalanobis: { floor: 1e-4 } });
  };
  const given = [
    [3, 2],
    [3, 2],
    [2, 2],
    [2, 2],
    [2, 2],
    [2, 2],
  ];
  expect(await gradientError(build, given, { range: [0.5, 2] })).toBeLessThan(1e-6);
});

test('differing K cannot be matched by index', () => {
  const { x, prototypes } = model([0, 1, 2]);
  expect(() => attraction(x, prototypes, eq9)).toThrow(
    'Attraction matches prototypes by index, but modality 0 has 2 and modality 1 has 3; match them by the transport plan.',
  );
});
