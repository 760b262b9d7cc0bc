/** An object of JSON or YAML, such as a configuration: values by name, which may be objects again. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A tree with the values of `a` and of `b`; where both have a value, that of `b`, unless both values are trees to
 * merge.
 */
export function merge(a: Tree, b: Tree): Tree {
  const merged = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const below = merged.get(key);
    merged.set(key, isTree(below) && isTree(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}
