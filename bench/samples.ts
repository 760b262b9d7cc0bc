import type { Samples } from '../src/data/dataset.ts';
import type { FeatureArray } from '../src/data/features.ts';
import type { InputSpec } from '../src/train/index.ts';

/**
 * Samples of noise. The true length of a masked sequence is between a fifth and five sixths of the whole (10..41 of 50
 * time steps).
 */
export function samplesOf({ features, task }: InputSpec, count: number): Samples {
  const noise = uniform(1);
  const lengths = Object.fromEntries(
    features.map(({ name, time, masked }) => [
      name,
      Int32Array.from({ length: count }, (_, n) =>
        masked ? Math.ceil(time / 5) + (n % Math.ceil(0.64 * time)) : time,
      ),
    ]),
  );
  const values = features.map(({ name, time, width, tokens }): [string, FeatureArray] => {
    const data = filled(count * time * width, noise);
    // Ids from 0 to 17,320, all of segment 0.
    if (tokens) for (let i = 0; i < data.length; i++) data[i] = i % 2 === 0 ? Math.floor(Math.abs(data[i]!) * 1e4) : 0;
    for (let n = 0; n < count; n++) data.fill(0, (n * time + lengths[name]![n]!) * width, (n + 1) * time * width);
    return [name, { shape: [count, time, width], data }];
  });
  return {
    ids: Array.from({ length: count }, (_, n) => `sample ${n}`),
    features: Object.fromEntries(values),
    lengths,
    labels: Float32Array.from({ length: count }, (_, n) =>
      task.kind === 'classification' ? n % task.classes : (n % 7) - 3,
    ),
  };
}

/** An array of draws; `Float32Array.from` would take several times as long. */
export function filled(length: number, draw: () => number): Float32Array {
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = draw();
  return data;
}

/** Numbers of mean 0 and deviation 1, fast rather than good (Numerical Recipes' linear congruential generator). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * Math.sqrt(12);
  };
}
