import type { Dataset } from '../data/dataset.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import type { OpenModel } from '../runs/open-model.ts';
import type { AuthorsModel, Lengths } from './authors-model.ts';
import { authorsModalities } from './authors-config.ts';
import { checkDataset } from './checkpoint.ts';

/** Fits an opened model to a dataset; an Error names the modality, width or task that does not go with it. */
export function onDataset({ config, network, spec, state }: AuthorsModel, dataset: Dataset): OpenModel {
  const lengths = authorsModalities.map(({ name }) => {
    const found = dataset.modalities.find((modality) => modality.name === name);
    if (!found) throw new Error(`${dataset.name} has no modality "${name}", which the authors' model needs.`);
    return found.time;
  }) as unknown as Lengths;
  const { features, task } = spec(lengths);
  checkDataset(dataset, { widths: Object.fromEntries(features.map(({ name, width }) => [name, width])), task });
  const { name, metrics } = dataset;
  const data = { name, task: dataset.task, metrics, features };
  return { network, data, parameters: state, standardisation: statistics(config.standardise, dataset) };
}

function statistics(asked: AuthorsModel['config']['standardise'], dataset: Dataset): Standardisation {
  if (!asked) return {};
  const { train } = dataset.splits;
  if (!train)
    throw new Error(`${dataset.name} has no train split, by which the configuration wants features standardised.`);
  return fitStandardisation(train, asked);
}
