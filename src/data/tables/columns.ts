import { isReal, NdArray, type NumericData, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';

/** The arrays of one split, by key, in file order. */
export type Columns = ReadonlyMap<string, unknown>;

/** A value as an array of real numbers, lists of numbers or of equally shaped arrays included; else undefined. */
export function numeric(value: unknown, depth = 0): (NdArray & { readonly data: NumericData }) | undefined {
  if (value instanceof NdArray && value.dtype !== 'object')
    return isReal(value) ? (value as NdArray & { data: NumericData }) : undefined;
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

const array = (shape: readonly number[], data: Float32Array | Float64Array): NdArray & { readonly data: NumericData } =>
  new NdArray(shape, data instanceof Float32Array ? 'float32' : 'float64', data) as NdArray & { data: NumericData };

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

/** Rows of any column: the first axis of an array, the length of a list. */
const rowsOf = (value: unknown): number | undefined =>
  value instanceof NdArray ? value.shape[0] : Array.isArray(value) ? value.length : undefined;

/** Every column that is read has one row per sample. */
export function checkRows(columns: Columns, keys: readonly string[], place: { file: string; split: string }): number {
  const counts = keys.map((key) => [key, rowsOf(columns.get(key)) ?? 0] as const);
  const [firstKey, rows] = counts[0]!;
  for (const [key, count] of counts)
    if (count !== rows)
      throw new FormatError(
        place.file,
        `split "${place.split}" has ${rows} rows of ${quoted(firstKey)} and ${count} of ${quoted(key)}; ` +
          'every array of a split needs one row per sample.',
      );
  return rows;
}

/** What MMSA puts between the video and the clip in an id. */
const clipMark = '$_$';

/** A column that says which samples belong together; `video` is also told by ids such as `video$_$clip`. */
export function groupsOf(
  columns: Columns,
  key: string,
  ids: readonly string[],
  { file, split }: { readonly file: string; readonly split: string },
): string[] {
  const groups = texts(columns.get(key));
  if (groups?.length === ids.length) return groups;
  if (!groups && key === 'video' && ids.every((id) => id.includes(clipMark)))
    return ids.map((id) => id.slice(0, id.indexOf(clipMark)));
  throw new FormatError(
    file,
    groups
      ? `split "${split}" has ${ids.length} samples and ${groups.length} values of ${quoted(key)}.`
      : `split "${split}" has no column ${quoted(key)} to group by; it has ${[...columns.keys()].map(quoted).join(', ')}.`,
  );
}
