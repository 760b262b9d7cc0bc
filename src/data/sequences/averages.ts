import { type Intervals, overlapping } from './intervals.ts';

/** The features of one video in one modality, row by row, each with its interval. */
export interface Frames {
  readonly intervals: Intervals;
  /** `[n, D]`. */
  readonly features: ArrayLike<number>;
}

export interface Averages {
  /** `[words, D]`. */
  readonly data: Float32Array;
  /** Features that were NaN or infinite, each counted once for every word it would have been part of. */
  readonly notFinite: number;
}

/**
 * For each word, the mean of all frames that overlap its interval, however much of it they cover; zeros where none do.
 * Values that are not finite are left out of the mean, feature by feature.
 */
export function averages(words: Intervals, { intervals, features }: Frames, width: number): Averages {
  const data = new Float32Array((words.length / 2) * width);
  const sums = new Float64Array(width);
  const counts = new Int32Array(width);
  let notFinite = 0;
  for (const { row, overlaps } of overlapping(words, intervals)) {
    sums.fill(0);
    counts.fill(0);
    for (const frame of overlaps)
      for (let d = 0; d < width; d++) {
        const value = features[frame * width + d]!;
        if (Number.isFinite(value)) {
          sums[d]! += value;
          counts[d]! += 1;
        } else notFinite += 1;
      }
    for (let d = 0; d < width; d++) if (counts[d]! > 0) data[row * width + d] = sums[d]! / counts[d]!;
  }
  return { data, notFinite };
}
