import type { Dataset } from '../data/dataset.ts';
import { loadDataset, type LoadOptions } from '../data/datasets/load.ts';
import { withEncodedText, tokenOptions, type EncodingOptions, type TextConfig } from './text/text-encoder.ts';

/**
 * Loads the dataset that a run with this configuration is trained on or used with. `source` is a path, or the name of one that is made.
 * By `data.text`, text comes as features or as tokens `[N, T, 2]`; with `text.bert.freeze` of `all`, tokens are
 * replaced by the encoder's last hidden states `[N, T, D]`.
 *
 * Throws a FormatError for a file that cannot be read, and a ConfigError where `text.bert` does not fit the encoder's
 * folder.
 */
export async function loadRunData(
  source: string,
  config: TextConfig & { readonly train?: EncodingOptions },
  options: Omit<LoadOptions, 'tokens'> = {},
): Promise<Dataset> {
  const { task, preset, modalities, protocol, group, fractions, padding, synthetic, digits } = config.data;
  const tokens = tokenOptions(config);
  const dataset = await loadDataset(source, {
    ...(task && { task }),
    ...(preset && { preset }),
    ...(modalities && { modalities }),
    // Of the splits that a protocol changes, `unsplit` reads none.
    ...(protocol && !options.unsplit && { protocol }),
    // Samples that are to be predicted need be in no group.
    ...(group !== undefined && group !== 'none' && !options.unsplit && { group }),
    ...(group === 'none' && { groupsByIds: false }),
    ...(tokens && { tokens }),
    ...(synthetic && { synthetic }),
    ...(digits && { digits }),
    ...{ fractions, padding },
    ...options,
  });
  const read = dataset.modalities.some((modality) => modality.tokens);
  if (!read || config.text.bert.freeze !== 'all') return dataset;
  return withEncodedText(dataset, config, config.train);
}
