/** What the training split's features are like: towards what a page weakens a modality, and about what it makes samples up. */
import type { OpenModel } from '../runs/open-model.ts';
import { rawWidth } from '../runs/network.ts';
import type { DemoStatistics } from './content.ts';

/** By modality, the statistics that the model holds of its features; none of a modality that comes as tokens. */
export const statisticsOf = (model: OpenModel): Readonly<Record<string, DemoStatistics>> =>
  Object.fromEntries(
    model.data.features.filter(({ tokens }) => !tokens).map((feature) => [feature.name, ofModality(model, feature)]),
  );

function ofModality(model: OpenModel, feature: OpenModel['data']['features'][number]): DemoStatistics {
  const width = rawWidth(feature, model);
  const { mean, scale, fill } = model.standardisation[feature.name] ?? {};
  // Of a modality that is not scaled the mean is none, and what takes the place of missing numbers is.
  const centre = fill ?? mean;
  return {
    centre: Array.from(centre ?? new Float32Array(width), rounded),
    isMean: fill !== undefined,
    deviation: Array.from(scale ?? new Float32Array(width).fill(1), (x) => (x > 0 ? rounded(1 / x) : 0)),
  };
}

/** Six digits tell more of a statistic than it is known to. */
const rounded = (x: number): number => Number(x.toPrecision(6));
