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
import {
  concat,
  constant,
  full,
  loop,
  size,
  stack,
  withGradient,
  type LoopStep,
  type Tensor,
} from '../tensor/index.ts';
import { newtonStep } from './newton-step.ts';
import { sumOf } from './pairs.ts';

export interface TransportOptions {
  /** λ, in units of the cost, of its mean, or of the standard deviation of its entries (both held constant). */
  readonly lambda: number;
  readonly lambdaScale: 'relative' | 'absolute' | 'spread';
  /** Largest deviation of any marginal that counts as met. */
  readonly tolerance?: number;
  /** Sweeps at most, not counting those over larger λ. Default 200. */
  readonly sweeps?: number;
}

export interface Transport {
  /**
   * T*, of the shape of the cost. `transport` holds it constant in gradients; that of `unrolledTransport` is differentiated
   * through every sweep.
   */
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
const sweepsAlone = 32;
/** Sweeps between two looks at how far the marginals are off, which cost as much as half a sweep. */
const sweepsPerCheck = 4;

/** Solves Eq. 7-8 for a cost `[K_1, …, K_M]` and marginals ν_m `[K_m]`, any M >= 2, each summing to 1. */
export function transport(cost: Tensor, marginals: readonly Tensor[], options: TransportOptions): Transport {
  const { tolerance = cost.dtype === 'float64' ? 1e-8 : 2e-6, sweeps = 200 } = options;
  checkMarginals(cost, marginals);
  const held = cost.detach();
  const nus = marginals.map((nu) => nu.detach());
  const lambda = absolute(options, held);

  const annealed = anneal(held, nus, lambda);
  // From here on only corrections of these potentials are sought, in units of λ: near 0 float32 resolves them well.
  const base = sumOf([held.neg(), ...annealed]).div(lambda);
  const moves = settle(base, nus, { tolerance, sweeps });
  const exponent = sumOf([base, ...moves]);
  const potentials = annealed.map((phi, m) => phi.add(moves[m]!.mul(lambda)).reshape(nus[m]!.shape));

  const plan = exponent.exp().detach();
  const value = plan.mul(held.add(exponent.mul(lambda))).sum();
  return {
    plan,
    linear: plan.mul(cost).sum(),
    error: marginalError(plan, nus),
    lambda,
    optimum: withGradient(value, [cost, ...marginals], (dy) => [plan, ...potentials].map((factor) => factor.mul(dy))),
  };
}

/** λ in units of the cost. */
function absolute({ lambda, lambdaScale }: TransportOptions, cost: Tensor): Tensor {
  if (lambdaScale === 'absolute') return constant([lambda], [], cost.dtype);
  const held = cost.detach();
  const mean = held.mean();
  return (lambdaScale === 'relative' ? mean : held.sub(mean).square().mean().sqrt()).mul(lambda).max(1e-12);
}

/** Potentials φ_m in units of the cost, along their axes, after one sweep for each of a falling series of λ. */
function anneal(cost: Tensor, nus: readonly Tensor[], lambda: Tensor): readonly Tensor[] {
  // The spread of the cost, not its level, makes the problem hard: the level only shifts the potentials.
  const spread = cost.maximum().sub(cost.minimum());
  const logs = logarithms(nus);
  const state = [...logs.map((log) => full(log.shape, 0, cost.dtype)), spread.mul(0.5).max(lambda)];
  const captured = [cost.neg(), lambda, ...logs];
  return loop({ state, captured, limit: 200 }, (current, [negated, target, ...logNus]) => {
    const scale = current.at(-1)!.mul(annealing).max(target!);
    const phis = current.slice(0, -1);
    const steps = sweep(sumOf([negated!, ...phis]).div(scale), logNus);
    return { next: [...phis.map((phi, m) => phi.add(steps[m]!.mul(scale))), scale], again: scale.greater(target!) };
  }).slice(0, -1);
}

/**
 * Sweeps, then Newton steps and sweeps, until every marginal is met: what to add to a log plan, along the axes of the
 * modalities.
 */
function settle(
  base: Tensor,
  nus: readonly Tensor[],
  { tolerance, sweeps }: { tolerance: number; sweeps: number },
): readonly Tensor[] {
  const count = nus.length;
  const logs = logarithms(nus);
  const captured = [base, ...logs];
  const start = [...logs.map((log) => full(log.shape, 0, base.dtype)), constant([Infinity], [], base.dtype)];
  /** Some relaxed sweeps, and how far the marginals were off before the last. */
  const relaxed = (times: number, from: readonly Tensor[], [plan, ...logNus]: readonly Tensor[]): LoopStep => {
    let phis = from;
    let steps: readonly Tensor[] = [];
    for (let i = 0; i < times; i++) {
      steps = sweep(sumOf([plan!, ...phis]), logNus, relaxation);
      phis = phis.map((phi, m) => phi.add(steps[m]!));
    }
    const error = deviation(steps, logNus);
    return { next: [...phis, error], again: error.greater(tolerance) };
  };
  const times = Math.min(sweepsPerCheck, sweeps);
  const limit = Math.floor(Math.min(sweeps, sweepsAlone) / times);
  const swept = loop({ state: start, captured, limit }, (state, outer) => relaxed(times, state.slice(0, count), outer));
  const when = swept.at(-1)!.greater(tolerance);
  const newton = { state: swept, captured: [...captured, ...nus], limit: sweeps - limit * times, when };
  return loop(newton, (state, outer) => {
    const marginals = outer.slice(1 + count);
    const flat = state.slice(0, count).map((phi, m) => phi.reshape(marginals[m]!.shape));
    const planOf = (phis: readonly Tensor[]): Tensor =>
      sumOf([outer[0]!, ...phis.map((phi, m) => along(phi, m, count))]).exp();
    const phis = newtonStep(planOf, marginals, flat).map((phi, m) => along(phi, m, count));
    return relaxed(1, phis, outer.slice(0, 1 + count));
  }).slice(0, count);
}

/** log ν_m, along the axes of the modalities. */
const logarithms = (nus: readonly Tensor[]): Tensor[] =>
  nus.map((nu, m) => along(nu.max(massFloor).log(), m, nus.length));

const marginalError = (plan: Tensor, nus: readonly Tensor[]): Tensor =>
  stack(nus.map((nu, m) => plan.sum(others(m, nus.length)).sub(nu).abs().maximum())).maximum();

/**
 * One Sinkhorn sweep over a log plan: the moves log(ν/mass) of the potentials, along their axes, each of which makes its
 * marginal exact. A relaxed move goes further, but only by so much that the dual objective Σ ν φ − mass still rises with
 * every move, from any start: relaxation up to 0.5 within ±1.
 */
function sweep(logPlan: Tensor, logNus: readonly Tensor[], further = 0): Tensor[] {
  let exponent = logPlan;
  return logNus.map((logNu, m) => {
    const exact = logNu.sub(exponent.logSumExp(others(m, logNus.length), true));
    const move = further > 0 ? exact.add(exact.clamp({ low: -1, high: 1 }).mul(further)) : exact;
    exponent = exponent.add(move);
    return move;
  });
}

/**
 * The largest |ν − mass| before these moves: ν |1 − e^−move| where they are exact. Relaxed moves are up to half as long
 * again, and the deviation seems larger by as much: the loop errs on the side of one check more.
 */
function deviation(moves: readonly Tensor[], logNus: readonly Tensor[]): Tensor {
  const flat = (parts: readonly Tensor[]): Tensor =>
    concat(
      parts.map((x) => x.reshape([size(x.shape)])),
      0,
    );
  return flat(logNus).exp().mul(flat(moves).neg().exp().sub(1)).abs().maximum();
}

/**
 * ⟨T, C⟩ after a fixed number of unrolled sweeps, differentiable in full: its gradient also holds dT*\/dC, which can
 * even have the opposite sign of T*.
 */
export function unrolledTransport(cost: Tensor, marginals: readonly Tensor[], options: TransportOptions): Transport {
  checkMarginals(cost, marginals);
  const lambda = absolute(options, cost);
  const base = cost.neg().div(lambda);
  const logs = logarithms(marginals);
  let potentials = logs.map((log) => full(log.shape, 0, cost.dtype));
  for (let i = 0; i < (options.sweeps ?? 50); i++) {
    const moves = sweep(sumOf([base, ...potentials]), logs);
    potentials = potentials.map((phi, m) => phi.add(moves[m]!));
  }
  const exponent = sumOf([base, ...potentials]);
  const plan = exponent.exp();
  const linear = plan.mul(cost).sum();
  const optimum = linear.add(plan.mul(exponent).sum().mul(lambda));
  return { plan, linear, error: marginalError(plan, marginals), lambda, optimum };
}

const others = (m: number, rank: number): number[] => Array.from({ length: rank }, (_, i) => i).filter((i) => i !== m);

/** A vector `[K]` laid along axis m of a plan of the given rank. */
const along = (x: Tensor, m: number, rank: number): Tensor =>
  x.reshape(Array.from({ length: rank }, (_, axis) => (axis === m ? x.shape[0]! : 1)));

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
