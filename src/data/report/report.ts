/** The report of a dataset: sizes, lengths, scales and labels in numbers, and samples that are in it twice. */
import type { MetricKind } from '../../metrics/metric.ts';
import { placesOfOthers } from '../columns/types.ts';
import type { Dataset, LengthSource, Samples, Split, Task } from '../dataset.ts';
import { type Leakage, leakageOf, type Place, repeated } from './leakage.ts';
import { percentile } from '../standardise.ts';
import { hasSeveral } from '../task.ts';
import { type LabelReport, labelReports } from './several-labels.ts';
import { blocksOf } from '../features.ts';

export interface ModalityReport {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  readonly lengthSource: LengthSource;
  /** Numbers of true steps that are missing: NaN or infinite. */
  readonly cleaned: number;
  /** The first samples with missing numbers. */
  readonly missingIn: readonly Place[];
  /** Samples that lack the modality over all splits, and the first of them. */
  readonly absent: number;
  readonly absentIn: readonly Place[];
  /** True steps over all splits. */
  readonly steps: number;
  /** True lengths over all splits, of the samples that have the modality: minimum, quartiles, maximum. */
  readonly lengths: readonly number[];
  /** Over the true steps of the first split, where no number is missing. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** How many features never vary over the true steps of the first split, those for values unknown in training apart. */
  readonly constantFeatures: number;
  /** True steps, over all splits, whose features are all zero: missing, or padding that the lengths do not know of. */
  readonly zeroSteps: number;
}

export interface SplitReport {
  readonly samples: number;
  /** Samples per class, or per whole number that a regression label rounds to, of those with a label; absent without labels. */
  readonly labels?: readonly { readonly label: string; readonly count: number }[];
  /** Each of several labels, of a task that has them; absent without labels. */
  readonly several?: readonly LabelReport[];
  /** Ids that occur more than once within the split. */
  readonly duplicateIds: readonly string[];
}

export interface DatasetReport extends Leakage {
  readonly name: string;
  readonly task: Task;
  readonly metrics: MetricKind;
  readonly splits: Readonly<Partial<Record<Split, SplitReport>>>;
  readonly modalities: readonly ModalityReport[];
  readonly ignored: readonly string[];
}

/** What a dataset holds and whether it is sound, as plain JSON; features that are stored are gone through a few times. */
export function reportOf(dataset: Dataset): DatasetReport {
  const entries = Object.entries(dataset.splits) as [Split, Samples][];
  return {
    name: dataset.name,
    task: dataset.task,
    metrics: dataset.metrics,
    splits: Object.fromEntries(entries.map(([split, samples]) => [split, splitReport(samples, dataset.task)])),
    modalities: dataset.modalities.map((modality) => ({
      name: modality.name,
      time: modality.time,
      width: modality.width,
      lengthSource: modality.lengthSource,
      cleaned: modality.cleaned,
      ...featureReport(modality.name, entries, placesOfOthers(dataset.columns?.[modality.name] ?? [])),
    })),
    ...leakageOf(dataset),
    ignored: dataset.ignored ?? [],
  };
}

function splitReport(samples: Samples, task: Task): SplitReport {
  const duplicateIds = repeated(samples.ids);
  if (samples.labels === undefined) return { samples: samples.ids.length, duplicateIds };
  if (hasSeveral(task))
    return { samples: samples.ids.length, several: labelReports(samples.labels, task), duplicateIds };
  const name = (label: number): string =>
    task.kind === 'classification' ? (task.classes[label] ?? String(label)) : String(Math.round(label) + 0);
  const counts = new Map<string, number>();
  const known = samples.labels.filter((label) => !Number.isNaN(label));
  for (const label of [...known].sort((a, b) => a - b).map(name)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts].map(([label, count]) => ({ label, count }));
  return { samples: samples.ids.length, labels, duplicateIds };
}

function featureReport(
  name: string,
  entries: readonly (readonly [Split, Samples])[],
  mayBeConstant: ReadonlySet<number>,
): Omit<ModalityReport, 'name' | 'time' | 'width' | 'lengthSource' | 'cleaned'> {
  const splits = entries.map(([, samples]) => samples);
  const all = splits.flatMap((samples) => [...samples.lengths[name]!]);
  const lengths = Float32Array.from(all.filter((length) => length > 0)).sort();
  const first = splits[0]!;
  const width = first.features[name]!.shape[2]!;
  let [count, sum, squares] = [0, 0, 0];
  const lowest = new Float32Array(width).fill(Infinity);
  const highest = new Float32Array(width).fill(-Infinity);
  eachStep(first, name, (data, start) => {
    let [total, ofSquares] = [0, 0];
    for (let d = 0; d < width; d++) {
      const x = data[start + d]!;
      if (!Number.isFinite(x)) continue;
      count += 1;
      total += x;
      ofSquares += x * x;
      if (x < lowest[d]!) lowest[d] = x;
      if (x > highest[d]!) highest[d] = x;
    }
    sum += total;
    squares += ofSquares;
  });
  let zeroSteps = 0;
  const missingIn: Place[] = [];
  for (const [split, samples] of entries)
    eachStep(samples, name, (data, start, row) => {
      const step = data.subarray(start, start + width);
      if (step.every((x) => x === 0)) zeroSteps += 1;
      else if (missingIn.length < mostPlaces && missingIn.at(-1)?.row !== row && !step.every(Number.isFinite))
        missingIn.push({ split, row, id: samples.ids[row]! });
    });
  const absentIn = entries.flatMap(([split, { ids, lengths: own }]) =>
    [...own[name]!].flatMap((length, row): Place[] => (length === 0 ? [{ split, row, id: ids[row]! }] : [])),
  );
  const mean = sum / count;
  return {
    steps: lengths.reduce((total, length) => total + length, 0),
    lengths: [0, 25, 50, 75, 100].map((percent) => percentile(lengths, percent)),
    min: lowest.reduce((least, low) => Math.min(least, low), Infinity),
    max: highest.reduce((most, high) => Math.max(most, high), -Infinity),
    mean,
    std: Math.sqrt(Math.max(0, squares / count - mean * mean)),
    constantFeatures: lowest.reduce((n, low, d) => n + (low === highest[d] && !mayBeConstant.has(d) ? 1 : 0), 0),
    zeroSteps,
    missingIn,
    absent: absentIn.length,
    absentIn: absentIn.slice(0, mostPlaces),
  };
}

/** The first samples of a kind that are named. */
const mostPlaces = 3;

/** Calls `visit` with the offset of every true time step of a modality, and the row of its sample. */
function eachStep(
  samples: Samples,
  name: string,
  visit: (data: Float32Array, start: number, row: number) => void,
): void {
  const features = samples.features[name]!;
  const lengths = samples.lengths[name]!;
  const [, time, width] = features.shape as readonly [number, number, number];
  for (const { from, count, data } of blocksOf(features))
    for (let n = 0; n < count; n++)
      for (let t = 0; t < lengths[from + n]!; t++) visit(data, (n * time + t) * width, from + n);
}
