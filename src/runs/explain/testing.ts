/** Helpers of the tests of explanations: models as they are before training, of which everything that is explained holds too. */
import { resolveConfig, type ConfigValues } from '../../config/index.ts';
import type { Dataset, Samples } from '../../data/dataset.ts';
import { inMemory } from '../../data/features.ts';
import { initialize } from '../../train/index.ts';
import type { OpenModel } from '../open-model.ts';
import { prepare } from '../prepare.ts';

export interface Untrained {
  readonly model: OpenModel;
  readonly dataset: Dataset;
}

/** A model of the table with its first parameters, and a dataset that is standardised already, so that it takes features as they are. */
export function untrained(given: Dataset, values: ConfigValues = {}): Untrained {
  const config = resolveConfig({ values });
  const { network, data, splits, parameters } = prepare(config, given);
  const model = { network, data, standardisation: {}, parameters: initialize(parameters, 1) };
  return { model, dataset: { ...given, splits } };
}

/** Samples with the features of one step of the first one times a factor. */
export function scaledStep(samples: Samples, modality: string, step: number, factor: number): Samples {
  const { shape, data } = inMemory(samples.features[modality]!);
  const width = shape[2]!;
  const scaled = data.map((x, i) => (Math.floor(i / width) === step ? x * factor : x));
  return { ...samples, features: { ...samples.features, [modality]: { shape, data: scaled } } };
}
