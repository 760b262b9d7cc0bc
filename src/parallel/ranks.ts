/** Processes that train one model together: each has all of its parameters, and runs its share of every batch. */
export interface Ranks {
  /** Which of them this process is, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** How many of them are on this machine, this one among them. */
  readonly beside: number;
  /**
   * Replaces values by their sums over all ranks, added in any order. Rejects where a rank does not answer within its deadline, or
   * `patience` times that. Default: 1.
   */
  sum(values: Float32Array, patience?: number): Promise<void>;
  /**
   * The sums of all addends of all ranks, into `total`: added one after another, those of rank 0 first, so that they are the same
   * bits whichever rank has an addend. `counts` is how many each rank has, at least one.
   */
  sumInOrder(addends: readonly Float32Array[], total: Float32Array, counts: readonly number[]): Promise<void>;
}

/** The usual case: a process by itself. */
export const oneRank: Ranks = {
  ...{ rank: 0, size: 1, beside: 1 },
  sum: () => Promise.resolve(),
  sumInOrder(addends, total) {
    addInOrder(addends, total);
    return Promise.resolve();
  },
};

/** The sums of some arrays, added one after another. */
export function addInOrder(addends: readonly Float32Array[], total: Float32Array): void {
  total.fill(0);
  for (const addend of addends) for (let i = 0; i < total.length; i++) total[i]! += addend[i]!;
}

/** Part `index` of `count` things that are divided in order into `parts`, as evenly as can be: from, to (exclusive). */
export function shareOf(count: number, index: number, parts: number): { readonly from: number; readonly to: number } {
  const at = (i: number): number => Math.floor((count * i) / parts);
  return { from: at(index), to: at(index + 1) };
}

/** A text of each rank, in their order, on every rank. */
export async function gatherTexts(ranks: Ranks, text: string, patience = 1): Promise<string[]> {
  const own = new TextEncoder().encode(text);
  const lengths = new Float32Array(ranks.size);
  lengths[ranks.rank] = own.length;
  await ranks.sum(lengths, patience);
  const ends = lengths.reduce<number[]>((all, length) => [...all, (all.at(-1) ?? 0) + length], []);
  // A byte as a number: exact, and few enough that one kind of sum serves all.
  const bytes = new Float32Array(ends.at(-1)!);
  bytes.set(own, ends[ranks.rank]! - own.length);
  await ranks.sum(bytes);
  return ends.map((end, i) => new TextDecoder().decode(Uint8Array.from(bytes.subarray(end - lengths[i]!, end))));
}

/** The text of rank 0, on every rank. */
export const textOfFirst = async (ranks: Ranks, text: string, patience?: number): Promise<string> =>
  (await gatherTexts(ranks, ranks.rank === 0 ? text : '', patience))[0]!;
