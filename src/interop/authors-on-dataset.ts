import type { Dataset } from '../data/dataset.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import type { OpenModel } from '../runs/open-model.ts';
import type { AuthorsModel, TimeSteps } from './authors-model.ts';
import { authorsModalities } from './authors-config.ts';
import { checkDataset } from './checkpoint.ts';

/**
 * Makes a model of the authors ready to predict a dataset: the network is built for the dataset's time steps, and
 * features are standardised by its train split where the authors' configuration asks for it.
 *
 * Throws an Error for a dataset whose modalities, widths or task are not those of the model, and for one without a
 * train split where features are to be standardised.
 */
export function onDataset({ config, network, spec, state }: AuthorsModel, dataset: Dataset): OpenModel {
  const steps = authorsModalities.map(({ name }) => {
    const found = dataset.modalities.find((modality) => modality.name === name);
    if (!found) throw new Error(`${dataset.name} has no modality "${name}", which the authors' model needs.`);
    return found.time;
  }) as unknown as TimeSteps;
  const { features, task } = spec(steps);
  checkDataset(dataset, { widths: Object.fromEntries(features.map(({ name, width }) => [name, width])), task });
  const { name, metrics } = dataset;
  const data = { name, task: dataset.task, metrics, features };
  return { network, data, parameters: state, standardisation: standardisationOf(config.standardise, dataset) };
}

function standardisationOf(asked: AuthorsModel['config']['standardise'], dataset: Dataset): Standardisation {
  if (!asked) return {};
  const { train } = dataset.splits;
  if (!train)
    throw new Error(`${dataset.name} has no train split, by which the configuration wants features standardised.`);
  return fitStandardisation(train, asked);
}
