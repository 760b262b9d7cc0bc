/** Processes that train one model together: each has all of its parameters, and runs its share of every batch. */
export interface Ranks {
  /** Which of them this process is, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Replaces values by their sums over all ranks, which are the same bits on each. Rejects where a rank does not answer. */
  sum(values: Float32Array): Promise<void>;
  /** The bytes of rank 0, on every rank. Rejects where a rank does not answer. */
  broadcast(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The usual case: a process by itself. */
export const oneRank: Ranks = {
  ...{ rank: 0, size: 1 },
  sum: () => Promise.resolve(),
  broadcast: (bytes) => Promise.resolve(bytes),
};

/** Part `index` of `count` things that are divided in order into `parts`, as evenly as can be: from, to (exclusive). */
export function shareOf(count: number, index: number, parts: number): { readonly from: number; readonly to: number } {
  const at = (i: number): number => Math.floor((count * i) / parts);
  return { from: at(index), to: at(index + 1) };
}
