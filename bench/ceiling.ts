import { compile } from '../src/runtime/node.ts';
import { input } from '../src/tensor/index.ts';
import type { BenchCase } from './case.ts';
import { filled, uniform } from './samples.ts';
import { median, percentile, rounded } from './statistics.ts';

const n = 1024;

/** Milliseconds of float32 products of two 1024 x 1024 matrices: what the runtime reaches at its best here, now. */
async function productTimes(threads: number, repetitions: number): Promise<number[]> {
  const program = await compile({ product: input('a', [n, n]).matmul(input('b', [n, n])) }, { threads });
  const noise = uniform(2);
  const feeds = { a: filled(n * n, noise), b: filled(n * n, noise) };
  const times: number[] = [];
  const warmUp = 3;
  for (let i = 0; i < warmUp + repetitions; i++) {
    const start = performance.now();
    await program.run(feeds);
    if (i >= warmUp) times.push(performance.now() - start);
  }
  await program.dispose();
  return times;
}

const gflops = (milliseconds: number): number => (2 * n ** 3) / milliseconds / 1e6;

/** GFLOP/s of the median product. */
export const ceiling = async (threads: number): Promise<number> => gflops(median(await productTimes(threads, 15)));

export const ceilingCase: BenchCase = {
  name: 'ceiling',
  about: 'GFLOP/s of a 1024³ float32 product',
  async *run({ threads, repetitions }) {
    const times = await productTimes(threads, 2 * repetitions);
    yield {
      case: 'ceiling',
      threads,
      ms: rounded(median(times), 2),
      gflops: rounded(gflops(median(times))),
      p10_gflops: rounded(gflops(percentile(times, 0.9))),
      p90_gflops: rounded(gflops(percentile(times, 0.1))),
    };
  },
};
