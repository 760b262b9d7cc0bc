/** The contents of any data file: names, with the type and shape of each array, without reading any elements. */
import { NdArray } from '../../formats/bytes/array.ts';
import { isOpaque } from '../../formats/pickle/opaque.ts';
import { byPosition } from '../../formats/positions.ts';
import { quoted } from '../../files/error.ts';

/** By name, nested as the file nests: dtype and shape of an array, such as `float32 [10, 50, 74]`, or words for anything else. */
export type Contents = string | number | boolean | null | { readonly [name: string]: Contents };

/** A damaged or hostile file may nest without end, or hold one thing a million times over. */
const limits = { depth: 32, entries: 100_000 };

/** The contents of the value that `openFile` gives. */
export function contentsOf(value: unknown): Contents {
  let entries = 0;
  const visit = (item: unknown, within: readonly unknown[]): Contents => {
    const parts = item instanceof Map ? (item as Map<unknown, unknown>) : byPosition(item);
    if (parts === undefined) return leaf(item);
    if (parts.size === 0) return 'nothing';
    if (within.includes(item)) return 'what it is in itself';
    if (within.length === limits.depth) return `${parts.size} more, nested deeper`;
    const inner: [string, Contents][] = [];
    for (const [key, each] of parts) {
      entries += 1;
      if (entries > limits.entries) break;
      inner.push([String(key), visit(each, [...within, item])]);
    }
    if (inner.length < parts.size) inner.push(['…', `${parts.size - inner.length} more`]);
    return Object.fromEntries(inner);
  };
  return visit(value, []);
}

function leaf(item: unknown): string | number | boolean | null {
  if (item instanceof NdArray) return `${item.dtype} [${item.shape.join(', ')}]`;
  if (Array.isArray(item)) return listText(item);
  if (typeof item === 'string') return `text ${quoted(item)}`;
  if (typeof item === 'number' || typeof item === 'boolean' || item === null) return item;
  if (typeof item === 'bigint') return String(item);
  if (item instanceof Set) return `set of ${item.size}`;
  if (isOpaque(item)) return `${item.name}, not read`;
  return ArrayBuffer.isView(item) ? `${item.byteLength} bytes` : 'nothing that is read';
}

function listText(items: readonly unknown[]): string {
  const count = items.length;
  if (count === 0) return 'empty list';
  if (items.every((item) => item instanceof NdArray)) return `list of ${count} arrays, ${arraysText(items)}`;
  const kinds = [...new Set(items.map(kindOf))];
  return `list of ${count} ${kinds.length === 1 ? kinds[0]! : `items (${kinds.sort().join(', ')})`}`;
}

/** The shape that arrays share, with the least and the most where an axis differs. */
function arraysText(arrays: readonly NdArray[]): string {
  const dtypes = [...new Set(arrays.map(({ dtype }) => dtype))].join(' or ');
  const axes = arrays[0]!.shape;
  if (arrays.some(({ shape }) => shape.length !== axes.length)) return `${dtypes} of different numbers of axes`;
  const ranges = axes.map((_, axis) => {
    let [least, most] = [Infinity, 0];
    for (const { shape } of arrays) {
      least = Math.min(least, shape[axis]!);
      most = Math.max(most, shape[axis]!);
    }
    return least === most ? String(least) : `${least}–${most}`;
  });
  return `${dtypes} [${ranges.join(', ')}]`;
}

function kindOf(item: unknown): string {
  if (typeof item === 'string') return 'texts';
  if (typeof item === 'number' || typeof item === 'bigint') return 'numbers';
  if (typeof item === 'boolean') return 'booleans';
  if (item instanceof NdArray) return 'arrays';
  if (item instanceof Map) return 'dicts';
  if (Array.isArray(item)) return 'lists';
  if (isOpaque(item)) return `${item.name}, not read`;
  return ArrayBuffer.isView(item) ? 'bytes' : 'missing values';
}
