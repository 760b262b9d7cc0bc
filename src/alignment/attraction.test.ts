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
  test('a prototype to which the plan gives no mass is matched with none', async () => {
    const plan = constant([0, 0, 0.5, 0.5], [2, 2], 'float64');
    // 0 → second: ¼·0 + ¾·(½·1 + ½·9); 1 → first: 2 whichever it is matched with.
    expect(await value({ ...eq9, plan })).toBeCloseTo(0.75 * 5 + 2, 12);
  });
  test('an uneven plan splits each prototype of a sample over those of the other modality', async () => {
    // P(k_1 | k_0): rows [3, 1]/4 and [1, 5]/6; P(k_0 | k_1): columns [3, 1]/4 and [1, 5]/6.
    const plan = constant([0.3, 0.1, 0.1, 0.5], [2, 2], 'float64');
    // 0 → second: ¼·(¾·1 + ¼·9) + ¾·(⅙·1 + ⅚·9); 1 → first: (¾·2 + ¼·2).
    const uneven = (3 + 3 * (46 / 6)) / 4 + 2;
    expect(await value({ ...eq9, plan })).toBeCloseTo(uneven, 12);
  });
});

describe('by hand, of three modalities with 2, 3 and 1 prototypes', () => {
  // Distances of the one sample, 0, to prototypes on a line are their squares.
  const x = [0, 0, 0].map((value) => constant([value], [1, 1], 'float64'));
  const prototypes = [given([0.25, 0.75], [1, 2], 1), given([0.5, 0.3, 0.2], [3, 4, 5], 1), given([1], [6], 1)];
  const plan = constant([0.1, 0.2, 0.1, 0.3, 0.1, 0.2], [2, 3, 1], 'float64');
  const rows = [
    [1 / 4, 2 / 4, 1 / 4],
    [3 / 6, 1 / 6, 2 / 6],
  ];
  const columns = [
    [1 / 4, 3 / 4],
    [2 / 3, 1 / 3],
    [1 / 3, 2 / 3],
  ];
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const expected = {
    '0 → 1': dot(
      [0.25, 0.75],
      rows.map((row) => dot(row, [9, 16, 25])),
    ),
    '0 → 2': 36,
    '1 → 0': dot(
      [0.5, 0.3, 0.2],
      columns.map((column) => dot(column, [1, 4])),
    ),
    '1 → 2': 36,
    '2 → 0': dot([0.4, 0.6], [1, 4]),
    '2 → 1': dot([0.4, 0.3, 0.3], [9, 16, 25]),
  };

  test("each pair is matched by the plan of those two, conditional on the sample's own prototype", async () => {
    const { y } = await evaluate({ y: attraction(x, prototypes, { ...eq9, plan }) });
    expect(y![0]).toBeCloseTo(
      Object.values(expected).reduce((sum, v) => sum + v),
      12,
    );
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
