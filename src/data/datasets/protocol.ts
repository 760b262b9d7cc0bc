import type { Dataset, FeatureArray, Modality, Samples } from '../dataset.ts';

/**
 * The split that reproduces published sample counts of IEMOCAP: train and valid are trained on, test is both selected
 * and reported on. Figures so obtained are optimistic: they were chosen on the test split.
 */
export function validateOnTest(splits: Dataset['splits'], modalities: readonly Modality[]): Dataset['splits'] {
  const { train, valid, test } = splits;
  if (train === undefined || valid === undefined || test === undefined)
    throw new RangeError('Protocol "paper_count" needs the splits train, valid and test.');
  const names = modalities.map(({ name }) => name);
  return { train: concatSamples(train, valid, names), valid: test, test };
}

function concatSamples(a: Samples, b: Samples, names: readonly string[]): Samples {
  const rows = a.ids.length + b.ids.length;
  const joined = (x: FeatureArray, y: FeatureArray): FeatureArray => {
    const data = new Float32Array(x.data.length + y.data.length);
    data.set(x.data);
    data.set(y.data, x.data.length);
    return { shape: [rows, ...x.shape.slice(1)], data };
  };
  const both = a.labels !== undefined && b.labels !== undefined;
  return {
    ids: [...a.ids, ...b.ids],
    features: Object.fromEntries(names.map((name) => [name, joined(a.features[name]!, b.features[name]!)])),
    lengths: Object.fromEntries(names.map((name) => [name, Int32Array.of(...a.lengths[name]!, ...b.lengths[name]!)])),
    ...(both ? { labels: Float32Array.of(...a.labels, ...b.labels) } : {}),
  };
}
