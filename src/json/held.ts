import { isTree } from './tree.ts';

/** A value that JSON does not hold, and the keys that lead to it. */
export interface NotHeld {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The first value in a tree that JSON would lose or change: a date, a function, a map, an infinite number. Undefined where all are held. */
export function notHeld(value: unknown, path: readonly string[] = []): NotHeld | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  const isPlain = isTree(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!Array.isArray(value) && !isPlain) return { path, value };
  for (const [key, inner] of Object.entries(value)) {
    // A key without a value is no key, but a gap in a list would be filled with null.
    const found = inner === undefined && isPlain ? undefined : notHeld(inner, [...path, key]);
    if (found) return found;
  }
  return undefined;
}
