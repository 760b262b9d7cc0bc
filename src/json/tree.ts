/** Trees of values by name: what JSON and YAML call objects, such as a configuration. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `b` over `a`, tree by tree; lists and single values are replaced whole. */
export function merge(a: Tree, b: Tree): Tree {
  const merged = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const below = merged.get(key);
    merged.set(key, isTree(below) && isTree(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}
