/** Features that stay where they are, such as in a file, until their samples are asked for: datasets larger than memory. */
import type { FeatureArray } from './dataset.ts';

/** Features whose `data` is read whole when it is asked for, and in memory from then on; samples are read one by one. */
export interface StoredFeatures extends FeatureArray {
  /** Fills `into` with the samples from sample `from` on. */
  readonly read: Read;
}

type Read = (into: Float32Array, from: number) => void;

export const isStored = (features: FeatureArray): features is StoredFeatures => 'read' in features;

/** Features of `shape` `[N, ...]` that `read` finds. */
export function storedFeatures(shape: readonly number[], read: Read): StoredFeatures {
  let data: Float32Array | undefined;
  return {
    shape,
    get data() {
      if (data) return data;
      data = new Float32Array(shape[0]! * sizeOf({ shape }));
      read(data, 0);
      return data;
    },
    read,
  };
}

/** Numbers of one sample. */
const sizeOf = ({ shape }: Pick<FeatureArray, 'shape'>): number =>
  shape.slice(1).reduce((product, axis) => product * axis, 1);

/** Fills `into`, which is as long as one or more samples, with those from sample `from` on. */
export function copySamples(features: FeatureArray, from: number, into: Float32Array): void {
  if (isStored(features)) {
    features.read(into, from);
    return;
  }
  const start = (features.data.length / features.shape[0]!) * from;
  into.set(features.data.subarray(start, start + into.length));
}

/** Samples one after another: sample `from` is at the beginning of `data`, which is valid until the next block. */
export interface Block {
  readonly from: number;
  readonly count: number;
  readonly data: Float32Array;
}

const blockLength = 2 ** 18;

/** All samples in their order: at once where they are in memory, else some at a time. */
export function* blocksOf(features: FeatureArray): Generator<Block> {
  const [count] = features.shape as readonly [number];
  if (!isStored(features)) {
    yield { from: 0, count, data: features.data };
    return;
  }
  const size = sizeOf(features);
  const step = Math.min(count, Math.max(1, Math.floor(blockLength / size)));
  const room = new Float32Array(step * size);
  for (let from = 0; from < count; from += step) {
    const data = room.subarray(0, (Math.min(count, from + step) - from) * size);
    features.read(data, from);
    yield { from, count: data.length / size, data };
  }
}

/** The same features, each run of samples changed in place after it is read; `from` is the first of them. */
export const changed = (
  { shape, read }: StoredFeatures,
  change: (data: Float32Array, from: number) => void,
): StoredFeatures =>
  storedFeatures(shape, (into, from) => {
    read(into, from);
    change(into, from);
  });

/** Samples in the order of `rows`. */
export function storedRows(features: FeatureArray, rows: readonly number[]): StoredFeatures {
  const size = sizeOf(features);
  return storedFeatures([rows.length, ...features.shape.slice(1)], (into, from) => {
    for (let at = 0; at < into.length; at += size)
      copySamples(features, rows[from + at / size]!, into.subarray(at, at + size));
  });
}

/** Samples of the first, then those of the next. */
export function storedTogether(parts: readonly FeatureArray[]): StoredFeatures {
  const size = sizeOf(parts[0]!);
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return storedFeatures([count, ...parts[0]!.shape.slice(1)], (into, from) => {
    let first = 0;
    for (const part of parts) {
      const last = first + part.shape[0]!;
      const [begin, end] = [Math.max(first, from), Math.min(last, from + into.length / size)];
      if (begin < end) copySamples(part, begin - first, into.subarray((begin - from) * size, (end - from) * size));
      first = last;
    }
  });
}

/** Features `[N, T, D]` with `time` steps: zeros where they have fewer, cut where they have more. */
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
  if (!isStored(features)) {
    const data = new Float32Array(count * time * width);
    resize(features.data, data);
    return { shape, data };
  }
  return storedFeatures(shape, (into, from) => {
    const own = new Float32Array((into.length / time) * steps);
    features.read(own, from);
    resize(own, into);
  });
}
