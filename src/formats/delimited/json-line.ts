/** One line of JSON as Python and others write it: whole numbers beyond 2^53, `NaN` and `Infinity` included. */
import type { ParsedCell } from './cells.ts';

/** Objects within objects of more levels than this are no row. */
const deepest = 8;

/**
 * The cells of the object in a line, by name; undefined where it holds none. The fields of an object within it are cells
 * of their own, called `outer/inner`; a list of objects of numbers, one a step, is a list of steps, their numbers in the
 * order of the alphabet of their names. A whole number that no double holds exactly, such as an id, is a text of its digits.
 */
export function cellsInLine(text: string): ReadonlyMap<string, ParsedCell> | undefined {
  const value = parsed(mayBeInexact.test(text) ? withTexts(text) : text) ?? parsed(withTexts(text));
  return isObject(value) ? cellsOf(value) : undefined;
}

/** The cells of an object by name, as `cellsInLine` has them; undefined where objects within it have too many levels. */
export function cellsOf(object: object): ReadonlyMap<string, ParsedCell> | undefined {
  const cells = new Map<string, ParsedCell>();
  return addFields(cells, object, []) ? cells : undefined;
}

function addFields(cells: Map<string, ParsedCell>, object: object, path: readonly string[]): boolean {
  if (path.length > deepest) return false;
  return Object.entries(object).every(([name, value]: [string, unknown]) => {
    const own = [...path, name];
    if (isObject(value)) return addFields(cells, value, own);
    cells.set(own.join('/'), (Array.isArray(value) && stepsIn(value)) || (value as ParsedCell));
    return true;
  });
}

/** The numbers of a list of objects with the same names, `[T, D]`; undefined for any other list. */
function stepsIn(items: readonly unknown[]): readonly (readonly unknown[])[] | undefined {
  if (!items.every(isObject)) return undefined;
  const [first] = items;
  if (!first) return undefined;
  const names = Object.keys(first).sort();
  const isStep = (item: object): boolean =>
    Object.keys(item).length === names.length &&
    names.every((name) => {
      const value: unknown = Object.hasOwn(item, name) ? item[name as keyof typeof item] : undefined;
      return value === null || typeof value === 'number';
    });
  if (names.length === 0 || !items.every(isStep)) return undefined;
  return items.map((item) => names.map((name): unknown => item[name as keyof typeof item]));
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Sixteen digits that are not those of a fraction.
const mayBeInexact = /(?<![.\d])\d{16}/;
// A string without an end is taken whole: to look for its end again at each quote in it would take the square of its length.
const tokens = /"(?:[^"\\]|\\.)*"?|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The same text in what JSON itself has: long numbers as texts, NaN as null, infinities as numbers too large. */
export const withTexts = (text: string): string =>
  text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token;
    if (token.endsWith('NaN')) return 'null';
    if (token.endsWith('Infinity')) return token.startsWith('-') ? '-1e999' : '1e999';
    return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
