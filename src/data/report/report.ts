import type { Dataset, LengthSource, Samples, Split, Task } from '../dataset.ts';
import { identicalSamples, type Place, type SharedGroup, sharedGroups } from './leakage.ts';
import { percentile } from '../standardise.ts';
import { blocksOf } from '../features.ts';

export interface ModalityDescription {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  readonly lengthSource: LengthSource;
  /** Values that were NaN or infinite. */
  readonly cleaned: number;
  /** True steps over all splits. */
  readonly steps: number;
  /** True lengths over all splits: minimum, quartiles, maximum. */
  readonly lengths: readonly number[];
  /** Over the true steps of the first split. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Features that never vary there. */
  readonly constantFeatures: number;
  /** True steps, over all splits, whose features are all zero: missing, or padding that the lengths do not know of. */
  readonly zeroSteps: number;
}

export interface SplitDescription {
  readonly samples: number;
  /** Samples per class, or per whole number that a regression label rounds to; absent without labels. */
  readonly labels?: readonly { readonly label: string; readonly count: number }[];
  /** Ids that occur more than once within the split. */
  readonly duplicateIds: readonly string[];
}

export interface DatasetDescription {
  readonly name: string;
  readonly task: Task;
  readonly metrics: Dataset['metrics'];
  readonly splits: Readonly<Partial<Record<Split, SplitDescription>>>;
  readonly modalities: readonly ModalityDescription[];
  /** Ids that occur in more than one split: the same sample may be trained on and tested on. */
  readonly sharedIds: readonly string[];
  /** Sets of samples whose features are the same in every modality, within a split or between splits. */
  readonly identicalSamples: readonly (readonly Place[])[];
  /** Groups, such as videos, with samples in more than one split; absent where nothing tells groups. */
  readonly sharedGroups?: readonly SharedGroup[];
  readonly ignored: readonly string[];
}

/** What a dataset holds and whether it is sound, as plain JSON. */
export function describeDataset(dataset: Dataset): DatasetDescription {
  const entries = Object.entries(dataset.splits) as [Split, Samples][];
  const groups = sharedGroups(dataset);
  return {
    name: dataset.name,
    task: dataset.task,
    metrics: dataset.metrics,
    splits: Object.fromEntries(entries.map(([split, samples]) => [split, describeSplit(samples, dataset.task)])),
    modalities: dataset.modalities.map((modality) => ({
      name: modality.name,
      time: modality.time,
      width: modality.width,
      lengthSource: modality.lengthSource,
      cleaned: modality.cleaned,
      ...describeFeatures(
        modality.name,
        entries.map(([, samples]) => samples),
      ),
    })),
    sharedIds: repeated(entries.flatMap(([, samples]) => [...new Set(samples.ids)])),
    identicalSamples: identicalSamples(dataset),
    ...(groups && { sharedGroups: groups }),
    ignored: dataset.ignored ?? [],
  };
}

function describeSplit(samples: Samples, task: Task): SplitDescription {
  const duplicateIds = repeated(samples.ids);
  if (samples.labels === undefined) return { samples: samples.ids.length, duplicateIds };
  const name = (label: number): string =>
    task.kind === 'classification' ? (task.classes[label] ?? String(label)) : String(Math.round(label) + 0);
  const counts = new Map<string, number>();
  for (const label of [...samples.labels].sort((a, b) => a - b).map(name))
    counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts].map(([label, count]) => ({ label, count }));
  return { samples: samples.ids.length, labels, duplicateIds };
}

function describeFeatures(
  name: string,
  splits: readonly Samples[],
): Omit<ModalityDescription, 'name' | 'time' | 'width' | 'lengthSource' | 'cleaned'> {
  const lengths = Float32Array.from(splits.flatMap((samples) => [...samples.lengths[name]!])).sort();
  const first = splits[0]!;
  const width = first.features[name]!.shape[2]!;
  let [count, sum, squares] = [0, 0, 0];
  const lowest = new Float32Array(width).fill(Infinity);
  const highest = new Float32Array(width).fill(-Infinity);
  eachStep(first, name, (data, start) => {
    let [total, ofSquares] = [0, 0];
    for (let d = 0; d < width; d++) {
      const x = data[start + d]!;
      total += x;
      ofSquares += x * x;
      if (x < lowest[d]!) lowest[d] = x;
      if (x > highest[d]!) highest[d] = x;
    }
    count += width;
    sum += total;
    squares += ofSquares;
  });
  let zeroSteps = 0;
  for (const samples of splits)
    eachStep(samples, name, (data, start) => {
      let d = 0;
      while (d < width && data[start + d] === 0) d += 1;
      if (d === width) zeroSteps += 1;
    });
  const mean = sum / count;
  return {
    steps: lengths.reduce((total, length) => total + length, 0),
    lengths: [0, 25, 50, 75, 100].map((percent) => percentile(lengths, percent)),
    min: lowest.reduce((least, low) => Math.min(least, low), Infinity),
    max: highest.reduce((most, high) => Math.max(most, high), -Infinity),
    mean,
    std: Math.sqrt(Math.max(0, squares / count - mean * mean)),
    constantFeatures: lowest.reduce((constant, low, d) => constant + (low === highest[d] ? 1 : 0), 0),
    zeroSteps,
  };
}

/** Calls `visit` with the offset of every true time step of a modality. */
function eachStep(samples: Samples, name: string, visit: (data: Float32Array, start: number) => void): void {
  const features = samples.features[name]!;
  const lengths = samples.lengths[name]!;
  const [, time, width] = features.shape as readonly [number, number, number];
  for (const { from, count, data } of blocksOf(features))
    for (let n = 0; n < count; n++) for (let t = 0; t < lengths[from + n]!; t++) visit(data, (n * time + t) * width);
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(ids.filter((id) => seen.size === seen.add(id).size))];
}
