/** Eq. 6-8 and 11-12 against numbers computed elsewhere, in float64 (and what float32 reaches). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buresDistance, fixedSweeps, jointCost, mmd, pairwiseCost, transport } from '../../src/alignment/index.ts';
import { evaluate, relativeError } from '../../src/runtime/testing.ts';
import { constant, type DType, type Tensor } from '../../src/tensor/index.ts';

interface Entropic {
  linear: number;
  ent_TlogT_minus_T: number;
  obj: number;
  mass: number;
}
const golden = JSON.parse(readFileSync('test/fixtures/transport/golden.json', 'utf8')) as {
  pot_get_gmms_seed42: Record<'m_s' | 'm_t' | 'bw2' | 'bw2_diag_only', number[][]> &
    Record<'C_s' | 'C_t', number[][][]>;
  ott_bures: { r: number[]; s: number[]; bures2: number };
  mmot3: Record<'x' | 'y' | 'z' | 'a' | 'b' | 'c', number[]> & { lp_exact: number } & Record<
      'eps1.0' | 'eps0.1' | 'eps1.0_decalign_repo50' | 'eps0.1_decalign_repo50',
      Entropic
    >;
  mmd: { X: number[][]; Y: number[][]; sigma: number; biased: number; unbiased: number };
};

describe.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('Eq. 6 in %s', (dtype, limit) => {
  const gmm = golden.pot_get_gmms_seed42;
  const prototypes = (means: number[][], covariances: number[][][]): Parameters<typeof pairwiseCost>[0] => {
    const [k, d] = [means.length, means[0]!.length];
    const variances = covariances.flatMap((c) => c.map((row, i) => row[i]!));
    return {
      weights: constant(Array<number>(k).fill(1 / k), [k], dtype),
      means: constant(means.flat(), [k, d], dtype),
      variances: constant(variances, [k, d], dtype),
      covariances: constant(covariances.flat(2), [k, d, d], dtype),
      posterior: constant(Array<number>(k).fill(1 / k), [1, k], dtype),
    };
  };
  const [source, target] = [prototypes(gmm.m_s, gmm.C_s), prototypes(gmm.m_t, gmm.C_t)];

  test.each([
    ['full', gmm.bw2],
    ['diagonal', gmm.bw2_diag_only],
  ] as const)('%s covariances', async (covariance, expected) => {
    const { y } = await evaluate({ y: pairwiseCost(source, target, { covariance, reduction: 'sum' }) });
    expect(relativeError(y!, expected.flat())).toBeLessThan(limit);
  });

  test("OTT's pair", async () => {
    const { r, s, bures2 } = golden.ott_bures;
    const matrix = (v: number[]): Tensor =>
      constant(
        v.flatMap((x, i) => v.map((_, j) => (i === j ? x : 0))),
        [1, v.length, v.length],
        dtype,
      );
    const { y } = await evaluate({ y: buresDistance(matrix(r), matrix(s)) });
    expect(relativeError(y!, [bures2])).toBeLessThan(limit);
  });
});

describe('Eq. 7-8: three marginals on a line', () => {
  const { x, y, z, a, b, c, lp_exact: exact } = golden.mmot3;
  const points = [x, y, z];
  const problem = (dtype: DType): { cost: Tensor; marginals: Tensor[] } => ({
    cost: jointCost((i, j) => {
      const squared = points[i]!.flatMap((p) => points[j]!.map((q) => (p - q) ** 2));
      return constant(squared, [3, 3], dtype);
    }, 3),
    marginals: [a, b, c].map((nu) => constant(nu, [3], dtype)),
  });
  const solve = async (lambda: number, dtype: DType): Promise<Record<'linear' | 'optimum' | 'error', number>> => {
    const { cost, marginals } = problem(dtype);
    const { linear, optimum, error } = transport(cost, marginals, { lambda, lambdaScale: 'absolute' });
    const values = await evaluate({ linear, optimum, error });
    return { linear: values['linear']![0]!, optimum: values['optimum']![0]!, error: values['error']![0]! };
  };

  test.each([
    [1, 'eps1.0', 'float64', 1e-7],
    [0.1, 'eps0.1', 'float64', 1e-7],
    [1, 'eps1.0', 'float32', 1e-5],
    [0.1, 'eps0.1', 'float32', 1e-5],
  ] as const)('λ = %d (%s) in %s', async (lambda, key, dtype, limit) => {
    const { linear, ent_TlogT_minus_T: entropy } = golden.mmot3[key];
    const solved = await solve(lambda, dtype);
    expect(relativeError([solved.linear], [linear])).toBeLessThan(limit);
    // Ours is Σ T log T: theirs, Σ T (log T − 1), and the mass of 1.
    expect(relativeError([solved.optimum], [linear + lambda * (entropy + 1)])).toBeLessThan(limit);
  });

  test('as λ falls, ⟨T*, C⟩ falls to the linear programme', async () => {
    const values = await Promise.all([3, 1, 0.3, 0.1, 0.03].map((lambda) => solve(lambda, 'float64')));
    values.slice(1).forEach(({ linear }, i) => expect(linear).toBeLessThanOrEqual(values[i]!.linear + 1e-7));
    expect(relativeError([values.at(-1)!.linear], [exact])).toBeLessThan(1e-6);
  });

  test.each([
    [1, 'eps1.0_decalign_repo50'],
    [0.1, 'eps0.1_decalign_repo50'],
  ] as const)("the authors' 50 sweeps at λ = %d, mass lost and all", async (lambda, key) => {
    const { cost, marginals } = problem('float64');
    const { plan, value } = fixedSweeps(cost, marginals, { lambda, sweeps: 50 });
    const results = await evaluate({ linear: plan.mul(cost).sum(), mass: plan.sum(), value });
    const { linear, mass, obj } = golden.mmot3[key];
    expect(relativeError(results['linear']!, [linear])).toBeLessThan(1e-5);
    expect(relativeError(results['mass']!, [mass])).toBeLessThan(1e-5);
    expect(relativeError(results['value']!, [obj])).toBeLessThan(1e-5);
  });
});

test.each(['biased', 'unbiased'] as const)('Eq. 11-12: the %s estimate', async (estimator) => {
  const { X, Y, sigma } = golden.mmd;
  const [p, q] = [X, Y].map((rows) => constant(rows.flat(), [rows.length, 2], 'float64')) as [Tensor, Tensor];
  const { y } = await evaluate({ y: mmd(p, q, { bandwidth: sigma, estimator }) });
  expect(relativeError(y!, [golden.mmd[estimator]])).toBeLessThan(1e-9);
});
