/** Columns in which values may be missing, and the types that have room for that. */

import type { ColumnMetaData, SchemaElement } from 'hyparquet';
import type { NumericDType } from '../bytes/numbers.ts';
import type { PageValues } from './stream.ts';

interface Pages {
  /** By row group. */
  readonly chunks: readonly ColumnMetaData[];
  readonly pages: (group: number) => Iterable<PageValues>;
}

/**
 * The type that a column gets: whole numbers and truth values of which some are missing are float64, where NaN is a
 * missing one; or texts of their digits, where some are beyond 2^53 and would not be kept.
 */
export function typeWithNulls(
  dtype: NumericDType | 'string',
  { repetition_type: repetition }: SchemaElement,
  depth: number,
  { chunks, pages }: Pages,
): NumericDType | 'string' {
  if (repetition !== 'OPTIONAL' || dtype === 'string' || dtype.includes('float')) return dtype;
  if (chunks.every(({ statistics }) => statistics?.null_count === 0n)) return dtype;
  // Empty lists count as missing values there, and some writers count nothing: the values themselves tell.
  const found = chunks.map((_, group) => look(pages(group)));
  if (!found.some(({ hasNull }) => hasNull)) return dtype;
  if (!found.some(({ isLong }) => isLong)) return 'float64';
  return depth === 0 ? 'string' : dtype;
}

function look(pages: Iterable<PageValues>): { readonly hasNull: boolean; readonly isLong: boolean } {
  let [hasNull, isLong] = [false, false];
  for (const { values } of pages)
    for (const value of values as Iterable<unknown>) {
      if (value === null || value === undefined) hasNull = true;
      else if (typeof value === 'bigint') isLong ||= !Number.isSafeInteger(Number(value));
    }
  return { hasNull, isLong };
}

/** Whether bytes can be read as texts. */
export function isText(pages: Iterable<PageValues>): boolean {
  try {
    // To go through the pages is to decode them.
    const walk = pages[Symbol.iterator]();
    while (walk.next().done !== true);
    return true;
  } catch (error) {
    // The decoder's, of bytes that are no UTF-8.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
