/** What a column of a table holds, and the numbers that it becomes. */
import * as z from 'zod';

export const dateParts = ['year', 'month', 'day', 'weekday', 'hour', 'days'] as const;
export type DatePart = (typeof dateParts)[number];

export const dateOrders = ['ymd', 'dmy', 'mdy'] as const;
export type DateOrder = (typeof dateOrders)[number];

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

/**
 * How a column becomes numbers, with what was learnt of it from the training split: the name of a column of numbers, or
 *
 *   category   one number per value and one for `other`, of which one is 1
 *   boolean    0 or 1
 *   date       a number per part
 *
 * A value that is missing is NaN in each of them.
 */
export const columnEncoding = z.union([
  z.string(),
  z.object({ column: z.string(), category: z.array(z.string()) }),
  z.object({ column: z.string(), boolean: z.array(z.tuple([z.string(), z.string()])).min(1) }),
  z.object({ column: z.string(), date: z.array(z.enum(dateParts)).min(1), order: z.enum(dateOrders) }),
]);
export type ColumnEncoding = z.output<typeof columnEncoding>;

export const columnOf = (encoding: ColumnEncoding): string =>
  typeof encoding === 'string' ? encoding : encoding.column;

/** How many numbers a value becomes. */
export function widthOf(encoding: ColumnEncoding): number {
  if (typeof encoding === 'string' || 'boolean' in encoding) return 1;
  return 'category' in encoding ? encoding.category.length + 1 : encoding.date.length;
}

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

/** Words for no and yes, in pairs; capitals do not matter. */
export const booleanWords = [
  ['no', 'yes'],
  ['false', 'true'],
  ['n', 'y'],
  ['f', 't'],
  ['off', 'on'],
  ['0', '1'],
] as const satisfies readonly (readonly [string, string])[];

/**
 * A date as `2024-05-11` or `2024/5/11`, with a time `09:30` or `09:30:15` after it or not, and a zone `Z` or `+02:00` or
 * not; `dmy` as `11.5.2024`, `mdy` as `5/11/2024`. Undefined where a text is none. `year` to `hour` are those that are
 * written, weekdays from 1 for Monday, an hour with its minutes as a fraction; `days` are since 1970 began in UTC.
 */
export function dateNumbers(text: string, order: DateOrder): Readonly<Record<DatePart, number>> | undefined {
  const [, date = '', hours = '0', minutes = '0', seconds = '0', zone = 'Z'] = dateAndTime.exec(text.trim()) ?? [];
  const parts = /^(\d+)([-/.])(\d+)\2(\d+)$/.exec(date);
  if (!parts) return undefined;
  const of = (letter: string): string => [parts[1]!, parts[3]!, parts[4]!][order.indexOf(letter)]!;
  if (of('y').length !== 4 || of('m').length > 2 || of('d').length > 2) return undefined;
  const [year, month, day] = [Number(of('y')), Number(of('m')), Number(of('d'))];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  midnight.setUTCFullYear(year);
  const hour = Number(hours) + Number(minutes) / 60 + Number(seconds) / 3600;
  if (
    midnight.getUTCMonth() !== month - 1 ||
    midnight.getUTCDate() !== day ||
    Number(hours) > 24 ||
    Number(minutes) > 59
  )
    return undefined;
  const [, sign = '+', ahead = '0', minutesAhead = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(ahead) + Number(minutesAhead) / 60);
  const days = midnight.getTime() / 86_400_000 + (hour - offset) / 24;
  return { year, month, day, weekday: ((midnight.getUTCDay() + 6) % 7) + 1, hour, days };
}

const dateAndTime = /^([\d./-]+)(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
