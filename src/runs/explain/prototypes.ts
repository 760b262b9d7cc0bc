/** The transport plan and the prototypes of a split, and which prototypes single samples are of. */
import { evenly, knownRows, partOf, rowsOf as picked, type Part } from '../../analysis/part.ts';
import { planMeasures, pairsOfPlan } from '../../analysis/transport-plan.ts';
import type { Samples } from '../../data/dataset.ts';
import { openPredictor, type OpenModel } from '../open-model.ts';
import { mostFitted, solvePlan, type SolvedPlan, type SolvedPrototypes } from '../transport-plan.ts';
import { pickSamples } from '../../data/samples.ts';
import type { ExplainedPrototypes, ExplainedTransport } from './explanation.ts';
import { nested, rowsOf, slicesOf } from './nested.ts';

/** Prototypes, and what they were fitted to. */
export interface PrototypesOfSplit {
  readonly solved: SolvedPlan;
  /** Unique features `[N, d]` by modality of the samples that prototypes were fitted to. */
  readonly fitted: readonly { readonly modality: string; readonly features: Part }[];
  /** By row of the samples that were asked about, then by modality it has, `[K]`. */
  readonly assignments: readonly Readonly<Record<string, readonly number[]>>[];
}

/**
 * Fits prototypes to those of the samples that have all modalities, at most 500 evenly, and tells of which the samples at the
 * rows that are `asked` about are. The samples are as `preparedSplit` gives them. Undefined for a model that solves for no plan, and where
 * no sample has all modalities.
 */
export async function prototypesOf(
  model: Pick<OpenModel, 'network' | 'data' | 'parameters' | 'trained' | 'standardisation' | 'device'>,
  samples: Samples,
  { asked = [], threads }: { readonly asked?: readonly number[]; readonly threads?: number | undefined } = {},
): Promise<PrototypesOfSplit | undefined> {
  const { plan, parts } = model.network;
  const names = model.data.features.map(({ name }) => name);
  if (!plan || !parts) return undefined;
  const complete = Int32Array.from(samples.ids.keys()).filter((row) =>
    names.every((name) => samples.lengths[name]![row]! > 0),
  );
  const rows = evenly(complete, mostFitted);
  if (rows.length === 0) return undefined;
  const predictor = await openPredictor(model, { representations: true, ...(threads !== undefined && { threads }) });
  try {
    const uniqueOf = async (picked: Samples): Promise<{ modality: string; features: Part }[]> => {
      const { representations } = await predictor.predict(picked);
      return names.map((modality) => ({
        modality,
        features: partOf(picked.ids.length, representations[parts(modality).unique]!, picked.lengths[modality]),
      }));
    };
    const fitted = await uniqueOf(pickSamples(samples, [...rows]));
    const finite = knownRows(fitted.map(({ features }) => features));
    const about = asked.length === 0 ? [] : await uniqueOf(pickSamples(samples, asked));
    const having = about.map(({ modality, features }) => ({ modality, rows: knownRows([features]), features }));
    const solved = await solvePlan(
      model.network,
      fitted.map(({ modality, features }) => ({ modality, features: picked(features, finite) })),
      having.map(({ modality, features, rows: own }) => ({ modality, features: picked(features, own) })),
    );
    if (!solved) return undefined;
    const assignments = asked.map((_, n) =>
      Object.fromEntries(
        having.flatMap(({ modality, rows: own }) => {
          const at = own.indexOf(n);
          const { gaussians } = solved.prototypes.find((each) => each.modality === modality)!;
          return at < 0 || !gaussians ? [] : [[modality, rowsOf(gaussians.assigned)[at]!]];
        }),
      ),
    );
    return { solved, fitted, assignments };
  } finally {
    await predictor.dispose();
  }
}

export function explainedTransport({ solved: { plan, prototypes }, fitted }: PrototypesOfSplit): ExplainedTransport {
  const names = prototypes.map(({ modality }) => modality);
  const shape = prototypes.map(({ masses }) => masses.length);
  const measures = planMeasures(plan, Object.fromEntries(prototypes.map(({ modality, masses }) => [modality, masses])));
  return {
    fitted: fitted[0]!.features.rows,
    plan: nested(plan, shape),
    information: measures.information ?? null,
    pairs: pairsOfPlan(plan, shape).map(({ axes: [i, j], masses, information }) => ({
      modalities: [names[i]!, names[j]!],
      plan: rowsOf({ rows: shape[i]!, columns: shape[j]!, data: masses }),
      information: information ?? null,
    })),
    prototypes: Object.fromEntries(
      prototypes.map((each, m) => [each.modality, explainedPrototypes(each, measures.prototypes[m]!.effective)]),
    ),
  };
}

function explainedPrototypes({ masses, gaussians }: SolvedPrototypes, effective: number): ExplainedPrototypes {
  if (!gaussians) return { masses: Array.from(masses), effective };
  const { means, variances, covariances } = gaussians;
  const { rows: count, columns: width } = means;
  return {
    masses: Array.from(masses),
    effective,
    means: rowsOf(means),
    deviations: rowsOf({ ...variances, data: variances.data.map(Math.sqrt) }),
    ...(covariances && { covariances: slicesOf(covariances, [count, width, width]) }),
  };
}
