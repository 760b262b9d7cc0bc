/** The features in a dataset's tables, with their true lengths: read into memory, or left in their file. */
import { isInFile, type NdArray, type StoredElements, toFloat32, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { allFinite } from '../../kernels/index.ts';
import type { Modality, Split } from '../dataset.ts';
import { blocksOf, changed, type FeatureArray, type StoredFeatures, withTime } from '../features.ts';
import { featureShape, lengthColumn } from './modalities.ts';
import type { NumericArray, SplitTable } from './table.ts';

/** Called with how many values of a modality became 0, of samples that were just read. */
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
  /** `[N]`. */
  readonly lengths: Int32Array;
  /** Values that were NaN or infinite and became 0. */
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
 * Lengths `[N]` from a column, within 1..T; undefined where there is none. MMSA files state lengths before truncation,
 * which may exceed T, and 0 for what is missing; a sample always keeps one step, of zeros.
 */
function givenLengths(
  { file, split, numbers }: SplitTable,
  modality: Modality,
  [rows, time]: readonly [number, number, number],
): Int32Array | undefined {
  if (modality.lengthSource.kind === 'single-step') return new Int32Array(rows).fill(1);
  const key = lengthColumn(modality);
  if (key === undefined) return undefined;
  const array = numbers.get(key);
  if (array === undefined || array.data.length !== array.shape[0])
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save integers [N].`);
  return Int32Array.from(toNumbers(array.data), (length, row) => {
    if (!Number.isInteger(length) || length < 0)
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is ${length}, which is no length.`);
    return Math.min(Math.max(length, 1), time);
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
  let cleaned = 0;
  const data = await float32Of(array, { copy }, (piece) => {
    checkIntegers(piece, column);
    cleaned += clean(piece);
  });
  const features = withTime({ shape, data }, modality.time);
  const lengths = given ?? lengthsByZeros(features.data, modality);
  zeroPadding(features.data, lengths, modality);
  return { features, lengths, cleaned };
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
  const cleanAndCheck = (data: Float32Array): number => {
    checkIntegers(data, column);
    return clean(data);
  };
  if (given && onCleaned) {
    const sound = changed(raw, (data) => onCleaned(modality.name, cleanAndCheck(data)));
    return { features: padded(sound, given, modality), lengths: given, cleaned: 0 };
  }
  let cleaned = 0;
  const lengths = given ?? new Int32Array(rows);
  for (const { from, data } of blocksOf(raw)) {
    cleaned += cleanAndCheck(data);
    if (!given) lengths.set(lengthsByZeros(data, { time, width }), from);
  }
  // Samples may be read many times, so that those of sound features are not looked at again.
  const sound = cleaned === 0 ? raw : changed(raw, clean);
  return { features: given ? padded(sound, given, modality) : withTime(sound, modality.time), lengths, cleaned };
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
