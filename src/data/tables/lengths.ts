import type { LengthSource } from '../dataset.ts';
import type { NdArray, NumericData } from '../../formats/bytes/array.ts';
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { type Columns, numeric } from './columns.ts';

export const lengthKey = (modality: string): string => `${modality}_lengths`;

/**
 * Where the true lengths of `modality` come from, for all splits alike: its own lengths, those of another modality with
 * as many time steps, or the zero rows at the end.
 */
export function lengthSource(
  modality: string,
  splits: readonly Columns[],
  timeOf: (columns: Columns, modality: string) => number,
): LengthSource {
  if (splits.every((columns) => timeOf(columns, modality) === 1)) return { kind: 'single-step' };
  const given = (name: string): boolean => splits.every((columns) => columns.has(lengthKey(name)));
  if (given(modality)) return { kind: 'key', key: lengthKey(modality) };
  const aligned = [...splits[0]!.keys()].find(
    (other) => given(other) && splits.every((columns) => timeOf(columns, other) === timeOf(columns, modality)),
  );
  return aligned === undefined ? { kind: 'trailing-zeros' } : { kind: 'modality', modality: aligned };
}

/**
 * Lengths `[N]` from a column, within 1..T. MMSA files state lengths before truncation, which may exceed T, and 0 for
 * what is missing; a sample always keeps one step, of zeros.
 */
export function givenLengths(
  columns: Columns,
  key: string,
  time: number,
  { file, split }: { readonly file: string; readonly split: string },
): Int32Array {
  const array: (NdArray & { data: NumericData }) | undefined = numeric(columns.get(key));
  const rows = array?.shape[0];
  if (array === undefined || array.data.length !== rows)
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save integers [N].`);
  return Int32Array.from(toNumbers(array.data), (length, row) => {
    if (!Number.isInteger(length) || length < 0)
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is ${length}, which is no length.`);
    return Math.min(Math.max(length, 1), time);
  });
}

/** Lengths `[N]` of `[N, T, D]` data up to the last row that is not all zeros; at least 1. */
export function lengthsByZeros(data: Float32Array, [rows, time, width]: readonly [number, number, number]): Int32Array {
  return Int32Array.from({ length: rows }, (_, n) => {
    const start = n * time * width;
    let end = start + time * width;
    while (end > start && data[end - 1] === 0) end -= 1;
    return Math.max(1, Math.ceil((end - start) / width));
  });
}

/** Zeros every row of time at or beyond its sample's length. */
export function zeroPadding(
  data: Float32Array,
  lengths: Int32Array,
  { time, width }: { readonly time: number; readonly width: number },
): void {
  for (const [n, length] of lengths.entries()) data.fill(0, (n * time + length) * width, (n + 1) * time * width);
}
