/** Lists and tuples that are no column: `(x, y, x, y)`, or `((x, y), (x, y))`, whose items have no names but their places. */

import { NdArray } from './bytes/array.ts';

// A longer list is one of samples.
const mostItems = 64;
const deepest = 4;

/** The items of such a list by their places; undefined for a column, whose items are arrays of as many axes, and for all else. */
export function byPosition(value: unknown, depth = 0): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostItems || depth === deepest) return undefined;
  const items = value as readonly unknown[];
  const isPart = (item: unknown): boolean => item instanceof NdArray || byPosition(item, depth + 1) !== undefined;
  if (!items.some(isPart)) return undefined;
  const [first] = items;
  const alike = (item: unknown): boolean =>
    item instanceof NdArray && first instanceof NdArray && item.shape.length === first.shape.length;
  return items.every(alike) ? undefined : placed(items);
}

export const placed = (items: readonly unknown[]): ReadonlyMap<string, unknown> =>
  new Map(items.map((item, i) => [String(i), item]));
