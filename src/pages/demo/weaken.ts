/** A sample with less of a modality: none of it, or its numbers moved towards what is usual. */
import { PreparedSample, type Step } from '../../deploy/sample.ts';
import type { DemoModality, DemoStatistics } from '../../demo/content.ts';

/** How much of each modality is left, by name: from 1, as it is, to 0; and `left out`, as in a sample that has none. */
export type Strengths = Readonly<Record<string, Strength>>;
export type Strength = number | 'left out';

/** The inputs that a modality is: itself, or the ids and the segments of its tokens. */
const inputsOf = ({ name, tokens }: DemoModality, { steps }: PreparedSample): readonly string[] =>
  tokens === undefined ? [name] : [`${name}_ids`, `${name}_segments`].filter((input) => Object.hasOwn(steps, input));

/** How many time steps a sample has of a modality; 0 where it lacks it. */
export const lengthOf = (modality: DemoModality, sample: PreparedSample): number =>
  sample.steps[inputsOf(modality, sample)[0]!]?.length ?? 0;

/**
 * The sample with every modality as strong as that says. A number x becomes `centre + strength (x - centre)`, and one that is
 * missing stays so; of tokens, which are no quantities, the first are kept, in that share.
 */
export function weakened(
  sample: PreparedSample,
  strengths: Strengths,
  {
    modalities,
    statistics,
  }: { modalities: readonly DemoModality[]; statistics: Readonly<Record<string, DemoStatistics>> },
): PreparedSample {
  const steps = { ...sample.steps };
  for (const modality of modalities) {
    const strength = strengths[modality.name] ?? 1;
    if (strength === 1) continue;
    for (const input of inputsOf(modality, sample)) {
      const own = sample.steps[input] ?? [];
      if (strength === 'left out') steps[input] = [];
      else if (modality.tokens !== undefined) steps[input] = own.slice(0, Math.ceil(own.length * strength));
      else steps[input] = towards(own, statistics[modality.name]?.centre ?? [], strength);
    }
  }
  return new PreparedSample(sample.id, steps);
}

const towards = (steps: readonly Step[], centre: readonly number[], strength: number): readonly Step[] =>
  steps.map((step) =>
    typeof step === 'number'
      ? step
      : step.map((x, d) => (x === null ? null : centre[d]! + strength * (x - centre[d]!))),
  );
