import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, input, type Tensor } from '../tensor/index.ts';
import { fixedSweeps } from './fixed-sweeps.ts';

const shape = [2, 3, 2] as const;
const marginals = [
  [0.25, 0.75],
  [0.2, 0.5, 0.3],
  [0.6, 0.4],
] as const;
const cells = Array.from({ length: 12 }, (_, i) => [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2] as const);

/** The formulas of the authors' code, a number at a time. */
function byHand(cost: readonly number[], lambda: number, sweeps: number): { plan: number[]; value: number } {
  const kernel = cost.map((c) => Math.max(Math.exp(-c / lambda), 1e-30));
  const u = marginals.map((nu) => nu.map(() => 1));
  for (let i = 0; i < sweeps; i++)
    for (const [m, nu] of marginals.entries())
      u[m] = nu.map((share, k) => {
        const others = [0, 1, 2].filter((j) => j !== m);
        const products = cells.map((cell, n) => others.reduce((x, j) => x * u[j]![cell[j]!]!, kernel[n]!));
        return share / (products.reduce((sum, x, n) => sum + (cells[n]![m] === k ? x : 0), 0) + 1e-8);
      });
  const plan = cells.map((cell, n) => cell.reduce((x, k, m) => x * u[m]![k]!, kernel[n]!));
  const entropy = plan.reduce((sum, t) => sum + t * (Math.log(Math.max(t, 1e-8)) - 1), 0);
  return { plan, value: plan.reduce((sum, t, n) => sum + t * cost[n]!, 0) + lambda * entropy };
}

const solve = (cost: Tensor, options: Parameters<typeof fixedSweeps>[2]): ReturnType<typeof fixedSweeps> =>
  fixedSweeps(
    cost,
    marginals.map((nu) => constant(nu, [nu.length], cost.dtype)),
    options,
  );

describe.each([
  ['a cost of its λ', 0.3, 1],
  ['a cost so far above λ that its floors count', 0.05, 3],
  ['a cost whose kernel is at its floor', 0.01, 3],
])('of %s', (_, lambda, scale) => {
  const cost = testValues(12, 1, 0, scale);

  test.each([1, 2, 50])('%i sweeps give the plan and the value of the formula', async (sweeps) => {
    const { plan, value } = await evaluate({ ...solve(input('cost', shape, 'float64'), { lambda, sweeps }) }, { cost });
    const expected = byHand(cost, lambda, sweeps);
    expect(relativeError(plan!, expected.plan)).toBeLessThan(1e-10);
    expect(relativeError(value!, [expected.value])).toBeLessThan(1e-10);
  });
});

test('no sweep leaves the kernel, and a λ of 0 counts as 1e-6', async () => {
  const cost = cells.map((_, n) => n * 1e-6);
  const of = (lambda: number): Record<string, Tensor> => solve(input('cost', shape, 'float64'), { lambda, sweeps: 0 });
  const [none, least] = [await evaluate(of(0), { cost }), await evaluate(of(1e-6), { cost })];
  expect(none['plan']).toEqual(least['plan']);
  expect(
    relativeError(
      none['plan']!,
      cost.map((_, n) => Math.exp(-n)),
    ),
  ).toBeLessThan(1e-12);
});

test('gradient by central differences, through every sweep', async () => {
  const value = (cost: Tensor): Tensor => solve(cost, { lambda: 0.3, sweeps: 5 }).value;
  expect(await gradientError(value, [shape], { range: [0, 1] })).toBeLessThan(1e-6);
});
