/** Adam with clipping by the global norm, as the trainer does it after every step. */
import { moveAverage } from '../src/train/optimisation/average.ts';
import { Adam, clipFactor, globalNorm, type StateDict } from '../src/train/index.ts';
import type { BenchCase, BenchLine } from './case.ts';
import { uniform } from './samples.ts';
import { median, rounded } from './statistics.ts';

/** A model of a million parameters and one of a hundred million; passes over the one take 3 ms, over the other half a second. */
const sizes = [
  { arrays: 100, length: 10_000, passes: 20, warmUp: 100 },
  { arrays: 40, length: 2_500_000, passes: 0.4, warmUp: 2 },
] as const;

/** Parameters of the authors' model for CMU-MOSI. */
const mosiParameters = 842_241;

export const optimizerCase: BenchCase = {
  name: 'optimizer',
  about: 'nanoseconds per parameter of gradient norm, clipping and Adam, and of the moving average',
  // eslint-disable-next-line @typescript-eslint/require-await -- generators of cases are asynchronous
  async *run({ repetitions }) {
    for (const { arrays, length, passes, warmUp } of sizes) {
      const state = (seed: number): StateDict => {
        const noise = uniform(seed);
        return named(arrays, () => Float32Array.from({ length }, noise));
      };
      yield measured(state(1), state(2), { warmUp, passes: Math.ceil(passes * repetitions) });
    }
  },
};

const named = (count: number, make: () => Float32Array): StateDict =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`parameter ${i}`, make()]));

interface Passes {
  readonly warmUp: number;
  readonly passes: number;
}

function measured(parameters: StateDict, gradients: StateDict, { warmUp, passes }: Passes): BenchLine {
  const count = Object.values(parameters).reduce((sum, { length }) => sum + length, 0);
  const adam = new Adam();
  const nanoseconds = (work: () => void): number => {
    const times: number[] = [];
    for (let i = 0; i < warmUp + passes; i++) {
      const start = performance.now();
      work();
      if (i >= warmUp) times.push(performance.now() - start);
    }
    return (median(times) / count) * 1e6;
  };
  const norm = nanoseconds(() => globalNorm(gradients));
  const step = nanoseconds(() =>
    adam.update(parameters, gradients, { learningRate: 1e-4, factor: clipFactor(globalNorm(gradients), 1) }),
  );
  // The gradients stand in for the average: the same traffic without another copy of the model.
  const average = nanoseconds(() => moveAverage(gradients, parameters, 0.999, adam.step));
  return {
    case: 'optimizer',
    parameters: count,
    arrays: Object.keys(parameters).length,
    ns_per_parameter: rounded(step, 2),
    of_which_norm: rounded(norm, 2),
    average_ns_per_parameter: rounded(average, 2),
    mosi_ms: rounded((step * mosiParameters) / 1e6, 2),
  };
}
