import type { Batch } from '../../data/batch.ts';
import type { FeatureSpec } from '../network.ts';

/** Values of a network's inputs that are no parameters, by the inputs' names (`placeholders`). */
export type Feeds = Readonly<Record<string, Float32Array>>;

/** A batch as a network is fed it. */
export function feedsOf(batch: Batch, features: readonly FeatureSpec[]): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = { labels: batch.labels };
  for (const { name, masked, optional } of features) {
    const { features: values, mask, present, labels } = batch.modalities[name]!;
    feeds[`features.${name}`] = values;
    if (masked) feeds[`mask.${name}`] = mask;
    if (optional) feeds[`present.${name}`] = present;
    if (labels) feeds[`labels.${name}`] = labels;
  }
  return feeds;
}
