/** Samples that are in a dataset twice: copies within a split weigh double, and between splits they are tested after training. */
import type { Dataset, Samples, Split } from './dataset.ts';

export interface Place {
  readonly split: Split;
  readonly row: number;
  readonly id: string;
}

export interface SharedGroup {
  readonly group: string;
  readonly splits: readonly Split[];
}

/** Samples whose features are the same number for number over their true steps in every modality: each set of copies. */
export function identicalSamples({ splits, modalities }: Pick<Dataset, 'splits' | 'modalities'>): Place[][] {
  const names = modalities.map(({ name }) => name);
  const sets: Copies[] = [];
  const byHash = new Map<number, Copies[]>();
  for (const [split, samples] of Object.entries(splits) as [Split, Samples][]) {
    const columns = names.map((name) => bitsOf(samples, name));
    for (const [row, id] of samples.ids.entries()) {
      const parts = columns.map((bits) => bits(row));
      const hash = hashOf(parts);
      const alike = byHash.get(hash) ?? [];
      const place = { split, row, id };
      const known = alike.find((set) => same(set.parts, parts));
      if (known) known.places.push(place);
      else {
        const set = { parts, places: [place] };
        sets.push(set);
        byHash.set(hash, [...alike, set]);
      }
    }
  }
  return sets.flatMap(({ places }) => (places.length > 1 ? [places] : []));
}

interface Copies {
  /** The features of one of them, a view per modality. */
  readonly parts: readonly Uint32Array[];
  readonly places: Place[];
}

/** By row, the bits of a modality's true steps. */
function bitsOf(samples: Samples, name: string): (row: number) => Uint32Array {
  const { shape, data } = samples.features[name]!;
  const lengths = samples.lengths[name]!;
  const [, time, width] = shape as readonly [number, number, number];
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  return (row) => bits.subarray(row * time * width, (row * time + lengths[row]!) * width);
}

/** 53 bits by two FNV-1a hashes, of words in the place of bytes. */
function hashOf(parts: readonly Uint32Array[]): number {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const part of parts) {
    low = Math.imul(low ^ part.length, 0x01000193);
    for (const word of part) {
      low = Math.imul(low ^ word, 0x01000193);
      // Multiplication carries upwards only, and features often differ in their high bits.
      high = Math.imul((high >>> 15) ^ high ^ word, 0x85ebca6b);
    }
  }
  return (low >>> 0) * 2 ** 21 + (high >>> 11);
}

const same = (a: readonly Uint32Array[], b: readonly Uint32Array[]): boolean =>
  a.every((part, m) => part.length === b[m]!.length && part.every((word, i) => word === b[m]![i]));

/** Groups of samples that belong together and yet are in more than one split; undefined where nothing tells groups. */
export function sharedGroups({ splits }: Pick<Dataset, 'splits'>): SharedGroup[] | undefined {
  const found = new Map<string, Split[]>();
  for (const [split, samples] of Object.entries(splits) as [Split, Samples][]) {
    const groups = samples.groups ?? videosOf(samples.ids);
    if (!groups) return undefined;
    for (const group of new Set(groups)) found.set(group, [...(found.get(group) ?? []), split]);
  }
  return [...found].flatMap(([group, among]) => (among.length > 1 ? [{ group, splits: among }] : []));
}

/** Ids of the form `video$_$clip` tell videos. */
const videosOf = (ids: readonly string[]): readonly string[] | undefined =>
  ids.every((id) => id.includes('$_$')) ? ids.map((id) => id.slice(0, id.indexOf('$_$'))) : undefined;
