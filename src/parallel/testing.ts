import type { Ranks } from './ranks.ts';

/** Ranks that share one process, for tests: a call waits for those of the others, as between processes. */
export function ranksOfOneProcess(size: number): Ranks[] {
  let waiting: { readonly rank: number; readonly values: Float32Array; readonly done: () => void }[] = [];
  const sum = (rank: number, values: Float32Array): Promise<void> =>
    new Promise((done) => {
      waiting.push({ rank, values, done });
      if (waiting.length < size) return;
      const all = waiting.sort((a, b) => a.rank - b.rank);
      waiting = [];
      const total = Float32Array.from(values, (_, i) => all.reduce((t, one) => t + one.values[i]!, 0));
      for (const one of all) {
        one.values.set(total);
        one.done();
      }
    });
  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size, beside: size },
    sum: (values) => sum(rank, values),
  }));
}
