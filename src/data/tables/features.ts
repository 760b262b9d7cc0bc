import { isStored, type NdArray, type NumericData, toFloat32 } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { allFinite } from '../../kernels/index.ts';
import { blocksOf, changed, type FeatureArray, type StoredFeatures, withTime } from '../features.ts';
import { type Columns, numeric } from './columns.ts';
import { lengthsByZeros, zeroPadding } from './lengths.ts';

/** One split of a file: its name and its arrays. */
export type Table = readonly [split: string, columns: Columns];

// Labels (whole or per modality) come with many names; taking one for a feature would leak it.
const notFeatures =
  /label|target|annotation|length|^(id|ids|index|text_bert|raw_text|video|video_id|segment|sentiment|emotion|masks?)$/i;
const usualOrder = ['text', 'audio', 'vision'];

/** Names of the numeric arrays `[N, T, D]` or `[N, D]` that are features: text, audio, vision, then in file order. */
export function featureNames(tables: readonly Table[]): string[] {
  const names = tables.flatMap(([, columns]) =>
    [...columns.keys()].filter((key) => !notFeatures.test(key) && isFeature(numeric(columns.get(key)))),
  );
  const rank = (name: string): number => (usualOrder.indexOf(name) + usualOrder.length + 1) % (usualOrder.length + 1);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b));
}

const isFeature = (array: NdArray | undefined): boolean => array?.shape.length === 2 || array?.shape.length === 3;

/** Every named modality is in every split, once, and equally wide. */
export function checkFeatures(
  names: readonly string[],
  tables: readonly Table[],
  file: string,
  { described = false }: { /** Names were given to them, and say nothing. */ readonly described?: boolean } = {},
): void {
  const available = described ? names.filter((name) => isColumn(tables, name)) : featureNames(tables);
  if (available.length === 0)
    throw new FormatError(file, 'holds no features: no numeric array [N, T, D] or [N, D] in any split.');
  if (names.length === 0 || new Set(names).size !== names.length)
    throw new FormatError(file, `cannot be read as modalities [${names.join(', ')}]; name one or more, each once.`);
  for (const name of names) {
    if (!available.includes(name) && (notFeatures.test(name) || !isColumn(tables, name)))
      throw new FormatError(file, `has no modality ${quoted(name)}; it has ${available.map(quoted).join(', ')}.`);
    for (const [split, columns] of tables)
      if (!isFeature(numeric(columns.get(name))))
        throw new FormatError(
          file,
          columns.has(name)
            ? `split "${split}": ${quoted(name)} is no numeric array [N, T, D]; pad its rows to one length.`
            : `split "${split}" has no modality ${quoted(name)}; add it, or choose modalities that every split has.`,
        );
    for (const [split, columns] of tables)
      if (featureShape(columns, name)[0] === 0)
        throw new FormatError(file, `split "${split}" is empty; it needs at least one sample.`);
    const [[firstSplit, first], ...others] = tables as readonly [Table, ...Table[]];
    const width = featureShape(first, name)[2];
    for (const [split, columns] of others) {
      const other = featureShape(columns, name)[2];
      if (other !== width)
        throw new FormatError(
          file,
          `modality ${quoted(name)} is ${width} wide in split "${firstSplit}" and ${other} in "${split}"; ` +
            'extract it alike for all splits.',
        );
    }
    if (width === 0) throw new FormatError(file, `modality ${quoted(name)} is 0 wide; it holds no features.`);
  }
}

const isColumn = (tables: readonly Table[], name: string): boolean => tables.some(([, columns]) => columns.has(name));

/** `[N, T, D]` of a modality; a vector per sample is one time step. */
export function featureShape(columns: Columns, name: string): readonly [number, number, number] {
  const { shape } = numeric(columns.get(name))!;
  return shape.length === 2 ? [shape[0]!, 1, shape[1]!] : [shape[0]!, shape[1]!, shape[2]!];
}

/** Time steps of a modality; 0 where the split does not have it. */
export const timeSteps = (columns: Columns, name: string): number =>
  isFeature(numeric(columns.get(name))) ? featureShape(columns, name)[1] : 0;

/** Arrays that stand under more than one key or split: each of those changes its own copy. */
export function sharedArrays(names: readonly string[], tables: readonly Table[]): ReadonlySet<NdArray> {
  const seen = new Set<NdArray>();
  const all = tables.flatMap(([, columns]) => names.map((name) => numeric(columns.get(name))!));
  return new Set(all.filter((array) => seen.size === seen.add(array).size));
}

/** A modality of a split, and what was found in it. */
interface FoundFeatures {
  readonly features: FeatureArray;
  readonly lengths: Int32Array;
  /** Values that were NaN or infinite and became 0. */
  readonly cleaned: number;
}

/** Told how many values of a modality became 0, of samples that were just read. */
export type OnCleaned = (modality: string, count: number) => void;

/** How a modality is read: with `time` steps, zeros where this split has fewer and beyond the true lengths. */
interface Reading {
  readonly file: string;
  readonly time: number;
  /** The true lengths `[N]`; by zeros at the end where they are not given. */
  readonly lengths: Int32Array | undefined;
}

/** A modality as float32 `[N, time, D]`, in the memory of the given array where that is float32 and not shared. */
export async function readFeatures(
  columns: Columns,
  name: string,
  { file, time, lengths, shared }: Reading & { readonly shared: ReadonlySet<NdArray> },
): Promise<FoundFeatures> {
  const array = numeric(columns.get(name))!;
  const shape = featureShape(columns, name);
  const [rows, , width] = shape;
  let cleaned = 0;
  const look = (piece: Float32Array): void => {
    checkIntegers(piece, array, name, file);
    cleaned += clean(piece);
  };
  const read = await float32Of(array, look, { copy: shared.has(array) });
  const { data } = withTime({ shape, data: read }, time);
  const known = lengths ?? lengthsByZeros(data, [rows, time, width]);
  zeroPadding(data, known, { time, width });
  return { features: { shape: [rows, time, width], data }, lengths: known, cleaned };
}

/**
 * The same, left in the file and gone through once, unless its lengths are known and `onCleaned` counts as samples are read;
 * undefined for what is in memory already.
 */
export function storedModality(
  columns: Columns,
  name: string,
  { file, time, lengths, onCleaned }: Reading & { readonly onCleaned: OnCleaned | undefined },
): FoundFeatures | undefined {
  const array = numeric(columns.get(name))!;
  const { elements } = array;
  if (!isStored(elements)) return undefined;
  const shape = featureShape(columns, name);
  const [rows, steps, width] = shape;
  const size = steps * width;
  const raw: StoredFeatures = { shape, read: (into, from) => elements.fillNow(into, from * size) };
  const cleanAndCheck = (data: Float32Array): number => {
    checkIntegers(data, array, name, file);
    return clean(data);
  };
  const known = lengths ?? new Int32Array(rows);
  const counted = lengths && onCleaned;
  let cleaned = 0;
  if (!counted)
    for (const { from, count, data } of blocksOf(raw)) {
      cleaned += cleanAndCheck(data);
      if (!lengths) known.set(lengthsByZeros(data, [count, steps, width]), from);
    }
  // Samples may be read many times, so what is sound is not looked at again.
  const sound = counted
    ? changed(raw, (data) => counted(name, cleanAndCheck(data)))
    : cleaned === 0
      ? raw
      : changed(raw, clean);
  const padded = withTime(sound, time);
  const zeroed = changed(padded, (data, from) =>
    zeroPadding(data, known.subarray(from, from + data.length / (time * width)), { time, width }),
  );
  return { features: lengths ? zeroed : padded, lengths: known, cleaned };
}

async function float32Of(
  array: NdArray & { readonly data: NumericData },
  look: (piece: Float32Array) => void,
  { copy }: { readonly copy: boolean },
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
