/** Modalities that are missing or noisy, for training and for measuring what that costs. */
import type { Batch } from './batch.ts';
import type { Samples } from './dataset.ts';
import { changed, type FeatureArray } from './features.ts';
import { random } from './random.ts';

/**
 * Takes modalities away from samples of a batch in place, each with probability `rate`, and at least one is left to every
 * sample that has any: a pure function of (seed, step). What is taken is one step of zeros, the mean of standardised
 * features; `present` goes on saying that the sample has it, for that a network forgets it once is no fact about the data.
 */
export function dropFromBatch({ size, modalities }: Batch, rate: number, seed: number, step: number, from = 0): void {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`A rate of modality dropout is in [0, 1), got ${rate}.`);
  const all = Object.values(modalities);
  const source = random(seed, 'modality dropout', step);
  for (let n = -from; n < size; n++) {
    const taken = all.map(() => source.uniform() < rate);
    const draw = source.integer(all.length);
    if (n < 0) continue;
    const held = all.flatMap(({ present }, m) => (present[n] === 1 ? [m] : []));
    if (held.length > 0 && held.every((m) => taken[m])) taken[held[draw % held.length]!] = false;
    for (const [m, { features, mask, time, width }] of all.entries()) {
      if (!taken[m]) continue;
      features.fill(0, n * time * width, (n + 1) * time * width);
      mask.fill(0, n * time + 1, (n + 1) * time);
    }
  }
}

/**
 * Samples of which a share `rate` lacks these modalities. Who lacks one is decided by one number per sample and modality,
 * so that those who do at a rate also do at a higher one.
 */
export function withoutModalities(
  samples: Samples,
  names: readonly string[],
  { rate, seed }: { readonly rate: number; readonly seed: number },
): Samples {
  const lengths: Record<string, Int32Array> = { ...samples.lengths };
  for (const name of names) {
    const source = random(seed, 'missing', name);
    lengths[name] = samples.lengths[name]!.map((length) => (source.uniform() < rate ? 0 : length));
  }
  return { ...samples, lengths };
}

/**
 * Samples with Gaussian noise on the true steps of these modalities, of `deviation` times that of the training split:
 * features are standardised, and those that are stored stay so. The same draws at every deviation.
 */
export function withNoise(
  samples: Samples,
  names: readonly string[],
  { deviation, seed }: { readonly deviation: number; readonly seed: number },
): Samples {
  const noisy = names.map((name): readonly [string, FeatureArray] => {
    const lengths = samples.lengths[name]!;
    const [, time, width] = samples.features[name]!.shape as readonly [number, number, number];
    // Numbers drawn for the samples before each, so that its own are found whichever samples are read first.
    const before = new Float64Array(lengths.length);
    for (let n = 1; n < lengths.length; n++) before[n] = before[n - 1]! + lengths[n - 1]! * width;
    const add = (data: Float32Array, from: number): void => {
      const source = random(seed, 'noise', name);
      source.skipNormals(before[from]!);
      for (let start = 0, n = from; start < data.length; start += time * width, n++)
        for (let i = start; i < start + lengths[n]! * width; i++) data[i]! += deviation * source.normal();
    };
    return [name, changed(samples.features[name]!, add)];
  });
  return { ...samples, features: { ...samples.features, ...Object.fromEntries(noisy) } };
}
