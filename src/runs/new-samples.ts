/** New samples in other shapes than those that a model was trained on, of which it can be told how they are meant. */
import type { Samples } from '../data/dataset.ts';
import { withTime } from '../data/features.ts';
import { rawWidth, type Taker } from './network.ts';

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

/**
 * Samples with sequences of one feature, such as `[60, 61, 63]`, as steps. Where all samples have equally many, only the
 * model tells them from vectors: `[N, 1, T]` becomes `[N, T, 1]` for a model of one feature per step.
 */
export function stepsForModel(given: Samples, model: Taker): Samples {
  const features = { ...given.features };
  const lengths = { ...given.lengths };
  for (const feature of model.data.features) {
    const array = features[feature.name];
    const [count = 0, time, width = 0] = array?.shape ?? [];
    if (!array || feature.time === 1 || rawWidth(feature, model) !== 1 || time !== 1 || width === 1) continue;
    features[feature.name] = { ...array, shape: [count, width, 1] };
    lengths[feature.name] = lengths[feature.name]!.map((length) => length * width);
  }
  return { ...given, features, lengths };
}

/** Samples with each modality `[N, T, D]` cut to the T of the model where it is longer: its first T steps are kept. */
export function cutToModel(given: Samples, model: Taker): CutSamples {
  const features = { ...given.features };
  const lengths = { ...given.lengths };
  const cut: CutModality[] = [];
  const rows = new Set<number>();
  for (const feature of model.data.features) {
    const { name, time } = feature;
    const own = given.lengths[name];
    const longer = own ? [...own.keys()].filter((row) => own[row]! > time) : [];
    // Of another width it is refused, with what is wrong.
    if (!own || longer.length === 0 || given.features[name]!.shape[2] !== rawWidth(feature, model)) continue;
    for (const row of longer) rows.add(row);
    features[name] = withTime(given.features[name]!, time);
    lengths[name] = own.map((length) => Math.min(length, time));
    cut.push({ name, time, samples: longer.length, longest: own.reduce((a, b) => Math.max(a, b), 0) });
  }
  return { samples: { ...given, features, lengths }, cut, rows: [...rows].sort((a, b) => a - b) };
}
