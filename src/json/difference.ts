export interface Difference {
  /** Where in the data the values stand, as in `.init.bound` or `[0]`; empty for the data itself. */
  readonly path: string;
  readonly value: unknown;
  readonly other: unknown;
}

type Same = (a: unknown, b: unknown) => boolean;

/** The first value in which two pieces of data differ. All functions count as equal. */
export function dataDifference(value: unknown, other: unknown, same: Same = Object.is): Difference | undefined {
  if (isList(value) && isList(other)) {
    for (let i = 0; i < Math.max(value.length, other.length); i++) {
      // Most lists are long and of numbers.
      if (same(value[i], other[i])) continue;
      const found = dataDifference(value[i], other[i], same);
      if (found !== undefined) return { ...found, path: `[${i}]${found.path}` };
    }
    return undefined;
  }
  if (isRecord(value) && isRecord(other)) {
    for (const key of Object.keys({ ...value, ...other })) {
      const found = dataDifference(value[key], other[key], same);
      if (found !== undefined) return { ...found, path: `.${key}${found.path}` };
    }
    return undefined;
  }
  if (typeof value === 'function' && typeof other === 'function') return undefined;
  return same(value, other) ? undefined : { path: '', value, other };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);
