import { expect, test } from 'vitest';
import { evaluate, testValues } from '../runtime/testing.ts';
import { constant, input, type Tensor } from '../tensor/index.ts';
import { newtonStep } from './newton-step.ts';

const along = (x: Tensor, m: number): Tensor => x.reshape([0, 1, 2].map((axis) => (axis === m ? x.shape[0]! : 1)));
const sizes = [2, 3, 4];

/** The largest deviation of the marginals of exp(base + Σ φ), after so many Newton steps from φ = 0. */
async function errorAfter(steps: number, spread: number, dtype: 'float32' | 'float64'): Promise<number> {
  const base = input('base', sizes, dtype);
  const marginals = [
    [0.3, 0.7],
    [0.2, 0.3, 0.5],
    [0.1, 0.2, 0.3, 0.4],
  ].map((nu) => constant(nu, [nu.length], dtype));
  const planOf = (phi: readonly Tensor[]): Tensor => phi.reduce((sum, x, m) => sum.add(along(x, m)), base).exp();
  let potentials: readonly Tensor[] = sizes.map((k) => constant(Array<number>(k).fill(0), [k], dtype));
  for (let i = 0; i < steps; i++) potentials = newtonStep(planOf, marginals, potentials);
  const plan = planOf(potentials);
  const errors = marginals.map((nu, m) =>
    plan
      .sum([0, 1, 2].filter((axis) => axis !== m))
      .sub(nu)
      .abs()
      .maximum(),
  );
  const results = await evaluate(Object.fromEntries(errors.map((e, m) => [`${m}`, e])), {
    base: testValues(24, 1, -spread, 0),
  });
  return Math.max(...Object.values(results).flat());
}

test('converges quadratically from any start', async () => {
  expect(await errorAfter(12, 4, 'float64')).toBeLessThan(1e-10);
  // The sweep that follows each step does the rest: below this, float32 cannot tell one objective from the next.
  expect(await errorAfter(12, 4, 'float32')).toBeLessThan(1e-5);
});

test('a start without mass is no trouble', async () => {
  expect(Number.isFinite(await errorAfter(8, 600, 'float64'))).toBe(true);
  expect(Number.isFinite(await errorAfter(8, 200, 'float32'))).toBe(true);
});
