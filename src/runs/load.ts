import type { Dataset } from '../data/dataset.ts';
import { loadDataset, type LoadOptions } from '../data/datasets/load.ts';
import { encodedText, tokenOptions, type TextConfig } from './text-encoder.ts';

/**
 * The dataset that a run with this configuration is trained on or used for: text as features, as tokens, or, of an
 * encoder that is frozen whole, as the hidden states that it gives.
 */
export async function loadRunData(
  source: string,
  config: TextConfig & { readonly train?: { readonly threads?: number | undefined } },
  options: Omit<LoadOptions, 'tokens'> = {},
): Promise<Dataset> {
  const { task, preset, modalities, protocol, group } = config.data;
  const tokens = tokenOptions(config);
  const dataset = await loadDataset(source, {
    ...(task && { task }),
    ...(preset && { preset }),
    ...(modalities && { modalities }),
    ...(protocol && { protocol }),
    ...(group !== undefined && { group }),
    ...(tokens && { tokens }),
    ...options,
  });
  const threads = config.train?.threads;
  if (!tokens || config.text.bert.freeze !== 'all') return dataset;
  return encodedText(dataset, config, threads === undefined ? {} : { threads });
}
