/** References on the data of a run: on features as models get them, and on the encoder's hidden states where text is tokens. */
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { applyStandardisation } from '../data/standardise.ts';
import { evaluate } from '../metrics/metric.ts';
import { loadRunData } from '../runs/load.ts';
import type { TextConfig } from '../runs/text-encoder.ts';
import { standardisationOf, type Prepared } from '../runs/prepare.ts';
import type { Metrics } from '../train/index.ts';
import { majority, ridge } from './references.ts';

/** The dataset that references see: a reference trains no encoder, so the one that reads tokens is taken as it comes. */
export const loadReferenceData = (
  source: string,
  config: Parameters<typeof loadRunData>[1],
): ReturnType<typeof loadRunData> =>
  loadRunData(source, { ...config, text: { bert: { ...config.text.bert, freeze: 'all' } } });

/** A split, scaled by the training split as a model's input is. */
export function referenceSplit({ splits, name }: Dataset, { data }: TextConfig, split: Split): Samples {
  const { train, [split]: samples } = splits;
  if (!train || !samples) throw new Error(`${name} has no split "${train ? split : 'train'}".`);
  return applyStandardisation(samples, standardisationOf(train, Object.keys(train.features), data));
}

/** The metrics that a constant and ridge regression reach on a split of a run's data. */
export async function runReferences(
  { data, config, source, ...held }: Prepared,
  split: 'valid' | 'test',
): Promise<readonly { readonly name: string; readonly metrics: Metrics }[]> {
  const classes = data.task.kind === 'classification' ? data.task.classes : [];
  const dataset = data.encoder ? await loadReferenceData(source, config) : held.dataset;
  const [train, valid, on] = (['train', 'valid', split] as const).map((each) => referenceSplit(dataset, config, each));
  return [majority(train!, dataset.task), ridge(train!, valid!, dataset.task)].map((reference) => ({
    name: reference.name,
    metrics: evaluate(data.metrics, reference.predict(on!), on!.labels!, classes),
  }));
}
