/**
 * Where the padding of sequences stands: at the end, where datasets have it, or in front, from where steps are moved.
 *
 * With a length L of T steps given, numbers beyond the first L steps are a contradiction, unless the sample's first T - L
 * steps are padding: then the last L are meant. Without lengths, the zeros tell (`standsInFront`).
 */

/** How padding is read; `found`: wherever it stands; `end`: at the end of each sample, as releases before took it. */
export const paddings = ['found', 'end'] as const;
export type Padding = (typeof paddings)[number];

/** Time steps T and features D of samples `[n, T, D]`. */
interface Steps {
  readonly time: number;
  readonly width: number;
}

/** Steps of zeros before the first number of each sample and after its last, `[N]` each; T of both where all are zero. */
export interface ZerosAround {
  readonly front: Int32Array;
  readonly end: Int32Array;
}

/** Writes the counts of samples `[n, T, D]` from sample `from` on. */
export function countZeros(data: Float32Array, { time, width }: Steps, into: ZerosAround, from = 0): void {
  const size = time * width;
  for (let n = 0; n * size < data.length; n++) {
    const [start, stop] = [n * size, (n + 1) * size];
    let [first, last] = [start, stop];
    while (first < stop && data[first] === 0) first += 1;
    while (last > first && data[last - 1] === 0) last -= 1;
    into.front[from + n] = Math.floor((first - start) / width);
    into.end[from + n] = first === stop ? time : Math.floor((stop - last) / width);
  }
}

/** The steps of zeros around the samples of one split, which has `time` steps. */
export interface SplitZeros {
  readonly zeros: ZerosAround;
  readonly time: number;
}

/** The zeros in front of samples that have something in them, and none at the end; undefined where one has some there. */
function frontsIn(splits: readonly SplitZeros[]): readonly number[] | undefined {
  const fronts: number[] = [];
  for (const { zeros, time } of splits)
    for (const [n, front] of zeros.front.entries()) {
      if (front === time) continue;
      if (zeros.end[n]! > 0) return undefined;
      fronts.push(front);
    }
  return fronts;
}

/** Whether zeros begin some sample and end none, so that they may be padding in front. */
export const mayStandInFront = (splits: readonly SplitZeros[]): boolean =>
  frontsIn(splits)?.some((front) => front > 0) ?? false;

/**
 * Whether the zeros of a modality, over all splits, are padding in front: no sample ends with a step of zeros, half of the
 * samples or more begin with one, and they do not all begin with equally many, as sequences of different lengths would
 * not. A sample of nothing but zeros is passed over.
 */
export function standsInFront(splits: readonly SplitZeros[]): boolean {
  const fronts = frontsIn(splits) ?? [];
  const padded = fronts.filter((front) => front > 0);
  return padded.length > 0 && 2 * padded.length >= fronts.length && new Set(fronts).size > 1;
}

/** Moves the last steps of sample `n` to its front, and zeros after them. */
export function moveToFront(data: Float32Array, n: number, padding: number, { time, width }: Steps): void {
  const [start, stop] = [n * time * width, (n + 1) * time * width];
  data.copyWithin(start, start + padding * width, stop);
  data.fill(0, stop - padding * width, stop);
}

/** Numbers that stand where a length says that there is padding. */
export interface BeyondLengths {
  readonly samples: number;
  readonly values: number;
  /** The row of the first such sample. */
  readonly first: number;
}

/**
 * Moves each of the samples `[n, T, D]` that is padded in front to its front, by its length; returns how many were, and
 * the numbers beyond the lengths of others. A number that is missing is as good as a zero there.
 */
export function arrange(
  data: Float32Array,
  lengths: Int32Array,
  steps: Steps,
): { readonly moved: number; readonly beyond: BeyondLengths | undefined } {
  const size = steps.time * steps.width;
  let moved = 0;
  let [samples, values, first] = [0, 0, -1];
  for (const [n, length] of lengths.entries()) {
    // A length of 0 says that the sample lacks the modality, whatever stands in its place.
    if (length === 0) continue;
    const end = (n + 1) * size;
    const found = numbersIn(data, n * size + length * steps.width, end);
    if (found === 0) continue;
    const padding = steps.time - length;
    if (numbersIn(data, n * size, n * size + padding * steps.width) === 0) {
      moveToFront(data, n, padding, steps);
      moved += 1;
      continue;
    }
    samples += 1;
    values += found;
    if (first < 0) first = n;
  }
  return { moved, beyond: samples > 0 ? { samples, values, first } : undefined };
}

/** How many numbers of a range are neither zero nor missing. */
function numbersIn(data: Float32Array, from: number, to: number): number {
  let found = 0;
  for (let i = from; i < to; i++) if (data[i] !== 0 && Number.isFinite(data[i])) found += 1;
  return found;
}
