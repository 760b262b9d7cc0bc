/**
 * Losses and diagnostics of an epoch's steps: their sums, which a checkpoint within an epoch keeps, and their means.
 */
export interface EpochSums {
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
}

export const noSums: EpochSums = { losses: {}, diagnostics: {} };

export const plus = (sums: EpochSums, step: EpochSums): EpochSums => ({
  losses: eachPlus(sums.losses, step.losses),
  diagnostics: eachPlus(sums.diagnostics, step.diagnostics),
});

type Numbers = Readonly<Record<string, number>>;

function eachPlus(sums: Numbers, values: Numbers): Numbers {
  const added = new Map(Object.entries(sums));
  for (const [name, value] of Object.entries(values)) added.set(name, (added.get(name) ?? 0) + value);
  return Object.fromEntries(added);
}

export function meansOf({ losses, diagnostics }: EpochSums, steps: number): EpochSums {
  const means = (sums: Numbers): Numbers =>
    Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
  return { losses: means(losses), diagnostics: means(diagnostics) };
}
