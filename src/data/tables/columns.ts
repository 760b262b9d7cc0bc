/** Columns as formats give them, read as numbers or as texts. */
import { isReal, NdArray, type NumericData, toNumbers } from '../../formats/bytes/array.ts';

/** Arrays and lists by name, in the order of the file. */
export type Columns = ReadonlyMap<string, unknown>;

export type NumericArray = NdArray & { readonly data: NumericData };

/** The column of the true lengths of a modality. */
export const lengthKey = (modality: string): string => `${modality}_lengths`;

/** A value as an array of real numbers, lists of numbers or of equally shaped arrays included; else undefined. */
export function numeric(value: unknown, depth = 0): NumericArray | undefined {
  if (value instanceof NdArray && value.dtype !== 'object') return isReal(value) ? (value as NumericArray) : undefined;
  const items = value instanceof NdArray ? value.data : value;
  if (!Array.isArray(items) || items.length === 0 || depth > 3) return undefined;
  const outer = value instanceof NdArray ? value.shape : [items.length];
  if (items.every((item) => typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint'))
    return array(outer, Float64Array.from(items, Number));
  const first = numeric(items[0], depth + 1);
  if (first === undefined) return undefined;
  const size = first.data.length;
  const narrow = items.every((item) => item instanceof NdArray && item.dtype === 'float32');
  const stacked = narrow ? new Float32Array(items.length * size) : new Float64Array(items.length * size);
  for (const [i, item] of items.entries()) {
    const part = numeric(item, depth + 1);
    if (part?.shape.length !== first.shape.length || part.shape.some((axis, a) => axis !== first.shape[a]))
      return undefined;
    stacked.set(part.data instanceof Float32Array ? part.data : toNumbers(part.data), i * size);
  }
  return array([...outer, ...first.shape], stacked);
}

const array = (shape: readonly number[], data: Float32Array | Float64Array): NumericArray =>
  new NdArray(shape, data instanceof Float32Array ? 'float32' : 'float64', data) as NumericArray;

/** A value as one text per row: ids come as lists, NumPy texts, numbers, or (video, start, end) triples. */
export function texts(value: unknown): string[] | undefined {
  if (value instanceof NdArray && value.shape.length > 1) {
    const width = value.shape.slice(1).reduce((product, axis) => product * axis, 1);
    const cells = Array.from(value.data as ArrayLike<unknown>, (cell) => text(cell));
    return Array.from({ length: value.shape[0]! }, (_, n) => cells.slice(n * width, (n + 1) * width).join('_'));
  }
  const items = value instanceof NdArray ? value.data : value;
  return Array.isArray(items) || ArrayBuffer.isView(items)
    ? Array.from(items as ArrayLike<unknown>, (item) => text(item))
    : undefined;
}

function text(value: unknown, depth = 0): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  const parts = value instanceof NdArray ? Array.from(value.data as ArrayLike<unknown>) : value;
  // A damaged file may hold a list that holds itself.
  return Array.isArray(parts) && depth === 0 ? parts.map((part) => text(part, 1)).join('_') : '';
}
