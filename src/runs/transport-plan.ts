/** The transport plan of a trained model between the prototypes of unique features. */
import type { Matrix } from '../analysis/matrix.ts';
import { evenly, knownRows, rowsOf, type ModalityParts } from '../analysis/part.ts';
import { planMeasures, type PlanMeasures } from '../analysis/transport-plan.ts';
import { compile } from '../runtime/node.ts';
import { input, type Tensor } from '../tensor/index.ts';
import type { Network } from '../train/index.ts';

/** The most samples that prototypes are fitted to, taken evenly: all of them at once. */
export const mostFitted = 500;

/** Unique features `[N, d]` of a modality. */
export interface UniqueFeatures {
  readonly modality: string;
  readonly features: Matrix;
}

export interface SolvedPlan {
  /** T* `[K_1, …, K_M]` in row-major order; a modality's axis is its place in `prototypes`. */
  readonly plan: Float64Array;
  readonly prototypes: readonly SolvedPrototypes[];
}

export interface SolvedPrototypes {
  readonly modality: string;
  /** ν `[K]`, summing to 1. */
  readonly masses: Float64Array;
  /** Where the model tells what the plan is between. */
  readonly gaussians?: SolvedGaussians;
}

export interface SolvedGaussians {
  /** μ `[K, d]`. */
  readonly means: Matrix;
  /** The diagonals of Σ `[K, d]`. */
  readonly variances: Matrix;
  /** Σ `[K, d, d]` in row-major order, where the cost of transport is of full covariances. */
  readonly covariances?: Float64Array;
  /** w `[n, K]` of the features that were asked about. */
  readonly assigned: Matrix;
}

/**
 * Fits prototypes to the features of the same samples by modality, as the losses of a model do to a batch, solves for the
 * plan between them, and tells which prototypes the features `asked` about are of. Undefined for a model that has no plan,
 * one whose configuration leaves it out, and without samples.
 */
export async function solvePlan(
  { plan: planOf }: Pick<Network, 'plan'>,
  fitted: readonly UniqueFeatures[],
  asked: readonly UniqueFeatures[] = [],
): Promise<SolvedPlan | undefined> {
  const symbol = (kind: string, { modality, features: { rows, columns } }: UniqueFeatures): [string, Tensor] => [
    modality,
    input(`${kind}.${modality}`, [rows, columns]),
  ];
  if (!planOf || fitted.some(({ features }) => features.rows === 0)) return undefined;
  const solved = planOf(Object.fromEntries(fitted.map((each) => symbol('unique', each))));
  if (!solved) return undefined;
  const about = asked.filter(({ features }) => features.rows > 0);
  const outputs: [string, Tensor][] = [['plan', solved.plan]];
  for (const [m, { modality }] of fitted.entries()) {
    outputs.push([`masses.${modality}`, solved.marginals[m]!]);
    if (!solved.prototypes) continue;
    const { means, variances, covariances, assign } = solved.prototypes[m]!;
    const own = about.find((each) => each.modality === modality);
    outputs.push([`means.${modality}`, means], [`variances.${modality}`, variances]);
    if (covariances) outputs.push([`covariances.${modality}`, covariances]);
    if (own) outputs.push([`assigned.${modality}`, assign(symbol('asked', own)[1])]);
  }
  const program = await compile(Object.fromEntries(outputs), { name: 'transport plan' });
  try {
    const feed = (kind: string, all: readonly UniqueFeatures[]): [string, Float32Array][] =>
      all.map(({ modality, features }) => [`${kind}.${modality}`, Float32Array.from(features.data)]);
    const found = await program.run(Object.fromEntries([...feed('unique', fitted), ...feed('asked', about)]));
    const floats = (name: string): Float64Array => Float64Array.from(found[name] ?? [], Number);
    const matrix = (name: string, columns: number): Matrix => {
      const data = floats(name);
      return { rows: data.length / columns, columns, data };
    };
    const prototypes = fitted.map(({ modality, features: { columns } }): SolvedPrototypes => {
      const masses = floats(`masses.${modality}`);
      if (!solved.prototypes) return { modality, masses };
      const gaussians = {
        ...{ means: matrix(`means.${modality}`, columns), variances: matrix(`variances.${modality}`, columns) },
        ...(found[`covariances.${modality}`] && { covariances: floats(`covariances.${modality}`) }),
        assigned: matrix(`assigned.${modality}`, masses.length),
      };
      return { modality, masses, gaussians };
    });
    return { plan: floats('plan'), prototypes };
  } finally {
    await program.dispose();
  }
}

/** Measures the plan between the test samples that have all modalities; undefined as `solvePlan` says. */
export async function measurePlan(
  network: Pick<Network, 'plan'>,
  parts: readonly ModalityParts[],
): Promise<PlanMeasures | undefined> {
  const rows = evenly(knownRows(parts.map(({ unique }) => unique.test)), mostFitted);
  const solved = await solvePlan(
    network,
    parts.map(({ modality, unique }) => ({ modality, features: rowsOf(unique.test, rows) })),
  );
  if (!solved) return undefined;
  return planMeasures(
    solved.plan,
    Object.fromEntries(solved.prototypes.map(({ modality, masses }) => [modality, masses])),
  );
}
