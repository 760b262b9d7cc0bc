import { NdArray } from './array.ts';
import { reading } from '../../files/error.ts';

/** `value` with every array in it in memory, so that what it was read from is no longer needed. */
export const inMemory = <T>(value: T, file: string): T =>
  reading(file, () => {
    for (const array of arraysIn(value)) array.load();
    return value;
  });

/** Every array in a value that was read, each once: values may be shared, or hold themselves. */
export function arraysIn(value: unknown): ReadonlySet<NdArray> {
  const seen = new Set<unknown>();
  const arrays = new Set<NdArray>();
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next) || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof NdArray) arrays.add(next);
    for (const item of itemsOf(next)) waiting.push(item);
  }
  return arrays;
}

function itemsOf(value: object): Iterable<unknown> {
  if (value instanceof NdArray) return value.dtype === 'object' ? value.data : [];
  if (value instanceof Map) {
    const map: ReadonlyMap<unknown, unknown> = value;
    return [...map.keys(), ...map.values()];
  }
  if (isList(value)) return value;
  // A dict of JavaScript, by name.
  return Object.getPrototypeOf(value) === Object.prototype ? Object.values<unknown>({ ...value }) : [];
}

const isList = (value: object): value is Iterable<unknown> => Array.isArray(value) || value instanceof Set;
