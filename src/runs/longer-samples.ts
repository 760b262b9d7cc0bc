/** New samples whose sequences are longer than any that a model was trained on: only their first steps are predicted from. */
import type { Samples } from '../data/dataset.ts';
import { withTime } from '../data/features.ts';
import type { TrainedOn } from './trained-model.ts';

/** The sequences of one modality that were cut. */
export interface CutModality {
  readonly name: string;
  /** T, the steps that are kept. */
  readonly time: number;
  /** How many samples had more. */
  readonly samples: number;
  /** The most steps that one had. */
  readonly longest: number;
}

export interface CutSamples {
  readonly samples: Samples;
  /** The modalities of which something was cut. */
  readonly cut: readonly CutModality[];
  /** The rows of the samples of which something was cut. */
  readonly rows: readonly number[];
}

/** Samples with each modality `[N, T, D]` cut to the T of the model where it is longer: its first T steps are kept. */
export function cutToModel(given: Samples, { features: taken }: Pick<TrainedOn, 'features'>): CutSamples {
  const features = { ...given.features };
  const lengths = { ...given.lengths };
  const cut: CutModality[] = [];
  const rows = new Set<number>();
  for (const { name, time } of taken) {
    const own = given.lengths[name];
    const longer = own ? [...own.keys()].filter((row) => own[row]! > time) : [];
    if (!own || longer.length === 0) continue;
    for (const row of longer) rows.add(row);
    features[name] = withTime(given.features[name]!, time);
    lengths[name] = own.map((length) => Math.min(length, time));
    cut.push({ name, time, samples: longer.length, longest: own.reduce((a, b) => Math.max(a, b), 0) });
  }
  return { samples: { ...given, features, lengths }, cut, rows: [...rows].sort((a, b) => a - b) };
}
