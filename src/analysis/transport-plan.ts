/**
 * What a transport plan T between prototypes says. For each pair of modalities, with T_ij the plan summed over all others:
 *
 *   information   I(T_ij) / min(H(i), H(j)),  I = Σ T_ij log (T_ij / (T_i T_j))
 *
 * 0 where every prototype is sent to all others alike, 1 where each has a partner of its own. A modality with prototypes of
 * mass ν has exp H(ν) effective ones: K where all are as large, 1 where one has all samples.
 */
import { meanOf } from './determination.ts';

/** The plan of two modalities, summed over all others. */
export interface PairOfPlan {
  /** The axes of the two, from 0. */
  readonly axes: readonly [number, number];
  /** T_ij `[K_i, K_j]` in row-major order. */
  readonly masses: Float64Array;
  /** In 0..1; undefined where one prototype has all mass. */
  readonly information: number | undefined;
}

export interface PlanMeasures {
  /** In 0..1, the mean over pairs of modalities; undefined where one prototype has all mass. */
  readonly information: number | undefined;
  readonly prototypes: readonly {
    readonly modality: string;
    /** From 1 to `count`. */
    readonly effective: number;
    readonly count: number;
  }[];
}

/** Measures a plan `[K_1, …, K_M]` in row-major order, of any mass, by the masses of prototypes `[K_m]` by modality. */
export function planMeasures(plan: Float64Array, masses: Readonly<Record<string, Float64Array>>): PlanMeasures {
  const shape = Object.values(masses).map(({ length }) => length);
  return {
    information: meanOf(pairsOfPlan(plan, shape).map(({ information }) => information)),
    prototypes: Object.entries(masses).map(([modality, nu]) => ({
      modality,
      effective: Math.exp(entropy(nu)),
      count: nu.length,
    })),
  };
}

/** Every two modalities of a plan `[K_1, …, K_M]` in row-major order, of any mass. */
export function pairsOfPlan(plan: Float64Array, shape: readonly number[]): PairOfPlan[] {
  const total = plan.reduce((sum, mass) => sum + mass, 0);
  const pairs = shape.flatMap((_, i) => shape.slice(i + 1).map((__, j) => [i, i + 1 + j] as const));
  return pairs.map((axes) => {
    const masses = marginal(plan, shape, axes);
    return { axes, masses, information: sharedInformation(masses, shape[axes[1]]!, total) };
  });
}

/** T_ij `[K_i, K_j]`. */
function marginal(plan: Float64Array, shape: readonly number[], [i, j]: readonly [number, number]): Float64Array {
  const strideOf = (axis: number): number => shape.slice(axis + 1).reduce((product, count) => product * count, 1);
  const [first, second] = [strideOf(i), strideOf(j)];
  const sums = new Float64Array(shape[i]! * shape[j]!);
  for (const [at, mass] of plan.entries()) {
    const [row, column] = [Math.floor(at / first) % shape[i]!, Math.floor(at / second) % shape[j]!];
    sums[row * shape[j]! + column]! += mass;
  }
  return sums;
}

function sharedInformation(joint: Float64Array, columns: number, total: number): number | undefined {
  const rows = joint.length / columns;
  const [first, second] = [new Float64Array(rows), new Float64Array(columns)];
  for (const [at, mass] of joint.entries()) {
    first[Math.floor(at / columns)]! += mass / total;
    second[at % columns]! += mass / total;
  }
  const most = Math.min(entropy(first), entropy(second));
  const information = entropy(first) + entropy(second) - entropy(joint.map((mass) => mass / total));
  // Below this it is one prototype that has all mass, but for rounding.
  return most > 1e-9 ? Math.min(1, Math.max(0, information / most)) : undefined;
}

const entropy = (masses: Float64Array): number =>
  masses.reduce((sum, mass) => (mass > 0 ? sum - mass * Math.log(mass) : sum), 0);
