/** Cross-validation: all samples of a dataset in folds, each of which is the test split once. */
import { sampleCount, type Dataset, type FeatureArray, type Samples, type Split } from './dataset.ts';
import { random } from './random.ts';

/** Which of `count` folds each sample is in, by its id: 0..count−1. */
export interface Folds {
  readonly count: number;
  readonly byId: ReadonlyMap<string, number>;
}

/**
 * Folds of nearly the same size in which samples of a group stay together: groups in random order, largest first where
 * they differ, each to the fold that is smallest then. Throws a `RangeError` for fewer groups than folds.
 */
export function groupedFolds(
  ids: readonly string[],
  groups: readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Folds {
  const members = new Map<string, string[]>();
  for (const [n, id] of ids.entries()) {
    const group = members.get(groups[n]!);
    if (group) group.push(id);
    else members.set(groups[n]!, [id]);
  }
  if (members.size < count)
    throw new RangeError(`${count} folds need as many groups, and there are ${members.size}; ask for fewer folds.`);
  // Sorted by name first, so that the order of the samples has no say.
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const shuffled = Array.from(random(seed, 'folds').permutation(sorted.length), (i) => sorted[i]!);
  const sizes = new Array<number>(count).fill(0);
  const byId = new Map<string, number>();
  for (const group of shuffled.toSorted((a, b) => b.length - a.length)) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    sizes[smallest]! += group.length;
    for (const id of group) byId.set(id, smallest);
  }
  return { count, byId };
}

/**
 * The dataset with fold `fold` as its test split, the next one as its validation split and all others to train on.
 * Throws a `RangeError` for a sample without a fold, an id of two samples, or an empty fold.
 */
export function foldOf(dataset: Dataset, { count, byId }: Folds, fold: number): Dataset {
  if (count < 3)
    throw new RangeError(`Cross-validation needs at least 3 folds: to train, choose and test; got ${count}.`);
  const all = pooled(dataset);
  const rows: Record<Split, number[]> = { train: [], valid: [], test: [] };
  for (const [n, id] of all.ids.entries()) {
    const own = byId.get(id);
    if (own === undefined) throw new RangeError(`Sample "${id}" is in no fold; name the fold of every sample.`);
    rows[own === fold ? 'test' : own === (fold + 1) % count ? 'valid' : 'train'].push(n);
  }
  for (const [split, own] of Object.entries(rows))
    if (own.length === 0)
      throw new RangeError(
        `Fold ${(split === 'valid' ? (fold + 1) % count : fold) + 1} of ${count} holds no sample of the data.`,
      );
  return {
    ...dataset,
    splits: Object.fromEntries(Object.entries(rows).map(([split, own]) => [split, rowsOf(all, own)])),
  };
}

/** All samples of a dataset, one split after the other. */
export function pooled({ splits, name }: Dataset): Samples {
  const parts = Object.values(splits);
  const [first] = parts;
  if (!first) throw new RangeError(`${name} has no samples.`);
  const ids = parts.flatMap((part) => part.ids);
  const twice = repeated(ids);
  if (twice !== undefined)
    throw new RangeError(`Two samples of ${name} have the id "${twice}"; folds need a different one for each.`);
  const names = Object.keys(first.features);
  const floats = (of: (part: Samples) => Float32Array | undefined): Float32Array | undefined => {
    const arrays = parts.map(of);
    return arrays.every((array) => array !== undefined) ? joined(arrays, (n) => new Float32Array(n)) : undefined;
  };
  const labels = floats((part) => part.labels);
  const own = names.flatMap((modality) => {
    const values = floats((part) => part.ownLabels?.[modality]);
    return values ? [[modality, values] as const] : [];
  });
  const groups = parts.every((part) => part.groups) ? parts.flatMap((part) => part.groups!) : undefined;
  return {
    ids,
    features: Object.fromEntries(
      names.map((modality): [string, FeatureArray] => {
        const arrays = parts.map((part) => part.features[modality]!);
        const data = joined(
          arrays.map((array) => array.data),
          (n) => new Float32Array(n),
        );
        return [modality, { shape: [ids.length, ...arrays[0]!.shape.slice(1)], data }];
      }),
    ),
    lengths: Object.fromEntries(
      names.map((modality) => [
        modality,
        joined(
          parts.map((part) => part.lengths[modality]!),
          (n) => new Int32Array(n),
        ),
      ]),
    ),
    ...(labels && { labels }),
    ...(own.length > 0 && { ownLabels: Object.fromEntries(own) }),
    ...(groups && { groups }),
  };
}

/** Some of the samples, in the order of `rows`. */
function rowsOf(samples: Samples, rows: readonly number[]): Samples {
  const count = sampleCount(samples);
  const picked = <T extends Float32Array | Int32Array>(data: T, into: T): T => {
    const size = data.length / count;
    rows.forEach((row, i) => into.set(data.subarray(row * size, (row + 1) * size), i * size));
    return into;
  };
  const floats = (data: Float32Array): Float32Array =>
    picked(data, new Float32Array((data.length / count) * rows.length));
  const { ids, features, lengths, labels, ownLabels, groups } = samples;
  return {
    ids: rows.map((row) => ids[row]!),
    features: mapped(features, ({ shape, data }) => ({ shape: [rows.length, ...shape.slice(1)], data: floats(data) })),
    lengths: mapped(lengths, (each) => picked(each, new Int32Array(rows.length))),
    ...(labels && { labels: floats(labels) }),
    ...(ownLabels && { ownLabels: mapped(ownLabels, floats) }),
    ...(groups && { groups: rows.map((row) => groups[row]!) }),
  };
}

const mapped = <T, R>(record: Readonly<Record<string, T>>, of: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));

function joined<T extends Float32Array | Int32Array>(parts: readonly T[], make: (length: number) => T): T {
  const whole = make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function repeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}
