/** Modalities that are missing or noisy, for training and for measuring what that costs. */
import type { Batch } from './batch.ts';
import type { FeatureArray, Samples } from './dataset.ts';
import { random } from './random.ts';

/**
 * Takes modalities away from samples of a batch in place, each with probability `rate` and at least one left to every
 * sample: a pure function of (seed, step). What is missing is one step of zeros, the mean of standardised features.
 */
export function dropFromBatch({ size, modalities }: Batch, rate: number, seed: number, step: number): void {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`A rate of modality dropout is in [0, 1), got ${rate}.`);
  const all = Object.values(modalities);
  const source = random(seed, 'modality dropout', step);
  for (let n = 0; n < size; n++) {
    const missing = all.map(() => source.uniform() < rate);
    const spared = source.integer(all.length);
    if (missing.every(Boolean)) missing[spared] = false;
    for (const [m, { features, mask, time, width }] of all.entries()) {
      if (!missing[m]) continue;
      features.fill(0, n * time * width, (n + 1) * time * width);
      mask.fill(0, n * time + 1, (n + 1) * time);
    }
  }
}

/**
 * Samples of which a share `rate` has none of these modalities: one step of zeros each. Who misses is decided by one
 * number per sample and modality, so that those who miss at a rate also do at a higher one. Features are standardised.
 */
export function withoutModalities(
  samples: Samples,
  names: readonly string[],
  { rate, seed }: { readonly rate: number; readonly seed: number },
): Samples {
  const changed = names.map((name) => {
    const [array, lengths] = [samples.features[name]!, Int32Array.from(samples.lengths[name]!)];
    const data = array.data.slice();
    const size = data.length / lengths.length;
    const source = random(seed, 'missing', name);
    for (let n = 0; n < lengths.length; n++) {
      if (source.uniform() >= rate) continue;
      data.fill(0, n * size, (n + 1) * size);
      lengths[n] = 1;
    }
    return { name, array: { shape: array.shape, data }, lengths };
  });
  return {
    ...samples,
    features: { ...samples.features, ...Object.fromEntries(changed.map(({ name, array }) => [name, array])) },
    lengths: { ...samples.lengths, ...Object.fromEntries(changed.map(({ name, lengths }) => [name, lengths])) },
  };
}

/**
 * Samples with Gaussian noise on the true steps of these modalities, of `deviation` times that of the training split:
 * features are standardised. The same draws at every deviation.
 */
export function withNoise(
  samples: Samples,
  names: readonly string[],
  { deviation, seed }: { readonly deviation: number; readonly seed: number },
): Samples {
  const noisy = names.map((name): readonly [string, FeatureArray] => {
    const { shape, data } = samples.features[name]!;
    const [, time, width] = shape as readonly [number, number, number];
    const out = data.slice();
    const source = random(seed, 'noise', name);
    for (const [n, length] of samples.lengths[name]!.entries())
      for (let i = n * time * width; i < (n * time + length) * width; i++) out[i]! += deviation * source.normal();
    return [name, { shape, data: out }];
  });
  return { ...samples, features: { ...samples.features, ...Object.fromEntries(noisy) } };
}
