import type { Dataset, Modality, Samples, Split } from '../dataset.ts';

/** The dataset with these modalities only, in this order; with `ifAny` those that it has, unless it has none of them. */
export function selectModalities(
  dataset: Dataset,
  asked: readonly string[],
  { ifAny = false }: { readonly ifAny?: boolean } = {},
): Dataset {
  const held = asked.filter((name) => dataset.modalities.some((modality) => modality.name === name));
  const names = ifAny && held.length > 0 ? held : asked;
  const modalities = names.map((name): Modality => {
    const found = dataset.modalities.find((modality) => modality.name === name);
    if (found === undefined) {
      const available = dataset.modalities.map((modality) => modality.name).join(', ');
      throw new RangeError(`Dataset "${dataset.name}" has no modality "${name}"; it has ${available}.`);
    }
    return found;
  });
  const pick = <T>(byName: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, byName[name]!]));
  const splits = (Object.entries(dataset.splits) as [Split, Samples][]).map(([split, samples]) => [
    split,
    { ...samples, features: pick(samples.features), lengths: pick(samples.lengths) },
  ]);
  return { ...dataset, modalities, splits: Object.fromEntries(splits) as Dataset['splits'] };
}
