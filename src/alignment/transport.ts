/**
 * Multi-marginal optimal transport with entropic regularisation (Section 3.2.2).
 *
 *   Eq. 7   T* = argmin_T ⟨T, C⟩ + λ Σ T log T
 *   Eq. 8   subject to  Σ_{k ≠ m} T = ν_m  for every modality m
 *
 * The plan T has one axis per modality and one entry per combination of prototypes. With dual potentials φ_m,
 * T* = exp((Σ_m φ_m − C)/λ), and each Sinkhorn sweep makes one marginal after another exact by moving its φ_m.
 *
 * The regularised optimum has the exact gradients d/dC = T* and d/dν_m = φ_m (envelope theorem), so nothing needs to be
 * differentiated through the sweeps: a loop runs them to a tolerance at run time.
 */
import { constant, full, loop, stack, type Tensor } from '../tensor/index.ts';
import { sumOf } from './pairs.ts';

export interface TransportOptions {
  /** λ, in units of the cost or of its mean (held constant). */
  readonly lambda: number;
  readonly lambdaScale: 'relative' | 'absolute';
  /** Largest deviation of any marginal that counts as met. */
  readonly tolerance?: number;
  /** Sweeps at most. */
  readonly sweeps?: number;
}

export interface Transport {
  /** T*, of the shape of the cost. No gradient flows through it. */
  readonly plan: Tensor;
  /** ⟨T*, C⟩ + λ Σ T* log T*: what Eq. 7 minimises. Its gradient is T* for the cost and φ_m for the marginals. */
  readonly optimum: Tensor;
  /** ⟨T*, C⟩, the transport cost of Eq. 9. With T* held constant its gradient is T*, too. */
  readonly linear: Tensor;
  /** Largest deviation of the plan's marginals from ν. */
  readonly error: Tensor;
  /** λ in units of the cost. */
  readonly lambda: Tensor;
}

/** Marginals below this count as this in the log. */
const massFloor = 1e-30;
/** λ starts at the largest cost and shrinks by this factor per sweep: warm starts, several times fewer sweeps. */
const annealing = 0.7;

/** Solves Eq. 7-8 for a cost `[K_1, …, K_M]` and marginals ν_m `[K_m]`, any M >= 2, each summing to 1. */
export function transport(cost: Tensor, marginals: readonly Tensor[], options: TransportOptions): Transport {
  const { tolerance = cost.dtype === 'float64' ? 1e-8 : 2e-6, sweeps = 10_000 } = options;
  checkMarginals(cost, marginals);
  const axes = marginals.map((_, m) => m);
  const held = cost.detach();
  const nus = marginals.map((nu) => nu.detach());
  const lambda =
    options.lambdaScale === 'relative'
      ? held.mean().mul(options.lambda).max(1e-12)
      : constant([options.lambda], [], cost.dtype);

  // The spread of the cost, not its level, makes the problem hard: the level only shifts the potentials.
  const spread = held.maximum().sub(held.neg().maximum().neg());
  const start = spread.mul(0.5).max(lambda);
  const state = [...nus.map((nu) => full(nu.shape, 0, cost.dtype)), start];
  const [...solved] = loop(
    { state, captured: [held, lambda, ...nus], limit: sweeps },
    (current, [c, target, ...nu]) => {
      const scale = current.at(-1)!.mul(annealing).max(target!);
      const { potentials, error } = sweep(c!, nu, current.slice(0, -1), scale);
      const unsettled = scale.greater(target!).or(error.greater(tolerance));
      return { next: [...potentials, scale], again: unsettled };
    },
  );
  const potentials = solved.slice(0, -1);

  const exponent = sumOf(axes.map((m) => along(potentials[m]!, m, axes.length)))
    .sub(held)
    .div(lambda);
  const plan = exponent.exp();
  const error = stack(axes.map((m) => deviation(plan.sum(others(m, axes.length)), nus[m]!))).maximum();
  const value = plan.mul(held.add(exponent.mul(lambda))).sum();
  return {
    plan,
    linear: plan.mul(cost).sum(),
    error,
    lambda,
    optimum: withGradient(value, cost, plan, marginals, potentials),
  };
}

/** The value, with the gradients of the envelope theorem: d/dC = T*, d/dν_m = φ_m. */
function withGradient(
  value: Tensor,
  cost: Tensor,
  plan: Tensor,
  marginals: readonly Tensor[],
  potentials: readonly Tensor[],
): Tensor {
  const linear = plan.detach().mul(cost).sum();
  const surrogate = marginals.reduce((sum, nu, m) => sum.add(nu.mul(potentials[m]!.detach()).sum()), linear);
  return surrogate.add(value.sub(surrogate).detach());
}

/** One Sinkhorn sweep: every potential in turn; and the largest deviation found before each was moved. */
function sweep(
  cost: Tensor,
  nus: readonly Tensor[],
  potentials: readonly Tensor[],
  lambda: Tensor,
): { potentials: Tensor[]; error: Tensor } {
  const moved = [...potentials];
  const errors = nus.map((nu, m) => {
    const rank = nus.length;
    const logPlan = sumOf(moved.map((phi, i) => along(phi, i, rank)))
      .sub(cost)
      .div(lambda);
    const logMass = logPlan.logSumExp(others(m, rank));
    moved[m] = moved[m]!.add(nu.max(massFloor).log().sub(logMass).mul(lambda));
    return deviation(logMass.exp(), nu);
  });
  return { potentials: moved, error: stack(errors).maximum() };
}

/**
 * ⟨T, C⟩ after a fixed number of unrolled sweeps, differentiable in full: its gradient also holds dT*\/dC, which can
 * even have the opposite sign of T*.
 */
export function unrolledTransport(cost: Tensor, marginals: readonly Tensor[], options: TransportOptions): Transport {
  checkMarginals(cost, marginals);
  const axes = marginals.map((_, m) => m);
  const lambda =
    options.lambdaScale === 'relative'
      ? cost.detach().mean().mul(options.lambda).max(1e-12)
      : constant([options.lambda], [], cost.dtype);
  let potentials: Tensor[] = marginals.map((nu) => full(nu.shape, 0, cost.dtype));
  for (let i = 0; i < (options.sweeps ?? 50); i++) ({ potentials } = sweep(cost, marginals, potentials, lambda));
  const exponent = sumOf(axes.map((m) => along(potentials[m]!, m, axes.length)))
    .sub(cost)
    .div(lambda);
  const plan = exponent.exp();
  const error = stack(axes.map((m) => deviation(plan.sum(others(m, axes.length)), marginals[m]!))).maximum();
  const linear = plan.mul(cost).sum();
  return { plan, linear, error, lambda, optimum: linear.add(plan.mul(exponent).sum().mul(lambda)) };
}

const others = (m: number, rank: number): number[] => Array.from({ length: rank }, (_, i) => i).filter((i) => i !== m);

/** A vector `[K]` laid along axis m of a plan of the given rank. */
const along = (x: Tensor, m: number, rank: number): Tensor =>
  x.reshape(Array.from({ length: rank }, (_, axis) => (axis === m ? x.shape[0]! : 1)));

const deviation = (mass: Tensor, nu: Tensor): Tensor => mass.sub(nu).abs().maximum();

function checkMarginals(cost: Tensor, marginals: readonly Tensor[]): void {
  if (marginals.length < 2) throw new RangeError(`Transport needs at least two marginals, got ${marginals.length}.`);
  if (
    cost.shape.length !== marginals.length ||
    marginals.some((nu, m) => nu.shape.length !== 1 || nu.shape[0] !== cost.shape[m])
  )
    throw new RangeError(
      `A cost of shape [${cost.shape}] does not go with marginals of ${marginals.map((nu) => `[${nu.shape}]`).join(', ')}.`,
    );
}
