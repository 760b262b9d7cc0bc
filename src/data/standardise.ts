import type { Samples } from './dataset.ts';
import { blocksOf, changed, type FeatureArray, isInMemory } from './features.ts';

/** Statistics of each feature of a modality, `[D]` each, by which x becomes (clip(x, low, high) - mean) * scale. */
export interface ModalityStatistics {
  readonly mean: Float32Array;
  /** 1 / standard deviation; 0 for a feature that is constant, which therefore becomes 0. */
  readonly scale: Float32Array;
  readonly low?: Float32Array;
  readonly high?: Float32Array;
}

/** Statistics by modality; a modality that is not named stays as it is. */
export type Standardisation = Readonly<Record<string, ModalityStatistics>>;

export interface StandardisationOptions {
  readonly modalities?: 'all' | 'none' | readonly string[];
  /** Percentiles between which each feature is clipped first, such as [0.5, 99.5]. */
  readonly clipPercentiles?: readonly [low: number, high: number];
}

/** Below this standard deviation a feature counts as constant: its variation is rounding, and dividing would amplify it. */
const deviationFloor = 1e-6;

/** Statistics over the true time steps of `samples` (the training split, and no other). */
export function fitStandardisation(samples: Samples, options: StandardisationOptions = {}): Standardisation {
  const { modalities = 'all', clipPercentiles } = options;
  const available = Object.keys(samples.features);
  const names = modalities === 'all' ? available : modalities === 'none' ? [] : modalities;
  if (
    clipPercentiles !== undefined &&
    !(clipPercentiles[0] >= 0 && clipPercentiles[0] < clipPercentiles[1] && clipPercentiles[1] <= 100)
  )
    throw new RangeError(`Clip percentiles are 0 <= low < high <= 100, got ${clipPercentiles.join(', ')}.`);
  return Object.fromEntries(
    names.map((name) => {
      const array = samples.features[name];
      const lengths = samples.lengths[name];
      if (array === undefined || lengths === undefined)
        throw new RangeError(`Cannot standardise modality "${name}": the data has ${available.join(', ')}.`);
      return [name, fitModality(array, lengths, clipPercentiles)];
    }),
  );
}

function fitModality(
  features: FeatureArray,
  lengths: Int32Array,
  percentiles: readonly [number, number] | undefined,
): ModalityStatistics {
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  const limits = percentiles === undefined ? undefined : fitLimits(features, lengths, percentiles);
  // Two passes in float64: openSMILE features have means thousands of deviations from zero.
  const none = new Float64Array(features.shape[2]!);
  const [sum] = moments(features, lengths, none, limits);
  const centre = sum.map((total) => (steps === 0 ? 0 : total / steps));
  const [, squares] = moments(features, lengths, centre, limits);
  const mean = Float32Array.from(centre);
  const scale = Float32Array.from(squares, (sum) => {
    const deviation = steps === 0 ? 0 : Math.sqrt(sum / steps);
    return deviation < deviationFloor ? 0 : 1 / deviation;
  });
  return { mean, scale, ...limits };
}

/** Sums over the true time steps of each feature's clipped distance from `centre`, and of its square; `[D]` each. */
function moments(
  features: FeatureArray,
  lengths: Int32Array,
  centre: Float64Array,
  limits: { readonly low: Float32Array; readonly high: Float32Array } | undefined,
): readonly [sum: Float64Array, squares: Float64Array] {
  const [, time, width] = features.shape as readonly [number, number, number];
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  for (const { from, count, data } of blocksOf(features))
    for (let n = 0; n < count; n++)
      for (let t = 0; t < lengths[from + n]!; t++) {
        const start = (n * time + t) * width;
        for (let d = 0; d < width; d++) {
          const x = data[start + d]!;
          const clipped = limits === undefined ? x : Math.min(Math.max(x, limits.low[d]!), limits.high[d]!);
          const distance = clipped - centre[d]!;
          sum[d]! += distance;
          squares[d]! += distance * distance;
        }
      }
  return [sum, squares];
}

/** Numbers that are held and sorted at once at most. */
const columnsLength = 2 ** 26;

/** The percentiles of each feature, `[D]` each: some features at a time, so that all of them need not be in memory. */
function fitLimits(
  features: FeatureArray,
  lengths: Int32Array,
  percentiles: readonly [number, number],
): { readonly low: Float32Array; readonly high: Float32Array } {
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
          for (let c = 0; c < some.length; c++) some[c]![filled] = data[start + c]!;
        }
    for (const [c, column] of some.entries()) {
      column.sort();
      low[first + c] = percentile(column, percentiles[0]);
      high[first + c] = percentile(column, percentiles[1]);
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

/** New samples whose true steps are standardised; padding stays zero, and the given samples stay as they are. */
export function applyStandardisation(samples: Samples, statistics: Standardisation): Samples {
  const features = Object.entries(samples.features).map(([name, array]): [string, FeatureArray] => {
    const own = Object.hasOwn(statistics, name) ? statistics[name] : undefined;
    return [name, own === undefined ? array : standardised(name, array, samples.lengths[name]!, own)];
  });
  return { ...samples, features: Object.fromEntries(features) };
}

function standardised(
  name: string,
  features: FeatureArray,
  lengths: Int32Array,
  statistics: ModalityStatistics,
): FeatureArray {
  const { shape } = features;
  const width = shape[2]!;
  if (width !== statistics.mean.length)
    throw new RangeError(
      `Modality "${name}" is ${width} wide, and its statistics are for ${statistics.mean.length} features.`,
    );
  if (!isInMemory(features))
    return changed(features, (data, from) => standardise(data, data, lengths.subarray(from), shape, statistics));
  const out = new Float32Array(features.data.length);
  standardise(features.data, out, lengths, shape, statistics);
  return { shape, data: out };
}

/** Writes the true steps of the samples in `data`, of these lengths, to `out`, which may be `data`. */
function standardise(
  data: Float32Array,
  out: Float32Array,
  lengths: Int32Array,
  shape: readonly number[],
  { mean, scale, low, high }: ModalityStatistics,
): void {
  const [, time, width] = shape as readonly [number, number, number];
  for (let n = 0; n * time * width < data.length; n++) {
    const start = n * time * width;
    for (let i = start; i < start + lengths[n]! * width; i += width)
      for (let d = 0; d < width; d++) {
        let x = data[i + d]!;
        if (low !== undefined) x = Math.max(x, low[d]!);
        if (high !== undefined) x = Math.min(x, high[d]!);
        out[i + d] = (x - mean[d]!) * scale[d]!;
      }
  }
}
