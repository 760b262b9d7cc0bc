import type { Dataset, Modality, Samples, Split } from '../dataset.ts';

/** The dataset with these modalities only, in this order. */
export function selectModalities(dataset: Dataset, names: readonly string[]): Dataset {
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
