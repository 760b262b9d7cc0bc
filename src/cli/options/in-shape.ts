import type { Dataset, Split } from '../../data/dataset.ts';
import { cutToModel, stepsForModel } from '../../runs/new-samples.ts';
import type { OpenModel } from '../../runs/open-model.ts';

/** The dataset with sequences that are no longer than in training, unless that is refused; where some were, with a warning. */
export function inShape(
  dataset: Dataset,
  split: Split,
  model: OpenModel,
  { long }: { readonly long: 'cut' | 'refuse' },
): Dataset {
  const found = dataset.splits[split];
  if (!found) return dataset;
  const given = stepsForModel(found, model);
  const { samples, cut: modalities, rows } = cutToModel(given, model);
  const shaped = { ...dataset, splits: { ...dataset.splits, [split]: long === 'cut' ? samples : given } };
  if (rows.length === 0 || long === 'refuse') return shaped;
  const each = modalities.map(
    ({ name, time, samples: count, longest }) => `${name} of ${count} to ${time} (the longest has ${longest})`,
  );
  process.stderr.write(
    `warning: ${rows.length} of ${given.ids.length} samples of ${dataset.name} ${rows.length === 1 ? 'has' : 'have'} more time steps than in training and ${rows.length === 1 ? 'is' : 'are'} cut: ${each.join(', ')}; --long refuse stops instead.\n`,
  );
  return shaped;
}
