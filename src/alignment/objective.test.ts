import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { heterogeneity, homogeneity, weighted, type HeterogeneityOptions } from './objective.ts';

const prototypes = (count: number): HeterogeneityOptions['prototypes'][number] => ({
  count,
  iterations: 2,
  varianceFloor: 1e-4,
  initialization: 'principal-axis',
  gradient: 'all',
});
const options: HeterogeneityOptions = {
  prototypes: [prototypes(2), prototypes(2), prototypes(2)],
  cost: { covariance: 'diagonal', reduction: 'sum' },
  transport: { solver: 'optimum', lambda: 0.2, lambdaScale: 'absolute', tolerance: 1e-12 },
  attraction: { matching: 'index', pairs: 'sum', reduction: 'sum' },
  terms: { transport: true, attraction: true },
};
const shapes = [
  [5, 2],
  [5, 2],
  [5, 2],
];
const x = shapes.map((shape, m) => input(`x${m}`, shape, 'float64'));
const feeds = Object.fromEntries(x.map((_, m) => [`x${m}`, testValues(10, m + 1)]));

describe('Eq. 9', () => {
  test.each(['optimum', 'unrolled', 'fixed-sweeps'] as const)('gradient of both terms, solver %s', async (solver) => {
    const given = { ...options, transport: { ...options.transport, solver, sweeps: solver === 'optimum' ? 200 : 5 } };
    const error = await gradientError((...t) => {
      const { transport, attraction } = heterogeneity(t, given);
      return transport!.add(attraction!);
    }, shapes);
    expect(error).toBeLessThan(1e-5);
  });

  test('gradient with full covariances', async () => {
    const covariance = { shrinkage: 0.2 };
    const given: HeterogeneityOptions = {
      ...options,
      prototypes: options.prototypes.map((p) => ({ ...p, covariance })),
      cost: { covariance: 'full', reduction: 'sum' },
    };
    expect(await gradientError((...t) => heterogeneity(t, given).transport!, shapes)).toBeLessThan(1e-5);
  });

  test("solver 'plan' minimises ⟨T*, C⟩ with T* held, and needs no gradient of the sweeps", async () => {
    const { transport, linear, cost, plan } = heterogeneity(x, {
      ...options,
      transport: { ...options.transport, solver: 'plan' },
    });
    const results = await evaluate(
      {
        transport: transport!,
        linear: linear!,
        a: gradients(transport!, [x[0]!])[0]!,
        b: gradients(plan!.mul(cost).sum(), [x[0]!])[0]!,
      },
      feeds,
    );
    expect(results['transport']).toEqual(results['linear']);
    expect(relativeError(results['a']!, results['b']!)).toBeLessThan(1e-12);
  });

  test('marginals are mean posteriors; the plan meets them', async () => {
    const { marginals, prototypes: fitted, plan, transportError } = heterogeneity(x, options);
    const values = await evaluate(
      { nu: marginals[1]!, mean: fitted[1]!.posterior.mean([0]), mass: plan!.sum([0, 2]), error: transportError! },
      feeds,
    );
    expect(relativeError(values['nu']!, values['mean']!)).toBeLessThan(1e-12);
    expect(relativeError(values['mass']!, values['nu']!)).toBeLessThan(1e-9);
    expect(values['error']![0]).toBeLessThan(1e-12);
  });

  test('what is left out is not computed', () => {
    const none = heterogeneity(x, { ...options, terms: { transport: false, attraction: true } });
    for (const name of ['transport', 'linear', 'plan', 'transportError']) expect(none).not.toHaveProperty(name);
    expect(heterogeneity(x, { ...options, terms: { transport: true, attraction: false } })).not.toHaveProperty(
      'attraction',
    );
  });

  test('without transport the attraction is by index, whatever was to match', async () => {
    const by = (matching: 'plan' | 'index', transport: boolean): Tensor =>
      heterogeneity(x, {
        ...options,
        attraction: { ...options.attraction, matching },
        terms: { transport, attraction: true },
      }).attraction!;
    const values = await evaluate(
      { plan: by('plan', true), index: by('index', true), without: by('plan', false) },
      feeds,
    );
    expect(values['without']).toEqual(values['index']);
    expect(values['without']![0]).not.toBeCloseTo(values['plan']![0]!, 3);
  });
});

test('homogeneity: either term, or both', () => {
  const settings = { moments: { form: 'norms' }, mmd: { bandwidth: 1, estimator: 'biased' } } as const;
  const keys = (moments: boolean, mmd: boolean): string[] =>
    Object.keys(homogeneity(x, { ...settings, terms: { moments, mmd } }));
  expect(keys(true, true)).toEqual(['moments', 'mmd']);
  expect(keys(false, true)).toEqual(['mmd']);
  expect(keys(false, false)).toEqual([]);
});

describe('Eq. 13', () => {
  const one = (value: number): Tensor => constant([value], [], 'float64');

  test('each loss times its weight; those of weight 0 are gone', async () => {
    const kept = weighted(
      { task: one(2), decoupling: one(3), heterogeneity: one(5) },
      { task: 1, decoupling: 0.5, heterogeneity: 0, homogeneity: 1 },
    );
    expect(await evaluate(kept)).toEqual({ task: [2], decoupling: [1.5] });
  });

  test('a loss without a weight is an error', () => {
    expect(() => weighted({ task: one(2), novelty: one(3) }, { task: 1, decoupling: 1 })).toThrow(
      'The loss "novelty" has no weight; there are task, decoupling.',
    );
  });
});
