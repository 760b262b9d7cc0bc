import type { Samples } from './dataset.ts';
import { allFinite } from '../kernels/index.ts';
import { blocksOf, changed, type FeatureArray, isInMemory } from './features.ts';

/**
 * Statistics of each feature of a modality, `[D]` each, by which x becomes (clip(x, low, high) - mean) * scale; a number
 * that is missing, NaN or infinite, becomes `fill` first. Of a modality that is not scaled they leave numbers as they are.
 */
export interface ModalityStatistics {
  readonly mean: Float32Array;
  /** 1 / standard deviation; 0 for a feature that is constant, which therefore becomes 0. */
  readonly scale: Float32Array;
  readonly low?: Float32Array;
  readonly high?: Float32Array;
  /** The mean of the training split. Default: 0, as in models of before there was one. */
  readonly fill?: Float32Array;
  /** `[k]`: which features are followed by an indicator, 1 where the feature is missing and 0 elsewhere. Default: none. */
  readonly indicated?: Float32Array;
}

/** Statistics by modality; of one that is not named, missing numbers become 0 and all else stays as it is. */
export type Standardisation = Readonly<Record<string, ModalityStatistics>>;

export const missingForms = ['mean', 'indicator'] as const;

export interface StandardisationOptions {
  /** Those that are scaled. */
  readonly modalities?: 'all' | 'none' | readonly string[];
  /** Percentiles between which each feature is clipped first, such as [0.5, 99.5]. */
  readonly clipPercentiles?: readonly [low: number, high: number];
  /**
   * Missing numbers become the training mean; with `indicator`, one more feature for each that has missing numbers here
   * says where they were. Default: mean.
   */
  readonly missing?: (typeof missingForms)[number];
}

/**
 * A feature counts as constant where its deviation is no more than so many times its largest number: what varies by some
 * units in the last place of float32 is rounding, and dividing would amplify it.
 */
const relativeFloor = 2 * 2 ** -23;
/** The smallest deviation whose reciprocal, like itself, is a float32 of full precision. */
const smallestDeviation = 2 ** -126;

/** The width of a modality of D features once it is standardised. */
export const standardisedWidth = (width: number, statistics: ModalityStatistics | undefined): number =>
  width + (statistics?.indicated?.length ?? 0);

/** Statistics over the finite numbers of the true time steps of `samples` (the training split, and no other). */
export function fitStandardisation(samples: Samples, options: StandardisationOptions = {}): Standardisation {
  const { modalities = 'all', clipPercentiles } = options;
  const available = Object.keys(samples.features);
  const names = modalities === 'all' ? available : modalities === 'none' ? [] : modalities;
  if (
    clipPercentiles !== undefined &&
    !(clipPercentiles[0] >= 0 && clipPercentiles[0] < clipPercentiles[1] && clipPercentiles[1] <= 100)
  )
    throw new RangeError(`Clip percentiles are 0 <= low < high <= 100, got ${clipPercentiles.join(', ')}.`);
  const unknown = names.find((name) => !available.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`Cannot standardise modality "${unknown}": the data has ${available.join(', ')}.`);
  return Object.fromEntries(
    available.map((name) => [name, fitModality(samples, name, { ...options, scaled: names.includes(name) })]),
  );
}

function fitModality(
  samples: Samples,
  name: string,
  { scaled, clipPercentiles, missing }: StandardisationOptions & { readonly scaled: boolean },
): ModalityStatistics {
  const features = samples.features[name]!;
  const lengths = samples.lengths[name]!;
  const width = features.shape[2]!;
  const limits = scaled && clipPercentiles ? fitLimits(features, lengths, clipPercentiles) : undefined;
  // Two passes in float64: openSMILE features have means thousands of deviations from zero.
  const { sum, count, largest, steps } = moments(features, lengths, new Float64Array(width), limits);
  const centre = sum.map((total, d) => (count[d] === 0 ? 0 : total / count[d]!));
  const mean = Float32Array.from(centre);
  const gaps = missing === 'indicator' ? Float32Array.from(count.keys()).filter((d) => count[d]! < steps) : [];
  const of = { fill: mean, ...(gaps.length > 0 && { indicated: Float32Array.from(gaps) }) };
  if (!scaled) return { mean: new Float32Array(width), scale: new Float32Array(width).fill(1), ...of };
  const { squares } = moments(features, lengths, centre, limits);
  const scale = Float32Array.from(squares, (total, d) => {
    const deviation = count[d] === 0 ? 0 : Math.sqrt(total / count[d]!);
    return deviation <= relativeFloor * largest[d]! || deviation < smallestDeviation ? 0 : 1 / deviation;
  });
  return { mean, scale, ...limits, ...of };
}

/** What the true time steps of a modality come to, `[D]` each but `steps`. */
interface Moments {
  /** Sums of each feature's clipped distance from the centre, and of its square, where it is not missing. */
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  /** How many of its numbers are not missing, and the largest of their sizes. */
  readonly count: Float64Array;
  readonly largest: Float64Array;
  readonly steps: number;
}

type Limits = { readonly low: Float32Array; readonly high: Float32Array } | undefined;

function moments(features: FeatureArray, lengths: Int32Array, centre: Float64Array, limits: Limits): Moments {
  const [, time, width] = features.shape as readonly [number, number, number];
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  const count = new Float64Array(width);
  const largest = new Float64Array(width);
  for (const { from, count: samples, data } of blocksOf(features))
    for (let n = 0; n < samples; n++)
      for (let t = 0; t < lengths[from + n]!; t++) {
        const start = (n * time + t) * width;
        for (let d = 0; d < width; d++) {
          const x = data[start + d]!;
          if (!Number.isFinite(x)) continue;
          const clipped = limits === undefined ? x : Math.min(Math.max(x, limits.low[d]!), limits.high[d]!);
          const distance = clipped - centre[d]!;
          sum[d]! += distance;
          squares[d]! += distance * distance;
          count[d]! += 1;
          largest[d] = Math.max(largest[d]!, Math.abs(clipped));
        }
      }
  return { sum, squares, count, largest, steps: lengths.reduce((total, length) => total + length, 0) };
}

/** Numbers that are held and sorted at once at most. */
const columnsLength = 2 ** 26;

/** The percentiles of each feature, `[D]` each: some features at a time, so that all of them need not be in memory. */
function fitLimits(
  features: FeatureArray,
  lengths: Int32Array,
  percentiles: readonly [number, number],
): NonNullable<Limits> {
  const [, time, width] = features.shape as readonly [number, number, number];
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  const low = new Float32Array(width);
  const high = new Float32Array(width);
  const together = Math.min(width, Math.max(1, Math.floor(columnsLength / Math.max(1, steps))));
  const columns = Array.from({ length: together }, () => new Float32Array(steps));
  for (let first = 0; first < width; first += together) {
    const some = columns.slice(0, width - first);
    let filled = 0;
    for (const { from, count, data } of blocksOf(features))
      for (let n = 0; n < count; n++)
        for (let t = 0; t < lengths[from + n]!; t++, filled++) {
          const start = (n * time + t) * width + first;
          for (let c = 0; c < some.length; c++) {
            const x = data[start + c]!;
            some[c]![filled] = Number.isFinite(x) ? x : NaN;
          }
        }
    for (const [c, column] of some.entries()) {
      // Missing numbers are sorted to the end.
      const missing = column.sort().reduceRight((total, x) => (Number.isNaN(x) ? total + 1 : total), 0);
      const known = column.subarray(0, column.length - missing);
      low[first + c] = percentile(known, percentiles[0]);
      high[first + c] = percentile(known, percentiles[1]);
    }
  }
  return { low, high };
}

/** A percentile of sorted values with NumPy's linear interpolation between neighbours. */
export function percentile(sorted: Float32Array, percent: number): number {
  if (sorted.length === 0) return 0;
  const position = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(position);
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return a + (b - a) * (position - below);
}

/**
 * New samples whose true steps are standardised, with no number missing; padding stays zero, and the given samples stay
 * as they are.
 */
export function applyStandardisation(samples: Samples, statistics: Standardisation): Samples {
  const features = Object.entries(samples.features).map(([name, array]): [string, FeatureArray] => {
    const width = array.shape[2]!;
    const own = Object.hasOwn(statistics, name) ? statistics[name]! : unscaled(width);
    if (width !== own.mean.length)
      throw new RangeError(
        `Modality "${name}" is ${width} wide, and its statistics are for ${own.mean.length} features.`,
      );
    return [name, standardised(array, samples.lengths[name]!, own)];
  });
  return { ...samples, features: Object.fromEntries(features) };
}

const unscaled = (width: number): ModalityStatistics => ({
  mean: new Float32Array(width),
  scale: new Float32Array(width).fill(1),
});

function standardised(features: FeatureArray, lengths: Int32Array, statistics: ModalityStatistics): FeatureArray {
  const [count, time, width] = features.shape as readonly [number, number, number];
  const own = { ...statistics, time };
  const asItIs = leavesAsItIs(statistics);
  const wide = standardisedWidth(width, statistics);
  const shape = [count, time, wide];
  if (isInMemory(features)) {
    const { data } = features;
    if (asItIs && allFinite(data)) return features;
    const out = new Float32Array(count * time * wide);
    standardise(data, out, lengths, own);
    return { shape, data: out };
  }
  if (wide === width)
    return changed(features, (data, from) => {
      if (!asItIs || !allFinite(data)) standardise(data, data, lengths.subarray(from), own);
    });
  return {
    shape,
    read(into, from) {
      const raw = new Float32Array((into.length / wide) * width);
      features.read(raw, from);
      into.fill(0);
      standardise(raw, into, lengths.subarray(from), own);
    },
  };
}

/** Whether numbers that are not missing stay what they are. */
export const leavesAsItIs = ({ mean, scale, low, indicated }: ModalityStatistics): boolean =>
  !low && !indicated && mean.every((x) => x === 0) && scale.every((x) => x === 1);

/** Writes the true steps of the samples in `data`, of these lengths, to `out`, which may be `data` if it is as wide. */
function standardise(
  data: Float32Array,
  out: Float32Array,
  lengths: Int32Array,
  {
    mean,
    scale,
    low,
    high,
    fill,
    indicated = new Float32Array(),
    time,
  }: ModalityStatistics & { readonly time: number },
): void {
  const width = mean.length;
  const wide = width + indicated.length;
  const filling = fill ?? new Float32Array(width);
  for (let n = 0; n * time * width < data.length; n++)
    for (let step = n * time; step < n * time + lengths[n]!; step++) {
      const [from, to] = [step * width, step * wide];
      for (let k = 0; k < indicated.length; k++)
        out[to + width + k] = Number(!Number.isFinite(data[from + indicated[k]!]));
      for (let d = 0; d < width; d++) {
        let x = data[from + d]!;
        if (!Number.isFinite(x)) x = filling[d]!;
        if (low !== undefined) x = Math.max(x, low[d]!);
        if (high !== undefined) x = Math.min(x, high[d]!);
        out[to + d] = (x - mean[d]!) * scale[d]!;
      }
    }
}
