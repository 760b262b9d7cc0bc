/** Features of samples: in memory, or stored where they are until samples are read, for datasets larger than memory. */

/** A dense array in row-major order; `data.length` is the product of `shape`. */
export interface InMemoryFeatures {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Features that are read sample by sample, such as from a file; they are never in memory as a whole. */
export interface StoredFeatures {
  readonly shape: readonly number[];
  /** Fills `into`, which is as long as one or more samples, with those from sample `from` on. */
  readonly read: (into: Float32Array, from: number) => void;
}

/** Of shape `[N, T, D]`, or `[N, ...]`. */
export type FeatureArray = InMemoryFeatures | StoredFeatures;

export const isInMemory = (features: FeatureArray): features is InMemoryFeatures => 'data' in features;

/** The same features, read whole where they are stored: only for what needs all of them at once. */
export function inMemory(features: FeatureArray): InMemoryFeatures {
  if (isInMemory(features)) return features;
  const { shape } = features;
  const data = new Float32Array(shape[0]! * sampleSize(features));
  if (data.length > 0) features.read(data, 0);
  return { shape, data };
}

/** Numbers of one sample. */
const sampleSize = ({ shape }: FeatureArray): number => shape.slice(1).reduce((product, axis) => product * axis, 1);

/** Fills `into`, which is as long as one or more samples, with those from sample `from` on. */
export function copySamples(features: FeatureArray, from: number, into: Float32Array): void {
  if (!isInMemory(features)) {
    features.read(into, from);
    return;
  }
  const start = sampleSize(features) * from;
  into.set(features.data.subarray(start, start + into.length));
}

/** Samples one after another: sample `from` is at the beginning of `data`, which is valid until the next block. */
export interface Block {
  readonly from: number;
  readonly count: number;
  readonly data: Float32Array;
}

/** Numbers of a block at most, unless a single sample has more. */
const blockLength = 2 ** 18;

/** All samples in their order: at once where they are in memory, else some at a time. */
export function* blocksOf(features: FeatureArray): Generator<Block> {
  const [count] = features.shape as readonly [number];
  if (isInMemory(features)) {
    yield { from: 0, count, data: features.data };
    return;
  }
  const size = sampleSize(features);
  const step = Math.min(count, Math.max(1, Math.floor(blockLength / size)));
  const room = new Float32Array(step * size);
  for (let from = 0; from < count; from += step) {
    const data = room.subarray(0, (Math.min(count, from + step) - from) * size);
    features.read(data, from);
    yield { from, count: data.length / size, data };
  }
}

/**
 * The same features, where `change` is made to samples in place: to a copy of all of them where they are in memory, and
 * where they are stored whenever some are read. `data` begins with sample `from`; what `change` does to a sample must
 * not depend on which others are in `data`.
 */
export function changed(features: StoredFeatures, change: Change): StoredFeatures;
export function changed(features: FeatureArray, change: Change): FeatureArray;
export function changed(features: FeatureArray, change: Change): FeatureArray {
  const { shape } = features;
  if (!isInMemory(features))
    return {
      shape,
      read: (into, from) => {
        features.read(into, from);
        change(into, from);
      },
    };
  const data = features.data.slice();
  change(data, 0);
  return { shape, data };
}

type Change = (data: Float32Array, from: number) => void;

/** Samples in the order of `rows`, read when they are asked for. */
export function storedRows(features: FeatureArray, rows: readonly number[]): StoredFeatures {
  const size = sampleSize(features);
  return {
    shape: [rows.length, ...features.shape.slice(1)],
    read: (into, from) => {
      for (let at = 0; at < into.length; at += size)
        copySamples(features, rows[from + at / size]!, into.subarray(at, at + size));
    },
  };
}

/** Samples of the first, then those of the next, read when they are asked for. */
export function storedTogether(parts: readonly FeatureArray[]): StoredFeatures {
  const size = sampleSize(parts[0]!);
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return {
    shape: [count, ...parts[0]!.shape.slice(1)],
    read: (into, from) => {
      let first = 0;
      for (const part of parts) {
        const last = first + part.shape[0]!;
        const [begin, end] = [Math.max(first, from), Math.min(last, from + into.length / size)];
        if (begin < end) copySamples(part, begin - first, into.subarray((begin - from) * size, (end - from) * size));
        first = last;
      }
    },
  };
}

/** Features `[N, T, D]` with `time` steps: zeros where they have fewer, cut where they have more. */
export function withTime(features: InMemoryFeatures, time: number): InMemoryFeatures;
export function withTime(features: StoredFeatures, time: number): StoredFeatures;
export function withTime(features: FeatureArray, time: number): FeatureArray;
export function withTime(features: FeatureArray, time: number): FeatureArray {
  const [count, steps, width] = features.shape as readonly [number, number, number];
  if (steps === time) return features;
  const shape = [count, time, width];
  const resize = (from: Float32Array, into: Float32Array): void => {
    into.fill(0);
    for (let n = 0; n * time * width < into.length; n++)
      into.set(from.subarray(n * steps * width, (n * steps + Math.min(steps, time)) * width), n * time * width);
  };
  if (isInMemory(features)) {
    const data = new Float32Array(count * time * width);
    resize(features.data, data);
    return { shape, data };
  }
  return {
    shape,
    read: (into, from) => {
      const own = new Float32Array((into.length / time) * steps);
      features.read(own, from);
      resize(own, into);
    },
  };
}
