/** The features in a dataset's tables, with their true lengths: read into memory, or left in their file. */
import { isInFile, type NdArray, toFloat32 } from '../../formats/bytes/array.ts';
import { allFinite } from '../../kernels/index.ts';
import type { Modality, Split } from '../dataset.ts';
import { blocksOf, changed, type FeatureArray, isInMemory, withTime } from '../features.ts';
import { type Beyond, beyondLengths } from './beyond-lengths.ts';
import { type FeatureColumn, featureColumn, openFeatures } from './feature-column.ts';
import { featureShape, isFeature } from './modalities.ts';
import {
  arrange,
  countZeros,
  mayStandInFront,
  moveToFront,
  type Padding,
  type SplitZeros,
  standsInFront,
  type ZerosAround,
} from './padding.ts';
import type { SplitTable } from './table.ts';

/** What was found in samples of a modality as they were read. */
export interface FoundInSamples {
  /** Numbers of true steps that are missing: NaN or infinite. */
  readonly cleaned: number;
  /** Samples whose padding stood in front of their steps; it was moved to the end. */
  readonly moved: number;
}

/** Called whenever samples of a modality have been read. */
export type OnRead = (modality: string, found: FoundInSamples) => void;

export interface FeatureOptions {
  /** Leaves features in their file, where they are in one. */
  readonly stored: boolean;
  readonly onRead: OnRead | undefined;
  readonly padding: Padding;
  /** Modalities whose padding is known to stand in front where no lengths are given. */
  readonly front: readonly string[];
  /** The other splits of the same file, whose zeros tell, too, where padding stands. */
  readonly others: () => readonly SplitTable[];
}

/** A modality of a split, and what was found in it. */
export interface FoundFeatures extends FoundInSamples {
  /** `[N, T, D]`. */
  readonly features: FeatureArray;
  /** `[N]`: 0 for a sample that lacks the modality, as one does that has no number in any of its steps. */
  readonly lengths: Int32Array;
  /** Whether zeros, and no lengths, told that padding stood in front. */
  readonly isFront: boolean;
}

/**
 * By split, then modality: with T steps each, zeros where a split has fewer and beyond the true lengths. Throws a
 * `FormatError` for numbers beyond lengths that are given.
 */
export async function readFeatures(
  tables: readonly SplitTable[],
  modalities: readonly Modality[],
  options: FeatureOptions,
): Promise<ReadonlyMap<Split, ReadonlyMap<string, FoundFeatures>>> {
  const shared = sharedArrays(tables, modalities);
  const bySplit = new Map(tables.map(({ split }) => [split, new Map<string, FoundFeatures>()]));
  for (const modality of modalities) {
    const opened: Opened[] = [];
    for (const table of tables) {
      const column = featureColumn(table, modality, options.front.includes(modality.name));
      const features = await openFeatures(column, { copy: shared.has(column.array), stored: options.stored });
      const counts = column.lengths && !column.tellPresence ? undefined : countsOf(features, column);
      opened.push({ column, features, counts });
    }
    const isFront = isPaddedInFront(opened, modality, options);
    const beyond: Beyond[] = [];
    for (const { column, features, counts } of opened) {
      const found =
        counts && (isFront || !column.lengths)
          ? byZeros(column, features, counts, isFront)
          : byLengths(column, features, { ...options, beyond: (each) => beyond.push(each) });
      bySplit.get(column.table.split)!.set(modality.name, found);
    }
    if (beyond.length > 0) throw beyondLengths(modality, beyond);
  }
  return bySplit;
}

/** A column with its features `[N, T, D]`, and where no lengths of sequences are given, what its samples hold. */
interface Opened {
  readonly column: FeatureColumn;
  readonly features: FeatureArray;
  readonly counts: Counts | undefined;
}

interface Counts {
  readonly zeros: ZerosAround;
  /** `[N]`: numbers that are missing. */
  readonly missing: Int32Array;
}

/** Arrays that stand under more than one key or split: each of these cleans and pads a copy of its own. */
function sharedArrays(tables: readonly SplitTable[], modalities: readonly Modality[]): ReadonlySet<NdArray> {
  const seen = new Set<NdArray>();
  const all = tables.flatMap(({ numbers }) => modalities.map(({ name }) => numbers.get(name)!));
  return new Set(all.filter((array) => seen.size === seen.add(array).size));
}

/** Goes through the samples of a column once. */
function countsOf(features: FeatureArray, { shape: [rows, time, width] }: Pick<FeatureColumn, 'shape'>): Counts {
  const zeros = { front: new Int32Array(rows), end: new Int32Array(rows) };
  const missing = new Int32Array(rows);
  const whole = new Int32Array(rows).fill(time);
  for (const { from, count, data } of blocksOf(features)) {
    countZeros(data, { time, width }, zeros, from);
    if (!allFinite(data)) missing.set(missingBySample(data, whole.subarray(0, count), { time, width }), from);
  }
  return { zeros, missing };
}

/** Whether the padding of a modality without lengths stands in front, in the file as a whole. */
function isPaddedInFront(
  opened: readonly Opened[],
  { name }: Modality,
  { padding, front, others }: FeatureOptions,
): boolean {
  const read = opened.flatMap(({ column, counts }): SplitZeros[] =>
    counts ? [{ zeros: counts.zeros, time: column.shape[1] }] : [],
  );
  if (padding === 'end' || read.length < opened.length) return false;
  if (front.includes(name)) return true;
  return mayStandInFront(read) && standsInFront([...read, ...others().flatMap((table) => zerosIn(table, name))]);
}

function zerosIn({ numbers }: SplitTable, name: string): SplitZeros[] {
  const array = numbers.get(name);
  if (!array || !isFeature(array)) return [];
  const shape = featureShape(array);
  const { elements } = array;
  const features: FeatureArray = isInFile(elements)
    ? { shape, read: (into, from) => elements.fillNow(into, from * shape[1] * shape[2]) }
    : { shape, data: toFloat32(array.data) };
  return [{ zeros: countsOf(features, { shape }).zeros, time: shape[1] }];
}

/** Features whose lengths are what remains without the steps of zeros at the end, or on the side where padding stands. */
function byZeros(
  { shape: [, time, width], modality }: FeatureColumn,
  features: FeatureArray,
  { zeros, missing }: Counts,
  isFront: boolean,
): FoundFeatures {
  const isEmpty = (n: number): boolean => zeros.end[n] === time;
  const padding = zeros.front.map((front, n) => (isFront && !isEmpty(n) ? front : 0));
  let cleaned = 0;
  const lengths = padding.map((front, n) => {
    const length = isEmpty(n) ? 1 : time - front - zeros.end[n]!;
    if (missing[n] === length * width) return 0;
    cleaned += missing[n]!;
    return length;
  });
  const settled = changing(features, (data, from) => {
    const steps = { time, width };
    for (let n = 0; n * time * width < data.length; n++)
      if (padding[from + n]! > 0) moveToFront(data, n, padding[from + n]!, steps);
    zeroPadding(data, lengths.subarray(from), steps);
  });
  const moved = padding.filter((front) => front > 0).length;
  return { features: withTime(settled, modality.time), lengths, cleaned, moved, isFront };
}

/**
 * Features whose lengths are given. They are gone through once, unless they are in a file and `onRead` is told as samples
 * are read. Numbers beyond lengths are told to `beyond`.
 */
function byLengths(
  { shape: [, time, width], modality, table, lengths: given = new Int32Array(0) }: FeatureColumn,
  features: FeatureArray,
  { onRead, padding, beyond }: FeatureOptions & { readonly beyond: (found: Beyond) => void },
): FoundFeatures {
  const steps = { time, width };
  const lengths = given.slice();
  const arranged = (data: Float32Array, from: number, told: typeof beyond): number => {
    if (padding === 'end') return 0;
    const found = arrange(data, given.subarray(from, from + data.length / (time * width)), steps);
    if (found.beyond) told({ ...found.beyond, first: from + found.beyond.first, table });
    return found.moved;
  };
  const missing = (data: Float32Array, from: number): Missing => {
    const own = given.subarray(from, from + data.length / (time * width));
    return allFinite(data) ? { lengths: own, cleaned: 0 } : missingIn(data, own, steps);
  };
  if (onRead && !isInMemory(features)) {
    const told = changed(features, (data, from) => {
      const moved = arranged(data, from, (found) => {
        throw beyondLengths(modality, [found]);
      });
      onRead(modality.name, { cleaned: missing(data, from).cleaned, moved });
      zeroPadding(data, given.subarray(from), steps);
    });
    return { features: withTime(told, modality.time), lengths, cleaned: 0, moved: 0, isFront: false };
  }
  let [cleaned, moved] = [0, 0];
  for (const { from, data } of blocksOf(features)) {
    moved += arranged(data, from, beyond);
    const found = missing(data, from);
    lengths.set(found.lengths, from);
    cleaned += found.cleaned;
  }
  const settled = changing(features, (data, from) => {
    arranged(data, from, () => undefined);
    zeroPadding(data, lengths.subarray(from), steps);
  });
  return { features: withTime(settled, modality.time), lengths, cleaned, moved, isFront: false };
}

/** The features with a change that is made at once to what is in memory, in place, and else whenever samples are read. */
function changing(features: FeatureArray, change: (data: Float32Array, from: number) => void): FeatureArray {
  if (!isInMemory(features)) return changed(features, change);
  change(features.data, 0);
  return features;
}

/** Zeros every row of time at or beyond its sample's length; `lengths` begins with those of the samples `[n, T, D]`. */
function zeroPadding(data: Float32Array, lengths: Int32Array, { time, width }: Pick<Modality, 'time' | 'width'>): void {
  for (let n = 0; n * time * width < data.length; n++)
    data.fill(0, (n * time + lengths[n]!) * width, (n + 1) * time * width);
}

interface Missing {
  /** `[n]`: the given ones, with 0 for a sample that has no number in any of its steps. */
  readonly lengths: Int32Array;
  /** Missing numbers in the steps of the other samples. */
  readonly cleaned: number;
}

/** Looks for NaN and infinities within the lengths `[n]` of samples `[n, T, D]`. */
export function missingIn(data: Float32Array, given: Int32Array, steps: Pick<Modality, 'time' | 'width'>): Missing {
  let cleaned = 0;
  const missing = missingBySample(data, given, steps);
  const lengths = given.map((length, n) => {
    if (missing[n] === length * steps.width) return 0;
    cleaned += missing[n]!;
    return length;
  });
  return { lengths, cleaned };
}

/** The NaN and infinities within the lengths `[n]` of samples `[n, T, D]`, `[n]`. */
const missingBySample = (
  data: Float32Array,
  lengths: Int32Array,
  { time, width }: Pick<Modality, 'time' | 'width'>,
): Int32Array =>
  lengths.map((length, n) => {
    const start = n * time * width;
    let missing = 0;
    for (let i = start; i < start + length * width; i++) if (!Number.isFinite(data[i])) missing += 1;
    return missing;
  });
