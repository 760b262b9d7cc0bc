/** Datasets as releases of before read them, for runs that were begun on such samples. */
import { areNumbers } from './tables/classes.ts';
import type { Dataset, Samples, Split } from './dataset.ts';
import { blocksOf, changed, type FeatureArray } from './features.ts';

/** The dataset as it is read, and then as it may have been read before; each is made when it is asked for. */
export function* formerly(dataset: Dataset): Generator<Dataset> {
  yield dataset;
  const lacks = Object.values(dataset.splits).some(({ lengths }) =>
    Object.values(lengths).some((each) => each.includes(0)),
  );
  const isWhole = !lacks && dataset.modalities.every(({ cleaned }) => cleaned === 0);
  if (!isWhole) yield withoutMissing(dataset);
  const numbered = classesFromZero(dataset);
  if (!numbered) return;
  yield numbered;
  if (!isWhole) yield withoutMissing(numbered);
}

/**
 * Missing numbers were zeros, and a sample without a modality had one step of them; where lengths were told by zeros at the
 * end, missing numbers there were of no step.
 */
function withoutMissing(dataset: Dataset): Dataset {
  return withSplits(dataset, (samples) => {
    const features: Record<string, FeatureArray> = {};
    const lengths: Record<string, Int32Array> = {};
    for (const { name, lengthSource } of dataset.modalities) {
      const array = changed(samples.features[name]!, (data) => {
        for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) data[i] = 0;
      });
      const own = samples.lengths[name]!;
      features[name] = array;
      lengths[name] =
        lengthSource.kind === 'trailing-zeros' ? lengthsByZeros(array) : own.map((length) => Math.max(length, 1));
    }
    return { ...samples, features, lengths };
  });
}

/** Up to the last step that is not all zeros, and 1 at least: `[N]`. */
function lengthsByZeros(features: FeatureArray): Int32Array {
  const [samples, time, width] = features.shape as readonly [number, number, number];
  const lengths = new Int32Array(samples).fill(1);
  for (const { from, count, data } of blocksOf(features))
    for (let n = 0; n < count; n++) {
      const sample = data.subarray(n * time * width, (n + 1) * time * width);
      lengths[from + n] = Math.max(1, Math.ceil((sample.findLastIndex((x) => x !== 0) + 1) / width));
    }
  return lengths;
}

/** Numbers of more were refused. */
const mostClasses = 10_000;

/** Classes that are numbers were indices, with a class for every number up to the largest; undefined for other classes. */
function classesFromZero(dataset: Dataset): Dataset | undefined {
  const { task } = dataset;
  if (task.kind !== 'classification' || !areNumbers(task.classes)) return undefined;
  const numbers = task.classes.map(Number);
  if (!numbers.every((each) => each >= 0 && each < mostClasses)) return undefined;
  const classes = Array.from({ length: Math.max(...numbers) + 1 }, (_, index) => String(index));
  const renumbered = (labels: Float32Array): Float32Array => labels.map((label) => numbers[label] ?? NaN);
  const made = withSplits(dataset, (samples) => ({
    ...samples,
    ...(samples.labels && { labels: renumbered(samples.labels) }),
    ...(samples.ownLabels && {
      ownLabels: Object.fromEntries(
        Object.entries(samples.ownLabels).map(([name, labels]) => [name, renumbered(labels)]),
      ),
    }),
  }));
  return { ...made, task: { ...task, classes } };
}

const withSplits = (dataset: Dataset, change: (samples: Samples) => Samples): Dataset => ({
  ...dataset,
  splits: Object.fromEntries(
    (Object.entries(dataset.splits) as [Split, Samples][]).map(([split, samples]) => [split, change(samples)]),
  ),
});
