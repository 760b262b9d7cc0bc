/** Intervals of time, and which of them overlap. */

/** `[n, 2]`: start and end in seconds, in any order, overlapping or not. */
export type Intervals = Float64Array;

/** Seconds. Intervals no longer than this cover nothing, nor do overlaps; the CMU-MultimodalSDK has the same. */
const epsilon = 1e-5;

/**
 * For each interval of `reference`, in order of start, the rows of `others` that overlap it, in order of start too.
 * Intervals of no length, backwards or with times that are no numbers are left out on either side.
 */
export function* overlapping(
  reference: Intervals,
  others: Intervals,
): Generator<{ readonly row: number; readonly overlaps: readonly number[] }> {
  const coming = byStart(others);
  let next = 0;
  // Rows of `others` that have begun and may reach into this interval or a later one.
  let open: number[] = [];
  for (const row of byStart(reference)) {
    const [start, end] = [reference[2 * row]!, reference[2 * row + 1]!];
    while (next < coming.length && others[2 * coming[next]!]! < end) open.push(coming[next++]!);
    open = open.filter((other) => others[2 * other + 1]! > start);
    const overlaps = open.filter(
      (other) => Math.min(end, others[2 * other + 1]!) - Math.max(start, others[2 * other]!) > epsilon,
    );
    yield { row, overlaps };
  }
}

/** Rows whose interval has a length, by start; those that start together as they stand. */
const byStart = (intervals: Intervals): number[] =>
  Array.from({ length: intervals.length / 2 }, (_, row) => row)
    .filter((row) => intervals[2 * row + 1]! - intervals[2 * row]! >= epsilon)
    .sort((a, b) => intervals[2 * a]! - intervals[2 * b]!);
