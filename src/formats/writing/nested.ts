import { splitOf } from '../split-names.ts';

/** A value whose names are such as `train/text` as a dict of splits, for formats that nest; any other as it is. */
export function nestedBySplit(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const result = new Map<unknown, unknown>();
  const tables = new Map<string, Map<string, unknown>>();
  for (const [key, inner] of value as Map<unknown, unknown>) {
    const [, split, name] = (typeof key === 'string' && /^([^/]+)\/(.+)$/s.exec(key)) || [];
    if (split === undefined || splitOf(split) === undefined || value.has(split)) {
      result.set(key, inner);
      continue;
    }
    const table = tables.get(split) ?? new Map<string, unknown>();
    tables.set(split, table.set(name!, inner));
    result.set(split, table);
  }
  return tables.size === 0 ? value : result;
}
