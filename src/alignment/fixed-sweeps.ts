/**
 * The transport of the authors' code, for their checkpoints and figures: a fixed number of Sinkhorn sweeps in the
 * exponential domain, differentiated through, whose plan loses mass once C/λ exceeds about 18.
 *
 *   K = max(exp(−C/λ), 1e-30);  u_m ← ν_m / (Σ_{k ≠ m} K Π_{j ≠ m} u_j + 1e-8);  T = K Π_m u_m
 *   value = ⟨T, C⟩ + λ Σ T (log max(T, 1e-8) − 1)
 */
import { full, type Tensor } from '../tensor/index.ts';

const kernelFloor = 1e-30;
const massFloor = 1e-8;

export interface FixedSweepsOptions {
  /** λ, absolute. */
  readonly lambda: number;
  readonly sweeps: number;
}

/** For a cost `[K_1, …, K_M]` and marginals `[K_m]`. */
export function fixedSweeps(
  cost: Tensor,
  marginals: readonly Tensor[],
  { lambda, sweeps }: FixedSweepsOptions,
): { plan: Tensor; value: Tensor } {
  const rank = marginals.length;
  const along = (x: Tensor, m: number): Tensor =>
    x.reshape(Array.from({ length: rank }, (_, axis) => (axis === m ? x.shape[0]! : 1)));
  const kernel = cost
    .mul(-1 / Math.max(lambda, 1e-6))
    .exp()
    .max(kernelFloor);
  const nus = marginals.map(along);
  const scaling = nus.map((nu) => full(nu.shape, 1, cost.dtype));
  for (let i = 0; i < sweeps; i++)
    for (const [m, nu] of nus.entries()) {
      const others = nus.map((_, j) => j).filter((j) => j !== m);
      const mass = others.reduce((product, j) => product.mul(scaling[j]!), kernel).sum(others, true);
      scaling[m] = nu.div(mass.add(massFloor));
    }
  const plan = scaling.reduce((product, u) => product.mul(u), kernel);
  const entropy = plan.mul(plan.max(massFloor).log().sub(1)).sum();
  return { plan, value: plan.mul(cost).sum().add(entropy.mul(lambda)) };
}
