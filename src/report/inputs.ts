/** What went into a model for single samples, in a few numbers for each modality. */
import type { Samples } from '../data/dataset.ts';
import { copySamples, type FeatureArray } from '../data/features.ts';
import { thinned } from '../figures/thinned.ts';

/** Of a modality: how the samples that were asked for compare with the middle of all. */
export interface ModalityInputs {
  readonly modality: string;
  /** T, the time steps that there is room for. */
  readonly time: number;
  /** Medians over the samples that have the modality; of very many samples over some, taken evenly. */
  readonly usual: ModalityInput | undefined;
  /** In the order of the rows; undefined where a sample lacks the modality. */
  readonly samples: readonly (ModalityInput | undefined)[];
}

export interface ModalityInput {
  /** True time steps. */
  readonly steps: number;
  /** The root of the mean square of its numbers, as the file has them. */
  readonly size: number;
}

/** So many samples say enough of what is usual. */
const mostForMedians = 500;

/** Summarises rows of samples, by modality. */
export function inputsOf(samples: Samples, rows: readonly number[]): readonly ModalityInputs[] {
  return Object.entries(samples.features).map(([modality, features]) => {
    const lengths = samples.lengths[modality]!;
    const some = thinned([...samples.ids.keys()], mostForMedians);
    const usual = some.flatMap((row) => inputOf(features, lengths[row]!, row) ?? []);
    return {
      ...{ modality, time: features.shape[1]! },
      usual:
        usual.length === 0
          ? undefined
          : { steps: median(usual.map(({ steps }) => steps)), size: median(usual.map(({ size }) => size)) },
      samples: rows.map((row) => inputOf(features, lengths[row]!, row)),
    };
  });
}

function inputOf(features: FeatureArray, steps: number, row: number): ModalityInput | undefined {
  if (steps === 0) return undefined;
  const [, time, width] = features.shape as readonly [number, number, number];
  const sample = new Float32Array(time * width);
  copySamples(features, row, sample);
  // Numbers that are missing are NaN or infinite.
  const numbers = sample.subarray(0, steps * width).filter(Number.isFinite);
  const squares = numbers.reduce((sum, x) => sum + x * x, 0);
  return { steps, size: numbers.length === 0 ? 0 : Math.sqrt(squares / numbers.length) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
