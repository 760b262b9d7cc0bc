import { addInOrder, type Ranks } from './ranks.ts';

interface Call {
  readonly rank: number;
  readonly addends: readonly Float32Array[];
  readonly total: Float32Array;
  readonly done: () => void;
}

/** Ranks that share one process, for tests: a call waits for those of the others, as between processes. */
export function ranksOfOneProcess(size: number): Ranks[] {
  let waiting: Call[] = [];
  const sum = (rank: number, addends: readonly Float32Array[], total: Float32Array): Promise<void> =>
    new Promise((done) => {
      waiting.push({ rank, addends, total, done });
      if (waiting.length < size) return;
      const all = waiting.sort((a, b) => a.rank - b.rank);
      waiting = [];
      const sums = new Float32Array(total.length);
      addInOrder(
        all.flatMap((one) => one.addends),
        sums,
      );
      for (const one of all) {
        one.total.set(sums);
        one.done();
      }
    });
  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size, beside: size },
    sum: (values) => sum(rank, [values], values),
    sumInOrder: (addends, total) => sum(rank, addends, total),
  }));
}
