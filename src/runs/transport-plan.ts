/** The transport plan of a trained model between the prototypes of a split's unique features. */
import { evenly, knownRows, rowsOf, type ModalityParts } from '../analysis/part.ts';
import { planMeasures, type PlanMeasures } from '../analysis/transport-plan.ts';
import { compile } from '../runtime/node.ts';
import { input } from '../tensor/index.ts';
import type { Network } from '../train/index.ts';

/** Samples at most, taken evenly: prototypes are fitted to all of them at once. */
const most = 500;

/**
 * Solves for the plan on the test samples that have all modalities. Undefined for a model that has none, one whose
 * configuration leaves it out, and without such samples.
 */
export async function measurePlan(
  { plan: planOf }: Pick<Network, 'plan'>,
  parts: readonly ModalityParts[],
): Promise<PlanMeasures | undefined> {
  const rows = evenly(knownRows(parts.map(({ unique }) => unique.test)), most);
  if (!planOf || rows.length === 0) return undefined;
  const given = parts.map(({ modality, unique }) => {
    const { columns, data } = rowsOf(unique.test, rows);
    const x = input(`unique.${modality}`, [rows.length, columns]);
    return { modality, x, data: Float32Array.from(data) };
  });
  const solved = planOf(Object.fromEntries(given.map(({ modality, x }) => [modality, x])));
  if (!solved) return undefined;
  const masses = solved.marginals.map((nu, m) => [`masses.${parts[m]!.modality}`, nu] as const);
  const program = await compile({ plan: solved.plan, ...Object.fromEntries(masses) }, { name: 'transport plan' });
  try {
    const found = await program.run(
      Object.fromEntries(given.map(({ modality, data }) => [`unique.${modality}`, data])),
    );
    const floats = (name: string): Float64Array => Float64Array.from(found[name]!, Number);
    return planMeasures(
      floats('plan'),
      Object.fromEntries(parts.map(({ modality }) => [modality, floats(`masses.${modality}`)])),
    );
  } finally {
    await program.dispose();
  }
}
