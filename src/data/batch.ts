import type { Modality, Samples } from './dataset.ts';
import { copySamples } from './features.ts';

/** One modality of a batch. */
export interface BatchModality {
  /** `[n, T, D]` */
  readonly features: Float32Array;
  /** `[n, T]`: 1 for a true step, 0 for padding; of a sample that lacks the modality, one true step of zeros. */
  readonly mask: Float32Array;
  /** `[n]`: 1 for a sample that has the modality, 0 for one that lacks it. */
  readonly present: Float32Array;
  /** T, time steps. */
  readonly time: number;
  /** D, features per time step. */
  readonly width: number;
  /** `[n]`: the modality's own labels, where they were asked for; zeros where the samples have none. */
  readonly labels?: Float32Array;
}

/** The modality's part of a batch, before there are samples in it. */
export interface BatchShape extends Pick<Modality, 'name' | 'time' | 'width'> {
  /** Whether the batch holds labels of this modality alone. */
  readonly labelled?: true;
}

/** Arrays of a fixed number of samples, allocated once and filled for every step. */
export interface Batch {
  readonly size: number;
  readonly modalities: Readonly<Record<string, BatchModality>>;
  /** `[n]`, or `[n, L]` of several labels; zeros where the samples have none. */
  readonly labels: Float32Array;
}

/** An empty batch of `size` samples of these modalities, each with one label or with L, `labelWidth`. */
export function createBatch(modalities: readonly BatchShape[], size: number, labelWidth = 1): Batch {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`A batch holds one or more samples, got ${size}.`);
  const entries = modalities.map(({ name, time, width, labelled }): [string, BatchModality] => [
    name,
    {
      ...{ features: new Float32Array(size * time * width), mask: new Float32Array(size * time) },
      ...{ present: new Float32Array(size), time, width },
      ...(labelled && { labels: new Float32Array(size) }),
    },
  ]);
  return { size, modalities: Object.fromEntries(entries), labels: new Float32Array(size * labelWidth) };
}

/** Copies the samples at `rows` (as many as the batch holds) into `batch`. */
export function fillBatch(batch: Batch, samples: Samples, rows: ArrayLike<number>): void {
  if (rows.length !== batch.size)
    throw new RangeError(`A batch of ${batch.size} samples cannot hold ${rows.length} rows; create one of that size.`);
  for (let i = 0; i < rows.length; i++)
    if (!(rows[i]! >= 0 && rows[i]! < samples.ids.length))
      throw new RangeError(`Row ${rows[i]!} is outside the ${samples.ids.length} samples.`);
  for (const name in batch.modalities) fillModality(name, batch.modalities[name]!, samples, rows);
  const width = batch.labels.length / batch.size;
  for (let i = 0; i < batch.labels.length; i++)
    batch.labels[i] = samples.labels?.[rows[Math.floor(i / width)]! * width + (i % width)] ?? 0;
}

function fillModality(
  name: string,
  { features, mask, present, time, width, labels }: BatchModality,
  samples: Samples,
  rows: ArrayLike<number>,
): void {
  const source = samples.features[name];
  const lengths = samples.lengths[name];
  if (source === undefined || lengths === undefined)
    throw new RangeError(`Cannot fill a batch: the samples have no modality "${name}".`);
  if (source.shape[1] !== time || source.shape[2] !== width)
    throw new RangeError(
      `Cannot fill a batch of "${name}" [n,${time},${width}] from [${source.shape.join(',')}]: T or D differs.`,
    );
  const stride = time * width;
  const known = samples.ownLabels?.[name];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const own = features.subarray(i * stride, (i + 1) * stride);
    const length = lengths[row]!;
    if (length > 0) copySamples(source, row, own);
    else own.fill(0);
    present[i] = Number(length > 0);
    // One step is left of what is absent: no attention is over nothing, and no mean is divided by 0.
    const end = i * time + Math.max(length, 1);
    mask.fill(1, i * time, end);
    mask.fill(0, end, (i + 1) * time);
    if (labels) labels[i] = known?.[row] ?? 0;
  }
}
