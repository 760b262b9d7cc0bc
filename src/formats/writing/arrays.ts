/** A value as named arrays of numbers and of texts, for the formats that hold nothing else. */

import { isNumericData, isInFile, NdArray, type NumericData } from '../bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { bytesOf, type NumericDType } from '../bytes/numbers.ts';
import { byPosition, placed } from '../positions.ts';
import { Conversion, type SupportedTypes, typeIn } from './numbers.ts';
import type { WriteRequest } from './request.ts';

/** Arrays of one type, one after another in row-major order: a list of arrays is one array of a further axis. */
export interface NumberArray {
  readonly kind: 'numbers';
  readonly shape: readonly number[];
  readonly dtype: NumericDType;
  readonly parts: readonly NdArray[];
}

export interface TextArray {
  readonly kind: 'texts';
  readonly shape: readonly number[];
  /** They may still be in the file. */
  readonly texts: () => readonly string[];
}

/** Numbers that are no one array: of different shapes or types. */
export interface Ragged {
  readonly kind: 'ragged';
}

export type Writable = NumberArray | TextArray;

/** An array of numbers, as one to write. */
export const numbersIn = (array: NdArray): NumberArray => ({
  kind: 'numbers',
  shape: array.shape,
  dtype: array.dtype as NumericDType,
  parts: [array],
});

// A list of so many lists is looked into whatever they are; one of more only where they are mostly its own.
const mostVisits = 2 ** 20;
const mostShared = 16;

/** Counts the lists and dicts that are gone through: a few that hold each other over and over would never end. */
export class Sharing {
  readonly #file: string;
  readonly #known = new Set<unknown>();
  #visits = 0;

  constructor(file: string) {
    this.#file = file;
  }

  visit(item: unknown): void {
    this.#known.add(item);
    if (++this.#visits > mostVisits && this.#visits > mostShared * this.#known.size)
      throw new FormatError(
        this.#file,
        `cannot be written: its lists hold each other over and over, ${this.#known.size} lists that unfold into more than ${mostVisits}.`,
      );
  }
}

// How deep lists are looked into: a list may hold itself.
const deepest = 16;

/** An array, a list or a scalar as an array; undefined where it holds anything but numbers, or texts. */
export function writable(value: unknown, shared: Sharing, depth = 0): Writable | Ragged | undefined {
  if (value instanceof NdArray) {
    if (value.dtype === 'string')
      return { kind: 'texts', shape: value.shape, texts: () => value.data as readonly string[] };
    if (value.dtype !== 'object') return numbersIn(value);
    const items = writableList(value.data as readonly unknown[], shared, depth);
    return items === undefined || items.kind === 'ragged'
      ? items
      : { ...items, shape: [...value.shape, ...items.shape.slice(1)] };
  }
  if (Array.isArray(value)) return writableList(value, shared, depth);
  if (typeof value === 'string') return { kind: 'texts', shape: [], texts: () => [value] };
  const scalars = scalarArray([value], []);
  return scalars && numbersIn(scalars);
}

function writableList(list: readonly unknown[], shared: Sharing, depth: number): Writable | Ragged | undefined {
  shared.visit(list);
  if (list.every((item) => typeof item === 'string') && list.length > 0)
    return { kind: 'texts', shape: [list.length], texts: () => list };
  const scalars = scalarArray(list, [list.length]);
  if (scalars !== undefined || depth > deepest) return scalars && numbersIn(scalars);
  const items = list.map((item) => writable(item, shared, depth + 1));
  const [first] = items;
  if (first === undefined || items.includes(undefined)) return undefined;
  const known = items as readonly (Writable | Ragged)[];
  if (known.some(({ kind }) => kind !== first.kind)) return undefined;
  if (first.kind === 'ragged') return first;
  const alike = known.every((item) => item.kind !== 'ragged' && String(item.shape) === String(first.shape));
  const shape = [list.length, ...first.shape];
  if (first.kind === 'texts')
    return alike
      ? { kind: 'texts', shape, texts: () => (known as readonly TextArray[]).flatMap((item) => item.texts()) }
      : undefined;
  const numbers = known as readonly NumberArray[];
  if (!alike) return { kind: 'ragged' };
  const parts = numbers.flatMap((item) => item.parts);
  if (numbers.every(({ dtype }) => dtype === first.dtype)) return { kind: 'numbers', shape, dtype: first.dtype, parts };
  // Numbers of Python's own: `[[1, 2], [0.5, 1]]`.
  const widened = parts.map((part) => (isInFile(part.elements) ? undefined : asDoubles(part)));
  if (widened.includes(undefined)) return { kind: 'ragged' };
  return { kind: 'numbers', shape, dtype: 'float64', parts: widened as readonly NdArray[] };
}

/** An array as one of doubles, if its whole numbers are small enough to be kept exactly. */
function asDoubles({ shape, dtype, data }: NdArray): NdArray | undefined {
  if (!isNumericData(data) || !['int64', 'float64'].includes(dtype)) return undefined;
  const doubles = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  return doubles.every((value, i) => typeof data[i] !== 'bigint' || BigInt(value) === data[i])
    ? new NdArray(shape, 'float64', doubles)
    : undefined;
}

/** Numbers, or truth values, as NumPy would take them. */
function scalarArray(values: readonly unknown[], shape: readonly number[]): NdArray | undefined {
  if (values.length > 0 && values.every((value) => typeof value === 'boolean'))
    return new NdArray(shape, 'bool', Uint8Array.from(values, Number));
  const isWhole = (value: unknown): boolean => typeof value === 'bigint' || Number.isSafeInteger(value);
  if (values.length > 0 && values.every((value) => isWhole(value) && !Object.is(value, -0))) {
    const whole = values.map((value) => BigInt(value as number | bigint));
    if (whole.every((value) => BigInt.asIntN(64, value) === value))
      return new NdArray(shape, 'int64', BigInt64Array.from(whole));
    return whole.every((value) => BigInt.asUintN(64, value) === value)
      ? new NdArray(shape, 'uint64', BigUint64Array.from(whole))
      : undefined;
  }
  return values.every((value) => typeof value === 'number')
    ? new NdArray(shape, 'float64', Float64Array.from(values))
    : undefined;
}

export interface NamedArrays {
  /** By name, in their order; `train/text` is the name of one that is nested. */
  readonly arrays: ReadonlyMap<string, Writable>;
  /** Names of values that are neither numbers nor texts. */
  readonly leftOut: readonly string[];
}

// A hostile pickle may nest one dict in many names, and those in many again.
const mostNames = 1_000_000;

export const defaultName = 'arr_0';

/** All arrays of a value under names of their own; one that has no name gets that of `numpy.savez`. */
export function namedArrays(value: unknown, file: string): NamedArrays {
  const arrays = new Map<string, Writable>();
  const leftOut: string[] = [];
  const open = new Set<unknown>();
  const shared = new Sharing(file);
  const addAll = (name: string, item: unknown, items: ReadonlyMap<unknown, unknown>): void => {
    if (open.has(item) || open.size > 64)
      throw new FormatError(file, `cannot be written: ${quoted(name)} holds itself.`);
    shared.visit(item);
    open.add(item);
    for (const [key, inner] of items) add(name === '' ? keyText(key) : `${name}/${keyText(key)}`, inner);
    open.delete(item);
  };
  const add = (name: string, item: unknown): void => {
    const parts = item instanceof Map ? (item as Map<unknown, unknown>) : byPosition(item);
    if (parts !== undefined) {
      addAll(name, item, parts);
      return;
    }
    const label = name === '' ? defaultName : name;
    const found = writable(item, shared);
    // What has no name but that of the file may as well have several.
    if (name === '' && (found === undefined || found.kind === 'ragged') && Array.isArray(item) && item.length > 0) {
      addAll(name, item, placed(item));
      return;
    }
    if (found?.kind === 'ragged')
      throw new FormatError(
        file,
        `cannot hold ${quoted(label)}, arrays of different shapes or types; .pkl can, and with a row per sample .jsonl and .parquet.`,
      );
    if (arrays.has(label) || leftOut.includes(label))
      throw new FormatError(file, `would hold ${quoted(label)} twice; rename one.`);
    if (arrays.size + leftOut.length >= mostNames)
      throw new FormatError(file, `would hold more than ${mostNames} arrays; split what it is made from.`);
    if (found === undefined) leftOut.push(label);
    else arrays.set(label, found);
  };
  add('', value);
  if (arrays.size === 0 && leftOut.length > 0) throw nothingToWrite(file, leftOut);
  return { arrays, leftOut };
}

/** A file for which all was left out is not written: to say that it was would be no help. */
export function nothingToWrite(file: string, leftOut: readonly string[]): FormatError {
  const names = leftOut.slice(0, 5).map(quoted).join(', ');
  return new FormatError(
    file,
    `is not written, as it would hold nothing: it has no place for ${names}${leftOut.length > 5 ? ', …' : ''}.`,
  );
}

export const keyText = (key: unknown): string =>
  typeof key === 'string'
    ? key
    : typeof key === 'number' || typeof key === 'bigint'
      ? String(key)
      : JSON.stringify(key);

export interface Encoded {
  readonly shape: readonly number[];
  readonly dtype: NumericDType;
  /** The numbers as they stand in a file, little-endian; a piece is valid until the next one is asked for. */
  readonly pieces: AsyncIterable<NumericData>;
}

/** Numbers in the type that a format has for them. */
export function encoded(
  name: string,
  { shape, dtype: from, parts }: NumberArray,
  supported: SupportedTypes,
  { file, dtype: asked }: WriteRequest,
): Encoded {
  const dtype = typeIn(from, supported, { file, name, asked });
  async function* pieces(): AsyncGenerator<NumericData> {
    const conversion = new Conversion(from, dtype);
    for (const part of parts) for await (const piece of piecesOf(part)) yield conversion.apply(piece);
    checkOverflow(conversion, dtype, { file, name });
  }
  return { shape, dtype, pieces: pieces() };
}

/** Says how many numbers were too large. */
function checkOverflow(
  { overflowed }: Conversion,
  dtype: NumericDType,
  { file, name }: { readonly file: string; readonly name: string },
): void {
  if (overflowed === 0) return;
  const what = overflowed === 1 ? '1 number that is' : `${overflowed} numbers that are`;
  throw new FormatError(
    file,
    `${name === '' ? 'the array' : quoted(name)} has ${what} too large for ${dtype}; ask for a wider --dtype.`,
  );
}

/** The numbers of an array, in row-major order; a piece is valid until the next one is asked for. */
async function* piecesOf({ elements }: NdArray): AsyncGenerator<NumericData> {
  if (isInFile(elements)) yield* elements.pieces();
  else if (isNumericData(elements)) yield elements;
}

/** Numbers as bytes; a piece is valid until the next one is asked for. */
export async function* bytesIn(pieces: AsyncIterable<NumericData>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield bytesOf(piece);
}
