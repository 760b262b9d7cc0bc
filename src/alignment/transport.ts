/**
 * Multi-marginal optimal transport with entropic regularisation (Section 3.2.2).
 *
 *   Eq. 7   T* = argmin_T ⟨T, C⟩ + λ Σ T log T
 *   Eq. 8   subject to  Σ_{k ≠ m} T = ν_m  for every modality m
 *
 * The plan T has one axis per modality and one entry per combination of prototypes. With dual potentials φ_m,
 * T* = exp((Σ_m φ_m − C)/λ), and each Sinkhorn sweep makes one marginal after another exact by moving its φ_m, in the
 * log domain: first over a falling series of λ, then, relaxed, to a tolerance. What sweeps alone do not settle soon is
 * settled by Newton steps between them.
 *
 * The regularised optimum has the exact gradients d/dC = T* and d/dν_m = φ_m (envelope theorem), so nothing needs to be
 * differentiated through the sweeps: a loop runs them to a tolerance at run time.
 */
import { constant, full, loop, stack, type LoopStep, type Tensor } from '../tensor/index.ts';
import { newtonStep } from './newton-step.ts';
import { sumOf } from './pairs.ts';

export interface TransportOptions {
  /** λ, in units of the cost or of its mean (held constant). */
  readonly lambda: number;
  readonly lambdaScale: 'relative' | 'absolute';
  /** Largest deviation of any marginal that counts as met. */
  readonly tolerance?: number;
  /** Sweeps at most, not counting those over larger λ. Default 200. */
  readonly sweeps?: number;
}

export interface Transport {
  /** T*, of the shape of the cost. No gradient flows through it, or else through everything (`unrolledTransport`). */
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
/** λ starts at half the spread of the cost and shrinks by this factor per sweep: each solution starts the next. */
const annealing = 0.7;
/** Share of a step, within ±1 in the log, taken on top of it: two to four times fewer sweeps. */
const relaxation = 0.5;
/** Sweeps before the first Newton step, which costs as much as some ten of them. */
const sweepsAlone = 30;

/** Solves Eq. 7-8 for a cost `[K_1, …, K_M]` and marginals ν_m `[K_m]`, any M >= 2, each summing to 1. */
export function transport(cost: Tensor, marginals: readonly Tensor[], options: TransportOptions): Transport {
  const { tolerance = cost.dtype === 'float64' ? 1e-8 : 2e-6, sweeps = 200 } = options;
  checkMarginals(cost, marginals);
  const held = cost.detach();
  const nus = marginals.map((nu) => nu.detach());
  const lambda = absolute(options, held);

  const annealed = anneal(held, nus, lambda);
  // From here on potentials are what is added to these, in units of λ: near 0, where float32 resolves them.
  const base = logPlan(held.neg().div(lambda), scaled(annealed, lambda));
  const moves = settle(base, nus, { tolerance, sweeps });
  const exponent = logPlan(base, moves);
  const potentials = annealed.map((phi, m) => phi.add(moves[m]!.mul(lambda)));

  const plan = exponent.exp().detach();
  const value = plan.mul(held.add(exponent.mul(lambda))).sum();
  return {
    plan,
    linear: plan.mul(cost).sum(),
    error: marginalError(plan, nus),
    lambda,
    optimum: withGradient(value, cost, plan, marginals, potentials),
  };
}

/** λ in units of the cost. */
const absolute = ({ lambda, lambdaScale }: TransportOptions, cost: Tensor): Tensor =>
  lambdaScale === 'relative' ? cost.detach().mean().mul(lambda).max(1e-12) : constant([lambda], [], cost.dtype);

/** Potentials φ_m in units of the cost, after one sweep for each of a falling series of λ. */
function anneal(cost: Tensor, nus: readonly Tensor[], lambda: Tensor): readonly Tensor[] {
  // The spread of the cost, not its level, makes the problem hard: the level only shifts the potentials.
  const spread = cost.maximum().sub(cost.neg().maximum().neg());
  const state = [...nus.map((nu) => full(nu.shape, 0, cost.dtype)), spread.mul(0.5).max(lambda)];
  const body = (current: readonly Tensor[], [c, target, ...nu]: readonly Tensor[]): LoopStep => {
    const scale = current.at(-1)!.mul(annealing).max(target!);
    const { potentials } = sweep(c!.neg().div(scale), nu, scaled(current.slice(0, -1), scale));
    return { next: [...potentials.map((phi) => phi.mul(scale)), scale], again: scale.greater(target!) };
  };
  return loop({ state, captured: [cost, lambda, ...nus], limit: 200 }, body).slice(0, -1);
}

/** Sweeps, then Newton steps and sweeps, until every marginal is met: what to add to a log plan, `[K_m]` each. */
function settle(
  base: Tensor,
  nus: readonly Tensor[],
  { tolerance, sweeps }: { tolerance: number; sweeps: number },
): readonly Tensor[] {
  const captured = [base, ...nus];
  const zero = nus.map((nu) => full(nu.shape, 0, base.dtype));
  const limit = Math.min(sweeps, sweepsAlone);
  const swept = loop({ state: zero, captured, limit }, (current, [start, ...nu]) => {
    const { potentials, error } = sweep(start!, nu, current, relaxation);
    return { next: potentials, again: error.greater(tolerance) };
  });
  return loop({ state: swept, captured, limit: sweeps - limit }, (current, [start, ...nu]) => {
    const { potentials, error } = sweep(
      start!,
      nu,
      newtonStep((phi) => logPlan(start!, phi).exp(), nu, current),
      relaxation,
    );
    return { next: potentials, again: error.greater(tolerance) };
  });
}

const scaled = (potentials: readonly Tensor[], lambda: Tensor): Tensor[] => potentials.map((phi) => phi.div(lambda));

/** A log plan with one potential added along each axis. */
const logPlan = (base: Tensor, potentials: readonly Tensor[]): Tensor =>
  base.add(sumOf(potentials.map((phi, m) => along(phi, m, potentials.length))));

const marginalError = (plan: Tensor, nus: readonly Tensor[]): Tensor =>
  stack(nus.map((nu, m) => deviation(plan.sum(others(m, nus.length)), nu))).maximum();

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

/**
 * One Sinkhorn sweep over potentials in units of λ: each is moved by log(ν/mass), which makes its marginal exact; and
 * the largest deviation found before each move. A relaxed step goes further, but only by so much that the dual
 * objective Σ ν φ − mass still rises with every move, from any start: relaxation up to 0.5 within ±1.
 */
function sweep(
  base: Tensor,
  nus: readonly Tensor[],
  potentials: readonly Tensor[],
  further = 0,
): { potentials: Tensor[]; error: Tensor } {
  const moved = [...potentials];
  const errors = nus.map((nu, m) => {
    const logMass = logPlan(base, moved).logSumExp(others(m, nus.length));
    const step = nu.max(massFloor).log().sub(logMass);
    const extra = further > 0 ? step.clamp({ low: -1, high: 1 }).mul(further) : undefined;
    moved[m] = moved[m]!.add(extra ? step.add(extra) : step);
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
  const lambda = absolute(options, cost);
  const base = cost.neg().div(lambda);
  let potentials: Tensor[] = marginals.map((nu) => full(nu.shape, 0, cost.dtype));
  for (let i = 0; i < (options.sweeps ?? 50); i++) ({ potentials } = sweep(base, marginals, potentials));
  const exponent = logPlan(base, potentials);
  const plan = exponent.exp();
  const linear = plan.mul(cost).sum();
  const optimum = linear.add(plan.mul(exponent).sum().mul(lambda));
  return { plan, linear, error: marginalError(plan, marginals), lambda, optimum };
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
