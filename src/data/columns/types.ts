/** What a person says that the columns of a table hold, and what a model keeps of it. */
import * as z from 'zod';
import type { ColumnEncodings, ModalitySource, ModalitySources } from '../dataset.ts';
import { type ColumnEncoding, dateOrders, dateParts, widthOf } from './numbers.ts';

const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** What a person says that a column holds. */
export const columnType = z.union([
  z.enum(['number', 'category', 'boolean', 'text']),
  z.strictObject({ category: z.array(word).min(1).describe('its values; any other is "other"') }),
  z.strictObject({ boolean: z.tuple([word, word]).describe('the word for no, then that for yes') }),
  z.strictObject({
    date: z.array(z.enum(dateParts)).min(1).describe('which numbers a date becomes'),
    order: z.enum(dateOrders).default('ymd').describe('of year, month and day'),
  }),
]);
export type ColumnType = z.output<typeof columnType>;

/** How a column becomes numbers, as files of models keep it. */
const columnEncoding: z.ZodType<ColumnEncoding> = z.union([
  z.string(),
  z.object({ column: z.string(), category: z.array(z.string()) }),
  z.object({ column: z.string(), boolean: z.array(z.tuple([z.string(), z.string()])).min(1) }),
  z.object({ column: z.string(), date: z.array(z.enum(dateParts)).min(1), order: z.enum(dateOrders) }),
]);
export const columnEncodings: z.ZodType<ColumnEncodings> = z.record(z.string(), z.array(columnEncoding));

/** Where a modality stood, as files of models and packed data keep it. */
const modalitySource: z.ZodType<ModalitySource> = z.object({
  file: z.exactOptional(z.string()),
  key: z.exactOptional(z.string()),
  id: z.exactOptional(z.string()),
  lengths: z.exactOptional(z.string()),
  padding: z.exactOptional(z.enum(['end', 'front'])),
  texts: z.exactOptional(z.array(z.string())),
});
export const modalitySources: z.ZodType<ModalitySources> = z.record(z.string(), modalitySource);

/**
 * The features, by their place among those of all `encodings`, that stand for values which no training row has: of a
 * category, the others.
 */
export function placesOfOthers(encodings: readonly ColumnEncoding[]): ReadonlySet<number> {
  const places = new Set<number>();
  let end = 0;
  for (const encoding of encodings) {
    end += widthOf(encoding);
    if (typeof encoding !== 'string' && 'category' in encoding) places.add(end - 1);
  }
  return places;
}
