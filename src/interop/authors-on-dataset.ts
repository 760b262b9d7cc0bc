import type { Dataset } from '../data/dataset.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import type { FeatureSpec, Network, State } from '../train/index.ts';
import type { AuthorsModel, Lengths } from './authors-model.ts';
import { authorsModalities } from './authors-config.ts';

/** A model of the authors with what only a dataset can tell: time steps, label range, feature statistics. */
export interface AuthorsOnDataset {
  readonly network: Network;
  readonly data: {
    readonly name: string;
    readonly task: Dataset['task'];
    readonly metrics: Dataset['metrics'];
    readonly features: readonly FeatureSpec[];
  };
  readonly standardisation: Standardisation;
  readonly parameters: State;
}

/** Fits an opened model to a dataset; an Error names the modality, width or task that does not go with it. */
export function onDataset({ config, network, spec, state }: AuthorsModel, dataset: Dataset): AuthorsOnDataset {
  const lengths = authorsModalities.map(({ name }) => {
    const found = dataset.modalities.find((modality) => modality.name === name);
    if (!found) throw new Error(`${dataset.name} has no modality "${name}", which the authors' model needs.`);
    return found.time;
  }) as unknown as Lengths;
  const { features, task } = spec(lengths);
  for (const { name, width } of features) {
    const found = dataset.modalities.find((modality) => modality.name === name)!;
    if (found.width !== width)
      throw new Error(
        `${dataset.name}: "${name}" has ${found.width} features per step, but the checkpoint takes ${width}.`,
      );
  }
  if (task.kind !== dataset.task.kind)
    throw new Error(
      `The checkpoint is for ${task.kind}, but the labels of ${dataset.name} are for ${dataset.task.kind}.`,
    );
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
