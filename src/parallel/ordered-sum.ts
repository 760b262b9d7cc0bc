import { integers, type Pieces } from './mpi-library.ts';
import { shareOf } from './ranks.ts';

/**
 * Sums in order: each rank takes one slice of every addend, adds these in their order, and gives its slice of the sums to all. No
 * more is sent than by a sum in any order, where ranks have one addend each.
 */
export interface OrderedSum {
  /** The slice of each rank. */
  readonly slices: Pieces;
  /** One for each addend of those ranks that have most: what is sent to and taken from each rank. */
  readonly rounds: readonly { readonly from: Pieces; readonly to: Pieces }[];
  /** The own slice of all addends, one after another. */
  readonly received: Float32Array;
  readonly taken: readonly Float32Array[];
}

/** What a rank does for sums of `length` numbers, where ranks have so many addends. */
export function orderedSum(length: number, counts: readonly number[], rank: number): OrderedSum {
  const size = counts.length;
  const piecesOf = (piece: (other: number) => { readonly offset: number; readonly length: number }): Pieces => {
    const pieces = { offsets: integers(size), lengths: integers(size) };
    for (let other = 0; other < size; other++) {
      const { offset, length: numbers } = piece(other);
      pieces.offsets[other] = offset;
      pieces.lengths[other] = numbers;
    }
    return pieces;
  };
  const sliceOf = (other: number): { readonly offset: number; readonly length: number } => {
    const { from, to } = shareOf(length, other, size);
    return { offset: from, length: to - from };
  };
  const own = sliceOf(rank).length;
  const before = counts.map((_, other) => counts.slice(0, other).reduce((sum, count) => sum + count, 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const received = new Float32Array(new ArrayBuffer(4 * all * own));
  return {
    slices: piecesOf(sliceOf),
    received,
    taken: Array.from({ length: all }, (_, i) => received.subarray(i * own, (i + 1) * own)),
    rounds: Array.from({ length: Math.max(...counts) }, (_, j) => ({
      from: piecesOf((other) => ({ ...sliceOf(other), ...(j >= counts[rank]! && { length: 0 }) })),
      to: piecesOf((other) => ({ offset: (before[other]! + j) * own, length: j < counts[other]! ? own : 0 })),
    })),
  };
}
