/** What references are fitted on: features as models get them, and of text in tokens what the encoder makes of it. */
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { applyStandardisation } from '../data/standardise.ts';
import { loadRunData } from '../runs/load.ts';
import type { TextConfig } from '../runs/text-encoder.ts';
import { standardisationOf } from '../runs/training-run.ts';

/** The dataset that references see: a reference trains no encoder, so that of tokens is taken as it comes. */
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
