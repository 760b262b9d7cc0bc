import type { Ranks } from './ranks.ts';

/** Ranks that share one process, for tests: a call waits for those of the others, as between processes. */
export function ranksOfOneProcess(size: number): Ranks[] {
  const together = <T, R>(combine: (given: readonly T[]) => readonly R[]): ((rank: number, value: T) => Promise<R>) => {
    let waiting: { readonly rank: number; readonly value: T; readonly done: (result: R) => void }[] = [];
    return (rank, value) =>
      new Promise((done) => {
        waiting.push({ rank, value, done });
        if (waiting.length < size) return;
        const all = waiting.sort((a, b) => a.rank - b.rank);
        waiting = [];
        const results = combine(all.map((one) => one.value));
        all.forEach((one, i) => one.done(results[i]!));
      });
  };
  const sum = together<Float32Array, void>((arrays) => {
    const total = Float32Array.from(arrays[0]!, (_, i) => arrays.reduce((t, array) => t + array[i]!, 0));
    return arrays.map((array) => array.set(total));
  });
  const broadcast = together<Uint8Array, Uint8Array>((given) => given.map(() => given[0]!));
  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size },
    sum: (values) => sum(rank, values),
    broadcast: (bytes) => broadcast(rank, bytes),
  }));
}
