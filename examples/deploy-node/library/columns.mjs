// Made of src/data/columns/numbers.ts: npx vitest run test/deploy-library.test.ts -u
/** The numbers that a value of a column becomes, with what was learnt of the column from the training split. */
import { isMissing, parseCell } from './cells.mjs';

export const dateParts = ['year', 'month', 'day', 'weekday', 'hour', 'days'];

export const dateOrders = ['ymd', 'dmy', 'mdy'];

export const columnOf = (encoding) => (typeof encoding === 'string' ? encoding : encoding.column);

/** How many numbers a value becomes. */
export function widthOf(encoding) {
  if (typeof encoding === 'string' || 'boolean' in encoding) return 1;
  return 'category' in encoding ? encoding.category.length + 1 : encoding.date.length;
}

export function encoderOf(encoding) {
  if (typeof encoding === 'string') return numberEncoder;
  if ('category' in encoding) return categoryEncoder(encoding.category);
  if ('boolean' in encoding) return booleanEncoder(encoding.boolean);
  return dateEncoder(encoding);
}

const numberEncoder = (cell, into) => {
  into[0] = isNothing(cell) || typeof cell === 'object' ? Number.NaN : Number(cell);
  return Number.isNaN(into[0]) && !isNothing(cell) ? 'no number' : undefined;
};

function categoryEncoder(values) {
  const places = placesOf(values, (value) => value);
  return (cell, into, text) => {
    const place = places(cell, text);
    if (place === undefined && isNothing(cell)) into.fill(Number.NaN);
    else into[place ?? values.length] = 1;
    return undefined;
  };
}

function booleanEncoder(pairs) {
  const words = placesOf(pairs.flat(), (word) => word.toLowerCase());
  const known = pairs.map(([no, yes]) => `${no}/${yes}`).join(', ');
  return (cell, into, text) => {
    const word = words(cell, text);
    into[0] = word === undefined ? Number.NaN : word % 2;
    return word === undefined && !isNothing(cell) ? `none of ${known}` : undefined;
  };
}

function dateEncoder({ date, order }) {
  return (cell, into, text) => {
    const numbers = isNothing(cell) ? undefined : dateNumbers(text ?? String(cell), order);
    date.forEach((part, d) => (into[d] = numbers?.[part] ?? Number.NaN));
    return numbers || isNothing(cell) ? undefined : `no date in the order ${order}, as 2024-05-11 is in ymd`;
  };
}

/** Whether a cell holds no value, by one of the words for that too. */
const isNothing = (cell) => cell === null || Number.isNaN(cell) || (typeof cell === 'string' && isMissing(cell));

/**
 * Gives the place of a cell among these values. A column is read as numbers where all its cells are some, so that `1.0` may
 * be a text in one file and the number 1 in the next: what is not found as it stands is looked for as that number.
 */
function placesOf(values, same) {
  const [exact, plain] = [new Map(), new Map()];
  for (const [place, value] of values.entries()) {
    if (!exact.has(same(value))) exact.set(same(value), place);
    if (!plain.has(plainOf(value))) plain.set(plainOf(value), place);
  }
  return (cell, text) => {
    const found = exact.get(same(text ?? String(cell))) ?? exact.get(same(plainOf(cell)));
    return found ?? (isNothing(cell) ? undefined : plain.get(plainOf(cell)));
  };
}

/** A value as a column of numbers has it: `1.0` is 1, and so is true. */
function plainOf(cell) {
  const value = typeof cell === 'string' ? parseCell(cell) : cell;
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

/** Words for no and yes, in pairs; capitals do not matter. */
export const booleanWords = [
  ['no', 'yes'],
  ['false', 'true'],
  ['n', 'y'],
  ['f', 't'],
  ['off', 'on'],
  ['0', '1'],
];

/**
 * A date as `2024-05-11` or `2024/5/11`, with a time `09:30` or `09:30:15` after it or not, and a zone `Z` or `+02:00` or
 * not; `dmy` as `11.5.2024`, `mdy` as `5/11/2024`. Undefined where a text is none. `year` to `hour` are those that are
 * written, weekdays from 1 for Monday, an hour with its minutes as a fraction; `days` are since 1970 began in UTC.
 */
export function dateNumbers(text, order) {
  const [, date = '', hours = '0', minutes = '0', seconds = '0', zone = 'Z'] = dateAndTime.exec(text.trim()) ?? [];
  const parts = /^(\d+)([-/.])(\d+)\2(\d+)$/.exec(date);
  if (!parts) return undefined;
  const of = (letter) => [parts[1], parts[3], parts[4]][order.indexOf(letter)];
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
