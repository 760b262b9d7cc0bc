import type { DType, NumericData } from './array.ts';

export type NumericDType = Exclude<DType, 'string' | 'object'>;

type NumericArray = new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => NumericData;

interface Element {
  /** Bytes per element in a file. */
  readonly size: number;
  /** Bytes to reverse where the file is big-endian: a complex number is two numbers. */
  readonly word: number;
  /** The type of the array that holds the numbers in memory. */
  readonly type: NumericArray & { readonly BYTES_PER_ELEMENT: number };
  /** Bytes per element in memory. */
  readonly width: number;
  /** Writes numbers from little-endian bytes, where those in memory are wider than those in a file. */
  readonly widen?: (bytes: Uint8Array, into: NumericData) => void;
}

const plain = (type: Element['type'], parts = 1): Element => {
  const word = type.BYTES_PER_ELEMENT;
  return { size: word * parts, word, type, width: word * parts };
};

const elements: Readonly<Record<NumericDType, Element>> = {
  bool: plain(Uint8Array),
  int8: plain(Int8Array),
  uint8: plain(Uint8Array),
  int16: plain(Int16Array),
  uint16: plain(Uint16Array),
  int32: plain(Int32Array),
  uint32: plain(Uint32Array),
  int64: plain(BigInt64Array),
  uint64: plain(BigUint64Array),
  float32: plain(Float32Array),
  float64: plain(Float64Array),
  float16: { size: 2, word: 2, type: Float32Array, width: 4, widen: widenFloat16 },
  bfloat16: { size: 2, word: 2, type: Float32Array, width: 4, widen: widenBfloat16 },
  longdouble: { size: 16, word: 16, type: Float64Array, width: 8, widen: narrowLongDouble },
  complex64: plain(Float32Array, 2),
  complex128: plain(Float64Array, 2),
};

export const bytesPerElement = (dtype: NumericDType): number => elements[dtype].size;

/** Whether the numbers in memory are the bytes of a little-endian file. */
export const isPlain = (dtype: NumericDType): boolean => elements[dtype].widen === undefined;

/** Room for `count` elements; `memory` gives that of so many bytes. */
export function emptyNumbers(
  dtype: NumericDType,
  count: number,
  memory: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): NumericData {
  const { type, width } = elements[dtype];
  return new type(memory(count * width));
}

interface ByteOrder {
  readonly bigEndian?: boolean;
}

/** Numbers from the bytes of a file, always in memory of their own: file offsets are rarely aligned. */
export const decodeNumbers = (dtype: NumericDType, bytes: Uint8Array, order: ByteOrder = {}): NumericData =>
  numbersIn(dtype, new Uint8Array(bytes), order);

/** Numbers in the memory of `bytes`, which nothing else uses and which begins where a number may. */
function numbersIn(dtype: NumericDType, bytes: Uint8Array<ArrayBuffer>, order: ByteOrder = {}): NumericData {
  const { type, size, widen } = elements[dtype];
  const numbers =
    widen === undefined
      ? new type(bytes.buffer, bytes.byteOffset, bytes.length / type.BYTES_PER_ELEMENT)
      : emptyNumbers(dtype, bytes.length / size);
  toLittleEndian(dtype, bytes, order);
  widen?.(bytes, numbers);
  return numbers;
}

/** Writes the numbers of a wider type in memory; `bytes` may change. */
export function decodeInto(dtype: NumericDType, bytes: Uint8Array, into: NumericData, order: ByteOrder = {}): void {
  toLittleEndian(dtype, bytes, order);
  const { widen } = elements[dtype];
  if (widen === undefined) bytesOf(into).set(bytes);
  else widen(bytes, into);
}

/** Reverses each number in place, where the file is big-endian. */
export function toLittleEndian(dtype: NumericDType, bytes: Uint8Array, { bigEndian = false }: ByteOrder = {}): void {
  const { word } = elements[dtype];
  if (!bigEndian || word === 1) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (word === 2) buffer.swap16();
  else if (word === 4) buffer.swap32();
  else if (word === 8) buffer.swap64();
  else for (let i = 0; i < bytes.length; i += word) bytes.subarray(i, i + word).reverse();
}

/** The memory of numbers, as bytes. */
export const bytesOf = (numbers: NumericData): Uint8Array<ArrayBuffer> =>
  new Uint8Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

let halves: Float32Array | undefined;

function widenFloat16(bytes: Uint8Array, into: NumericData): void {
  // Looked up in a table of all 65,536 halves, which is many times as fast as to compute each.
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => fromFloat16(half));
  for (let i = 0, at = 0; i < into.length; i++, at += 2) into[i] = halves[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat16(bytes: Uint8Array, into: NumericData): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0, at = 0; i < bits.length; i++, at += 2) bits[i] = (bytes[at]! << 16) | (bytes[at + 1]! << 24);
}

/** NumPy's longdouble on x86: 64 bits of mantissa, 15 of exponent, a sign, in 16 bytes. */
function narrowLongDouble(bytes: Uint8Array, into: NumericData): void {
  const view = viewOf(bytes);
  for (let i = 0; i < into.length; i++) {
    const mantissa = view.getUint32(16 * i + 4, true) * 2 ** 32 + view.getUint32(16 * i, true);
    const high = view.getUint16(16 * i + 8, true);
    const sign = high & 0x8000 ? -1 : 1;
    const exponent = high & 0x7fff;
    const special = mantissa === 2 ** 63 ? sign * Infinity : Number.NaN;
    into[i] = exponent === 0x7fff ? special : sign * mantissa * 2 ** -63 * 2 ** (exponent - 16383);
  }
}
