/** Modalities as one vector a sample. */
import { allFinite } from '../kernels/index.ts';
import { sampleCount, type Samples } from './dataset.ts';
import { blocksOf } from './features.ts';

/** `data` `[rows, columns]` in row-major order, a row for each sample. */
interface TimeAverages {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * Every modality averaged over its true time steps, side by side: `[N, sum of D]`. Missing numbers are left out; what has none
 * but those is missing, and what a sample lacks is 0.
 */
export function timeAverages(samples: Samples, modalities: readonly string[]): TimeAverages {
  const widths = modalities.map((name) => featuresOf(samples, name).shape[2]!);
  const rows = sampleCount(samples);
  const columns = widths.reduce((total, width) => total + width, 0);
  const result = new Float64Array(rows * columns);
  let offset = 0;
  for (const [m, name] of modalities.entries()) {
    const features = featuresOf(samples, name);
    const [time, width] = [features.shape[1]!, widths[m]!];
    for (const { from, count, data } of blocksOf(features))
      for (let n = 0; n < count; n++) {
        const length = samples.lengths[name]![from + n]!;
        const row = (from + n) * columns + offset;
        const own = data.subarray(n * time * width, (n * time + length) * width);
        averageOver(own, result.subarray(row, row + width));
      }
    offset += width;
  }
  return { rows, columns, data: result };
}

/** Puts the means over the steps of one sample `[length, D]` into `means` `[D]`. */
function averageOver(steps: Float32Array, means: Float64Array): void {
  const width = means.length;
  const known = new Int32Array(width).fill(steps.length / width);
  if (!allFinite(steps)) for (const [i, x] of steps.entries()) if (!Number.isFinite(x)) known[i % width]! -= 1;
  for (let step = 0; step < steps.length; step += width)
    for (let d = 0; d < width; d++) {
      const x = steps[step + d]!;
      if (known[d] === 0) means[d] = Number.NaN;
      else if (Number.isFinite(x)) means[d]! += x / known[d]!;
    }
}

function featuresOf(samples: Samples, name: string): Samples['features'][string] {
  const found = samples.features[name];
  if (found === undefined)
    throw new RangeError(
      `Modality "${name}" is asked for; these samples have ${Object.keys(samples.features).join(', ')}.`,
    );
  return found;
}
