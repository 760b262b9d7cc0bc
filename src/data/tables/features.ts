/** The features in a dataset's tables, with their true lengths: read into memory, or left in their file. */
import { isInFile, type NdArray, type StoredElements, toFloat32, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { allFinite } from '../../kernels/index.ts';
import type { Modality, Split } from '../dataset.ts';
import { blocksOf, changed, type FeatureArray, type StoredFeatures, withTime } from '../features.ts';
import { featureShape, lengthColumn } from './modalities.ts';
import { lengthKey, type NumericArray, type SplitTable } from './table.ts';

/** Called with how many numbers of a modality are missing from samples that were just read. */
export type OnCleaned = (modality: string, count: number) => void;

export interface FeatureOptions {
  /** Leaves features in their file, where they are in one. */
  readonly stored: boolean;
  readonly onCleaned: OnCleaned | undefined;
}

/** A modality of a split, and what was found in it. */
export interface FoundFeatures {
  /** `[N, T, D]`. */
  readonly features: FeatureArray;
  /** `[N]`: 0 for a sample that lacks the modality, as one does that has no number in any of its steps. */
  readonly lengths: Int32Array;
  /** Numbers of true steps that are missing: NaN or infinite. */
  readonly cleaned: number;
}

/** By split, then modality: with T steps each, zeros where a split has fewer and beyond the true lengths. */
export async function readFeatures(
  tables: readonly SplitTable[],
  modalities: readonly Modality[],
  { stored, onCleaned }: FeatureOptions,
): Promise<ReadonlyMap<Split, ReadonlyMap<string, FoundFeatures>>> {
  const shared = sharedArrays(tables, modalities);
  const bySplit = new Map<Split, ReadonlyMap<string, FoundFeatures>>();
  for (const table of tables) {
    const found = new Map<string, FoundFeatures>();
    for (const modality of modalities) {
      const column = featureColumn(table, modality);
      const { elements } = column.array;
      found.set(
        modality.name,
        stored && isInFile(elements)
          ? featuresInFile(column, elements, onCleaned)
          : await featuresInMemory(column, { copy: shared.has(column.array) }),
      );
    }
    bySplit.set(table.split, found);
  }
  return bySplit;
}

/** The column of a modality in one table. */
interface FeatureColumn {
  readonly file: string;
  readonly modality: Modality;
  readonly array: NumericArray;
  /** `[N, T, D]`, with T as the split has it. */
  readonly shape: readonly [number, number, number];
  /** The true lengths `[N]`, where they are given. */
  readonly lengths: Int32Array | undefined;
}

function featureColumn(table: SplitTable, modality: Modality): FeatureColumn {
  const array = table.numbers.get(modality.name)!;
  const shape = featureShape(array);
  return { file: table.file, modality, array, shape, lengths: givenLengths(table, modality, shape) };
}

/**
 * Lengths `[N]` from a column, within 0..T; undefined where there is none. MMSA files state lengths before truncation,
 * which may exceed T, and 0 for what is missing. Of single steps lengths only say which are there.
 */
function givenLengths(
  { file, split, numbers }: SplitTable,
  modality: Modality,
  [rows, time]: readonly [number, number, number],
): Int32Array | undefined {
  const single = modality.lengthSource.kind === 'single-step';
  const key = single ? lengthKey(modality.name) : lengthColumn(modality);
  if (key === undefined) return undefined;
  const array = numbers.get(key);
  if (single && array?.data.length !== rows) return new Int32Array(rows).fill(1);
  if (array === undefined || array.data.length !== array.shape[0])
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save integers [N].`);
  return Int32Array.from(toNumbers(array.data), (length, row) => {
    if (!Number.isInteger(length) || length < 0)
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is ${length}, which is no length.`);
    return Math.min(length, time);
  });
}

/** Arrays that stand under more than one key or split: each of these cleans and pads a copy of its own. */
function sharedArrays(tables: readonly SplitTable[], modalities: readonly Modality[]): ReadonlySet<NdArray> {
  const seen = new Set<NdArray>();
  const all = tables.flatMap(({ numbers }) => modalities.map(({ name }) => numbers.get(name)!));
  return new Set(all.filter((array) => seen.size === seen.add(array).size));
}

/** Features in memory: that of the array itself where it is float32, unless a copy is asked for. */
async function featuresInMemory(column: FeatureColumn, { copy }: { readonly copy: boolean }): Promise<FoundFeatures> {
  const { modality, array, shape, lengths: given } = column;
  let unsound = 0;
  const data = await float32Of(array, { copy }, (piece) => {
    checkIntegers(piece, column);
    if (!allFinite(piece)) unsound += 1;
  });
  const features = withTime({ shape, data }, modality.time);
  const lengths = given ?? lengthsByZeros(features.data, modality);
  zeroPadding(features.data, lengths, modality);
  if (unsound === 0) return { features, lengths, cleaned: 0 };
  const found = missingIn(features.data, lengths, modality);
  zeroPadding(features.data, found.lengths, modality);
  return { features, ...found };
}

/**
 * Features that are left in their file. They are gone through once, unless lengths are given and `onCleaned` counts as
 * samples are read.
 */
function featuresInFile(
  column: FeatureColumn,
  elements: StoredElements,
  onCleaned: OnCleaned | undefined,
): FoundFeatures {
  const { modality, shape, lengths: given } = column;
  const [rows, time, width] = shape;
  const raw: StoredFeatures = { shape, read: (into, from) => elements.fillNow(into, from * time * width) };
  const steps = { time, width };
  const missing = (data: Float32Array, from: number, lengths: Int32Array): Missing => {
    checkIntegers(data, column);
    const own = lengths.subarray(from, from + data.length / (time * width));
    return allFinite(data) ? { lengths: own, cleaned: 0 } : missingIn(data, own, steps);
  };
  if (given && onCleaned) {
    const counted = changed(raw, (data, from) => onCleaned(modality.name, missing(data, from, given).cleaned));
    return { features: padded(counted, given, modality), lengths: given, cleaned: 0 };
  }
  let cleaned = 0;
  const lengths = given ?? new Int32Array(rows);
  for (const { from, data } of blocksOf(raw)) {
    if (!given) lengths.set(lengthsByZeros(data, steps), from);
    const found = missing(data, from, lengths);
    lengths.set(found.lengths, from);
    cleaned += found.cleaned;
  }
  return { features: given ? padded(raw, lengths, modality) : withTime(raw, modality.time), lengths, cleaned };
}

/** Stored features with `time` steps, and zeros beyond the true lengths. */
const padded = (features: StoredFeatures, lengths: Int32Array, { time, width }: Modality): StoredFeatures =>
  changed(withTime(features, time), (data, from) =>
    zeroPadding(data, lengths.subarray(from, from + data.length / (time * width)), { time, width }),
  );

/** Lengths `[N]` of `[N, T, D]` data up to the last row that is not all zeros; at least 1. */
function lengthsByZeros(data: Float32Array, { time, width }: Pick<Modality, 'time' | 'width'>): Int32Array {
  return Int32Array.from({ length: data.length / (time * width) }, (_, n) => {
    const start = n * time * width;
    let end = start + time * width;
    while (end > start && data[end - 1] === 0) end -= 1;
    return Math.max(1, Math.ceil((end - start) / width));
  });
}

/** Zeros every row of time at or beyond its sample's length. */
function zeroPadding(data: Float32Array, lengths: Int32Array, { time, width }: Pick<Modality, 'time' | 'width'>): void {
  for (const [n, length] of lengths.entries()) data.fill(0, (n * time + length) * width, (n + 1) * time * width);
}

/** `look` is given the numbers piece by piece as they arrive, in any order, and may change them. */
async function float32Of(
  array: NumericArray,
  { copy }: { readonly copy: boolean },
  look: (piece: Float32Array) => void,
): Promise<Float32Array> {
  if (isInFile(array.elements)) return array.elements.readFloat32(look);
  const floats = toFloat32(array.data);
  const data = copy ? floats.slice() : floats;
  look(data);
  return data;
}

/** Above this not every integer is a float32. */
const exactIntegers = 2 ** 24;

/** Models take float32. To round what is measured is no loss; to round a count or a code makes it another one. */
function checkIntegers(floats: Float32Array, { array: { dtype }, modality, file }: FeatureColumn): void {
  if (!/^u?int(32|64)$/.test(dtype)) return;
  const large = floats.find((value) => Math.abs(value) > exactIntegers);
  if (large !== undefined)
    throw new FormatError(
      file,
      `modality ${quoted(modality.name)} holds the ${dtype} ${large}, and above ${exactIntegers} not every integer is a float32; ` +
        'save it as float32 if it may be rounded.',
    );
}

interface Missing {
  /** `[n]`: the given ones, with 0 for a sample that has no number in any of its steps. */
  readonly lengths: Int32Array;
  /** Missing numbers in the steps of the other samples. */
  readonly cleaned: number;
}

/** Looks for NaN and infinities within the lengths `[n]` of samples `[n, T, D]`. */
export function missingIn(
  data: Float32Array,
  given: Int32Array,
  { time, width }: Pick<Modality, 'time' | 'width'>,
): Missing {
  let cleaned = 0;
  const lengths = given.map((length, n) => {
    const start = n * time * width;
    let missing = 0;
    for (let i = start; i < start + length * width; i++) if (!Number.isFinite(data[i])) missing += 1;
    if (missing === length * width) return 0;
    cleaned += missing;
    return length;
  });
  return { lengths, cleaned };
}
