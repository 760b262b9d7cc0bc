import { build, type Built } from './built.ts';
import type { BenchCase } from './case.ts';
import type { SmallSizes } from './configurations.ts';
import { exponent, median, rounded } from './statistics.ts';
import type { Trained, TrainTold } from './train-child.ts';

/** Sizes that grow, one at a time, while the others stay small. */
const axes: Readonly<Record<keyof SmallSizes, readonly number[]>> = {
  batch: [8, 16, 32, 64],
  time: [10, 25, 50, 100],
  prototypes: [2, 4, 8, 12],
  modalities: [2, 3, 4],
  width: [32, 64, 128],
};

/** Steps before the first that counts. */
const warmUp = 3;

interface Point {
  readonly ms: number;
  /** Resident memory that the steps added to what the process had when it was ready for them. */
  readonly mb: number;
  /** Of the whole process. */
  readonly peak: number;
}

async function point(built: Built, sizes: SmallSizes, threads: number, repetitions: number): Promise<Point> {
  const lines: string[] = [];
  const told: TrainTold = {
    request: { name: 'small', recipe: 'paper', sizes },
    threads,
    steps: warmUp + repetitions,
    batches: 1,
  };
  await built.run('train-child', told, { onLine: (line) => void lines.push(line) });
  const { milliseconds, before, resident, peak } = JSON.parse(lines.at(-1)!) as Trained;
  return { ms: median(milliseconds.slice(warmUp)), mb: Math.max(...resident) - before, peak };
}

export const growthCase: BenchCase = {
  name: 'growth',
  about: 'time and memory of a step against batch, time steps, K, M and d, with fitted exponents',
  async *run({ threads, repetitions }) {
    const built = await build();
    try {
      for (const [axis, values] of Object.entries(axes)) {
        const points: Point[] = [];
        for (const value of values) points.push(await point(built, { [axis]: value }, threads, repetitions));
        yield {
          case: 'growth',
          axis,
          threads,
          values,
          step_ms: points.map(({ ms }) => rounded(ms, 2)),
          memory_mb: points.map(({ mb }) => rounded(mb)),
          peak_rss_mb: points.map(({ peak }) => Math.round(peak)),
          time_exponent: rounded(
            exponent(
              values,
              points.map(({ ms }) => ms),
            ),
            2,
          ),
          memory_exponent: rounded(
            exponent(
              values,
              points.map(({ mb }) => mb),
            ),
            2,
          ),
        };
      }
    } finally {
      built.remove();
    }
  },
};
