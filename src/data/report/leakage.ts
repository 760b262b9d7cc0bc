/** Samples that are in a dataset twice: copies within a split weigh double, and those between splits are trained on and tested on. */
import { createHash } from 'node:crypto';
import type { Dataset, Samples } from '../dataset.ts';
import { blocksOf } from '../features.ts';
import type { Folds } from '../folds.ts';
import { groupsKnown } from '../samples.ts';

/** Where a sample is. */
export interface Place {
  /** The name of its split; of its fold, as in `fold 2`, where folds were looked at. */
  readonly split: string;
  readonly row: number;
  readonly id: string;
}

/** A group with samples in several splits, or folds. */
export interface SharedGroup {
  readonly group: string;
  readonly splits: readonly string[];
}

export interface Leakage {
  /** Ids that occur in more than one split: the same sample may be trained on and tested on. */
  readonly sharedIds: readonly string[];
  /** Sets of samples whose features are the same in every modality, within a split or between splits. */
  readonly identicalSamples: readonly (readonly Place[])[];
  /** Groups, such as videos, with samples in more than one split; absent where nothing tells groups. */
  readonly sharedGroups?: readonly SharedGroup[];
}

export function leakageOf(dataset: Dataset): Leakage {
  const groups = sharedGroups(dataset);
  return {
    sharedIds: repeated(Object.values(dataset.splits).flatMap(({ ids }) => [...new Set(ids)])),
    identicalSamples: identicalSamples(dataset),
    ...(groups && { sharedGroups: groups }),
  };
}

/** Samples whose features are the same number for number over their true steps in every modality: each set of copies. */
export function identicalSamples({ splits, modalities }: Pick<Dataset, 'splits' | 'modalities'>): Place[][] {
  const sets = new Map<string, Place[]>();
  for (const [split, samples] of Object.entries(splits)) {
    const fingerprints = modalities.map(({ name }) => fingerprintsOf(samples, name));
    for (const [row, id] of samples.ids.entries()) {
      // Samples that lack every modality have nothing that could be the same.
      if (modalities.every(({ name }) => samples.lengths[name]![row] === 0)) continue;
      const key = fingerprints.map((each) => each[row]!).join(' ');
      const set = sets.get(key);
      if (set) set.push({ split, row, id });
      else sets.set(key, [{ split, row, id }]);
    }
  }
  return [...sets.values()].filter((places) => places.length > 1);
}

/** By row, a fingerprint of the true steps of a modality, which may be in a file larger than memory. */
function fingerprintsOf(samples: Samples, name: string): string[] {
  const features = samples.features[name]!;
  const lengths = samples.lengths[name]!;
  const [, time, width] = features.shape as readonly [number, number, number];
  const found: string[] = [];
  for (const { from, count, data } of blocksOf(features))
    for (let n = 0; n < count; n++) {
      const steps = data.subarray(n * time * width, (n * time + lengths[from + n]!) * width);
      found.push(createHash('sha256').update(steps).digest('base64'));
    }
  return found;
}

/** Groups of samples that belong together and yet are in more than one split; undefined where nothing tells groups. */
export function sharedGroups({ splits }: Pick<Dataset, 'splits'>): SharedGroup[] | undefined {
  const places: [group: string, split: string][] = [];
  for (const [split, samples] of Object.entries(splits)) {
    const groups = groupsKnown(samples);
    if (!groups) return undefined;
    for (const group of groups) places.push([group, split]);
  }
  return inSeveral(places);
}

/**
 * The same of folds, whatever split their samples are in: a copy of a sample, or a clip of a video, in another fold is
 * trained on where this one is tested.
 */
export function leakageOfFolds(dataset: Dataset, { byId }: Folds): Leakage {
  const name = (fold: number): string => `fold ${fold + 1}`;
  const samples = Object.values(dataset.splits);
  const told = samples.map(groupsKnown);
  const groups = samples
    .flatMap(({ ids }, s) => ids.map((id, n) => ({ group: told[s]?.[n] ?? '', fold: byId.get(id)! })))
    .sort((a, b) => a.fold - b.fold)
    .map(({ group, fold }) => [group, name(fold)] as const);
  return {
    sharedIds: [],
    identicalSamples: identicalSamples(dataset).map((set) =>
      set.map((place) => ({ ...place, split: name(byId.get(place.id)!) })),
    ),
    ...(told.every((each) => each !== undefined) && { sharedGroups: inSeveral(groups) }),
  };
}

/** The groups that are in several of the splits, or folds, that are named beside them. */
function inSeveral(places: Iterable<readonly [group: string, split: string]>): SharedGroup[] {
  const found = new Map<string, Set<string>>();
  for (const [group, split] of places) {
    const among = found.get(group);
    if (among) among.add(split);
    else found.set(group, new Set([split]));
  }
  return [...found].flatMap(([group, among]) => (among.size > 1 ? [{ group, splits: [...among] }] : []));
}

/** The ids that occur more than once, each once. */
export function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(ids.filter((id) => seen.size === seen.add(id).size))];
}
