// Made of src/formats/delimited/cells.ts: npx vitest run test/deploy-library.test.ts -u

const number = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Numbers with a decimal comma, where a comma separates neither cells nor thousands. */
export const commaNumber = /^[+-]?(?:0|[1-9]\d*),\d+(?:e[+-]?\d+)?$/i;
/** Those of them that can be meant in no other way: `1,234` may be a thousand and some. */
export const clearCommaNumber = /^[+-]?(?:0,\d+|[1-9]\d*,(?:\d{1,2}|\d{4,})|[1-9]\d{3,},\d{3})(?:e[+-]?\d+)?$/i;
const infinite = /^([+-]?)inf(?:inity)?$/i;

/** The words for a missing value that pandas knows, as they are written. An empty cell is one too. */
const missingWords = new Set(
  ', #N/A, #N/A N/A, #NA, -1.#IND, -1.#QNAN, -NaN, -nan, 1.#IND, 1.#QNAN, <NA>, N/A, NA, NULL, NaN, None, n/a, nan, null'.split(
    ', ',
  ),
);

export const isMissing = (text) => missingWords.has(text.trim());

/**
 * A cell of CSV as what it looks like; `decimalComma` tells which numbers may have one. A number that would lose digits (a long identifier, `007`) stays a text, and so
 * does whatever is not plainly something else.
 */
export function parseCell(text, decimalComma) {
  const trimmed = text.trim();
  if (number.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.e]/i.test(trimmed) ? text : value;
  }
  if (decimalComma?.test(trimmed)) return Number(trimmed.replace(',', '.'));
  // A number that is said to be none, where a missing one may be of any type.
  if (/^[+-]?nan$/i.test(trimmed)) return Number.NaN;
  if (missingWords.has(trimmed)) return null;
  const lower = trimmed.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  const sign = infinite.exec(trimmed)?.[1];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (!trimmed.startsWith('[')) return text;
  try {
    const list = JSON.parse(trimmed);
    return Array.isArray(list) && isNumeric(list) ? list : text;
  } catch {
    return text;
  }
}

/** The decimal mark of a number that has a fraction; undefined for any other cell. */
export function decimalMarkOf(text) {
  const mark = /^[\s+-]*\d*([.,])\d/.exec(text)?.[1];
  return mark === '.' || mark === ',' ? mark : undefined;
}

/** Numbers, missing ones, and lists of them. */
export const isNumeric = (value) =>
  value === null || typeof value === 'number' || (Array.isArray(value) && value.every(isNumeric));
