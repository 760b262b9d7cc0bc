/** Cross-validation: all samples of a dataset in folds, each of which is the test split once. */
import type { Dataset, Samples, Split } from './dataset.ts';
import { allFactors, pickFactors } from './factors.ts';
import { random } from './random.ts';
import { concatSamples, pickSamples } from './samples.ts';

/** Which of `count` folds each sample is in, by its id: 0..count−1. */
export interface Folds {
  readonly count: number;
  readonly byId: ReadonlyMap<string, number>;
}

/** What keeps samples in one fold: groups that were read with them, or that ids tell; nothing; or a file names the folds. */
export interface FoldedBy {
  readonly by: 'group' | 'ids' | 'sample' | 'file';
  /** How many groups there are; absent for samples one by one, and for a file. */
  readonly groups?: number | undefined;
}

/** To train, to choose and to test. */
export const leastFolds = 3;

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
  // Groups are sorted by name first, so that folds do not depend on the order of the samples.
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
 * The split of each id, by shares of the samples; samples of a group stay together, always the same ones for a seed.
 * Throws a `RangeError` for fewer than three groups, and for shares that leave nothing to train on.
 */
export function splitsByShares(
  ids: readonly string[],
  groups: readonly string[],
  shares: Readonly<Record<Split, number>>,
  { seed }: { readonly seed: number },
): ReadonlyMap<string, Split> {
  const parts = Math.min(new Set(groups).size, 100);
  if (parts < 3) throw new RangeError(`has ${parts} groups, too few for three splits.`);
  const { byId } = groupedFolds(ids, groups, { count: parts, seed });
  // Folds of nearly one size, dealt out by the shares; each split gets one at least.
  const valid = Math.max(1, Math.round(shares.valid * parts));
  const test = Math.max(1, Math.round(shares.test * parts));
  if (valid + test >= parts) throw new RangeError('leaves no samples to train on; lower the other shares.');
  const splitAt = (fold: number): Split => (fold < test ? 'test' : fold < test + valid ? 'valid' : 'train');
  return new Map(Array.from(byId, ([id, fold]) => [id, splitAt(fold)]));
}

/**
 * The dataset with fold `fold` as its test split, the next one as its validation split and all others to train on.
 * Throws a `RangeError` for a sample without a fold, an id of two samples, or an empty fold.
 */
export function foldOf(dataset: Dataset, { count, byId }: Folds, fold: number): Dataset {
  if (count < leastFolds)
    throw new RangeError(
      `Cross-validation needs at least ${leastFolds} folds: to train, choose and test; got ${count}.`,
    );
  const all = allSamples(dataset);
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
  const factors = allFactors(dataset);
  return {
    ...dataset,
    splits: Object.fromEntries(Object.entries(rows).map(([split, own]) => [split, pickSamples(all, own)])),
    ...(factors && {
      factors: Object.fromEntries(Object.entries(rows).map(([split, own]) => [split, pickFactors(factors, own)])),
    }),
  };
}

/** All samples of a dataset, one split after the other. */
export function allSamples({ splits, name }: Dataset): Samples {
  const parts = Object.values(splits);
  if (parts.length === 0) throw new RangeError(`${name} has no samples.`);
  const ids = parts.flatMap((part) => part.ids);
  const twice = repeated(ids);
  if (twice !== undefined)
    throw new RangeError(`Two samples of ${name} have the id "${twice}"; folds need a different one for each.`);
  return concatSamples(parts);
}

function repeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}
