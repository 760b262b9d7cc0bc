/** The column of a table that a modality is in, with the lengths that are given, as features `[N, T, D]`. */
import { isInFile, toFloat32, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Modality } from '../dataset.ts';
import type { FeatureArray } from '../features.ts';
import { featureShape, lengthColumn } from './modalities.ts';
import { emptyKey, lengthKey, type NumericArray, type SplitTable, unevenKey } from './table.ts';

/** The column of a modality in one table. */
export interface FeatureColumn {
  readonly table: SplitTable;
  readonly modality: Modality;
  readonly array: NumericArray;
  /** `[N, T, D]`, with T as the split has it. */
  readonly shape: readonly [number, number, number];
  /** The true lengths `[N]`, where they are given. */
  readonly lengths: Int32Array | undefined;
  /** Whether the lengths only say which samples have the modality, and nothing of where its sequences are padded. */
  readonly tellPresence: boolean;
}

/** The column of a modality; `isFront` says that training had its padding in front. */
export function featureColumn(table: SplitTable, modality: Modality, isFront: boolean): FeatureColumn {
  const array = table.numbers.get(modality.name)!;
  const shape = featureShape(array);
  const lengths = givenLengths(table, modality, shape);
  const telling = [emptyKey, ...(isFront ? [unevenKey] : [])];
  const tellPresence = telling.some((keyOf) => table.columns.has(keyOf(modality.name)));
  return { table, modality, array, shape, lengths, tellPresence };
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

/** Features `[N, T, D]` as they stand in a column: in their file, or in memory, where they are those of the array itself. */
export async function openFeatures(
  column: FeatureColumn,
  { copy, stored }: { readonly copy: boolean; readonly stored: boolean },
): Promise<FeatureArray> {
  const { array, shape } = column;
  const { elements } = array;
  const size = shape[1] * shape[2];
  if (!stored || !isInFile(elements))
    return { shape, data: await float32Of(array, { copy }, (piece) => checkIntegers(piece, column)) };
  const read = (into: Float32Array, from: number): void => {
    elements.fillNow(into, from * size);
    checkIntegers(into, column);
  };
  return { shape, read };
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
function checkIntegers(floats: Float32Array, { array: { dtype }, modality, table: { file } }: FeatureColumn): void {
  if (!/^u?int(32|64)$/.test(dtype)) return;
  const large = floats.find((value) => Math.abs(value) > exactIntegers);
  if (large !== undefined)
    throw new FormatError(
      file,
      `modality ${quoted(modality.name)} holds the ${dtype} ${large}, and above ${exactIntegers} not every integer is a float32; ` +
        'save it as float32 if it may be rounded.',
    );
}
