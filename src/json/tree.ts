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

/** A key, dotted from the root, in which two values differ; undefined where one has no such key. */
export interface TreeDifference {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The keys in which two JSON values differ, one after the other. */
export function* treeDifferences(before: unknown, after: unknown, key = ''): Generator<TreeDifference, undefined> {
  if (isTree(before) && isTree(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* treeDifferences(before[name], after[name], key ? `${key}.${name}` : name);
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield { key, before, after };
  }
}

/** The same value with every text in it changed, keys as they are. */
export function mapTexts<T>(value: T, change: (text: string) => string): T;
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, change));
  if (!isTree(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]));
}
