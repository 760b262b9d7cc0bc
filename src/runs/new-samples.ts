/** New samples in other shapes than those that a model was trained on, of which it can be told how they are meant. */
import { extname } from 'node:path';
import type { Dataset, Samples } from '../data/dataset.ts';
import { isInMemory, withTime } from '../data/features.ts';
import { kinds } from '../formats/delimited/kinds.ts';
import { rawWidth, type Taker } from './network.ts';
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

/**
 * Samples of a dataset with the lengths that the training would have given them, whichever samples are in the file beside
 * them. Where zeros at the end were padding, they are here; where each row of a table of text had steps of its own, all
 * steps of a row are true ones, though all rows of this file may have equally many. `source` is the path of the data.
 */
export function lengthsAsTrained(
  samples: Samples,
  { modalities, sources: places = {} }: Pick<Dataset, 'modalities' | 'sources'>,
  { data: { sources = {} } }: { readonly data: Pick<TrainedOn, 'sources'> },
  source: string,
): Samples {
  const lengths = { ...samples.lengths };
  for (const { name, lengthSource, tokens } of modalities) {
    const array = samples.features[name];
    const trained = sources[name];
    const own = lengths[name];
    if (!array || !isInMemory(array) || !trained || !own || tokens) continue;
    const [, time, width] = array.shape as readonly [number, number, number];
    const isOfRows = extname(places[name]?.file ?? source).toLowerCase() in kinds;
    if (trained.padding === 'end')
      lengths[name] = own.map((length, row) => {
        const start = row * time * width;
        let last = length;
        while (last > 1 && array.data.subarray(start + (last - 1) * width, start + last * width).every(isZero)) last--;
        return last;
      });
    else if (isOfRows && lengthSource.kind === 'trailing-zeros')
      lengths[name] = own.map((length) => (length === 0 ? 0 : time));
  }
  return { ...samples, lengths };
}

const isZero = (value: number): boolean => value === 0;

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
