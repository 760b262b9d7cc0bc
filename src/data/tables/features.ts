/** The features of a modality in one table, with their true lengths: read into memory, or left in their file. */
import { isStored, type NdArray, type StoredElements, toFloat32, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { allFinite } from '../../kernels/index.ts';
import type { Modality } from '../dataset.ts';
import { blocksOf, changed, type FeatureArray, type StoredFeatures, withTime } from '../features.ts';
import type { NumericArray } from './columns.ts';
import { featureShape, lengthColumn } from './modalities.ts';
import type { SplitTable } from './table.ts';

/** Called with how many values of a modality became 0, of samples that were just read. */
export type OnCleaned = (modality: string, count: number) => void;

export interface FeatureOptions {
  /** Leaves features in their file. */
  readonly stored: boolean;
  readonly onCleaned: OnCleaned | undefined;
  /** Arrays that stand under more than one key or split: each of those changes its own copy. */
  readonly shared: ReadonlySet<NdArray>;
}

/** A modality of a split, `[N, T, D]`, and what was found in it. */
export interface FoundFeatures {
  readonly features: FeatureArray;
  /** `[N]`. */
  readonly lengths: Int32Array;
  /** Values that were NaN or infinite and became 0. */
  readonly cleaned: number;
}

/** Arrays that stand under more than one key or split. */
export function sharedArrays(names: readonly string[], tables: readonly SplitTable[]): ReadonlySet<NdArray> {
  const seen = new Set<NdArray>();
  const all = tables.flatMap(({ numbers }) => names.map((name) => numbers.get(name)!));
  return new Set(all.filter((array) => seen.size === seen.add(array).size));
}

/**
 * A modality with its T time steps: zeros where this split has fewer, and beyond the true lengths. In memory it takes
 * over the array of the table where that is float32 and not shared.
 */
export async function readFeatures(
  table: SplitTable,
  modality: Modality,
  { stored, onCleaned, shared }: FeatureOptions,
): Promise<FoundFeatures> {
  const array = table.numbers.get(modality.name)!;
  const lengths = givenLengths(table, modality);
  const { elements } = array;
  if (stored && isStored(elements)) return featuresInFile(table, modality, elements, { lengths, onCleaned });
  const [rows, steps, width] = featureShape(table, modality.name);
  let cleaned = 0;
  const data = await float32Of(array, { copy: shared.has(array) }, (piece) => {
    checkIntegers(piece, array, modality.name, table.file);
    cleaned += clean(piece);
  });
  const features = withTime({ shape: [rows, steps, width], data }, modality.time);
  const known = lengths ?? lengthsByZeros(features.data, [rows, modality.time, width]);
  zeroPadding(features.data, known, modality);
  return { features, lengths: known, cleaned };
}

/** The same, left in the file and gone through once, unless its lengths are given and `onCleaned` counts as samples are read. */
function featuresInFile(
  table: SplitTable,
  modality: Modality,
  elements: StoredElements,
  { lengths: given, onCleaned }: { lengths: Int32Array | undefined; onCleaned: OnCleaned | undefined },
): FoundFeatures {
  const { name, time, width } = modality;
  const array = table.numbers.get(name)!;
  const shape = featureShape(table, name);
  const [rows, steps] = shape;
  const raw: StoredFeatures = { shape, read: (into, from) => elements.fillNow(into, from * steps * width) };
  const cleanAndCheck = (data: Float32Array): number => {
    checkIntegers(data, array, name, table.file);
    return clean(data);
  };
  if (given && onCleaned) {
    const sound = changed(raw, (data) => onCleaned(name, cleanAndCheck(data)));
    return { features: padded(sound, given, modality), lengths: given, cleaned: 0 };
  }
  let cleaned = 0;
  const found = new Int32Array(given ? 0 : rows);
  for (const { from, count, data } of blocksOf(raw)) {
    cleaned += cleanAndCheck(data);
    if (!given) found.set(lengthsByZeros(data, [count, steps, width]), from);
  }
  // Samples may be read many times, so that those of sound features are not looked at again.
  const sound = cleaned === 0 ? raw : changed(raw, clean);
  return given
    ? { features: padded(sound, given, modality), lengths: given, cleaned }
    : { features: withTime(sound, time), lengths: found, cleaned };
}

/** With `time` steps, and zeros beyond the true lengths. */
const padded = (features: StoredFeatures, lengths: Int32Array, { time, width }: Modality): StoredFeatures =>
  changed(withTime(features, time), (data, from) =>
    zeroPadding(data, lengths.subarray(from, from + data.length / (time * width)), { time, width }),
  );

/**
 * Lengths `[N]` from a column, within 1..T; undefined where there is none. MMSA files state lengths before truncation,
 * which may exceed T, and 0 for what is missing; a sample always keeps one step, of zeros.
 */
function givenLengths(table: SplitTable, modality: Modality): Int32Array | undefined {
  const { file, split, numbers } = table;
  const [rows, steps] = featureShape(table, modality.name);
  if (modality.lengthSource.kind === 'single-step') return new Int32Array(rows).fill(1);
  const key = lengthColumn(modality);
  if (key === undefined) return undefined;
  const array = numbers.get(key);
  if (array === undefined || array.data.length !== array.shape[0])
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save integers [N].`);
  return Int32Array.from(toNumbers(array.data), (length, row) => {
    if (!Number.isInteger(length) || length < 0)
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is ${length}, which is no length.`);
    return Math.min(Math.max(length, 1), steps);
  });
}

/** Lengths `[N]` of `[N, T, D]` data up to the last row that is not all zeros; at least 1. */
function lengthsByZeros(data: Float32Array, [rows, time, width]: readonly [number, number, number]): Int32Array {
  return Int32Array.from({ length: rows }, (_, n) => {
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
  if (isStored(array.elements)) return array.elements.readFloat32(look);
  const floats = toFloat32(array.data);
  const data = copy ? floats.slice() : floats;
  look(data);
  return data;
}

/** Above it not every integer is a float32. */
const exactIntegers = 2 ** 24;

/** Models take float32. To round what is measured is no loss; to round a count or a code makes it another one. */
function checkIntegers(floats: Float32Array, { dtype }: NdArray, name: string, file: string): void {
  if (!/^u?int(32|64)$/.test(dtype)) return;
  const large = floats.find((value) => Math.abs(value) > exactIntegers);
  if (large !== undefined)
    throw new FormatError(
      file,
      `modality ${quoted(name)} holds the ${dtype} ${large}, and above ${exactIntegers} not every integer is a float32; ` +
        'save it as float32 if it may be rounded.',
    );
}

/** Turns NaN and infinities into 0; returns how many there were. */
function clean(data: Float32Array): number {
  if (allFinite(data)) return 0;
  let cleaned = 0;
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i])) {
      data[i] = 0;
      cleaned += 1;
    }
  return cleaned;
}
