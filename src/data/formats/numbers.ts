import type { DType, NumericData } from './array.ts';

export type NumericDType = Exclude<DType, 'string' | 'object'>;

interface Decoder {
  /** Bytes per element. */
  readonly size: number;
  /** Bytes to reverse where the file is big-endian: a complex number is two numbers. */
  readonly word: number;
  /** From little-endian bytes that begin where an element may. */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>) => NumericData;
}

type NumericView = new (buffer: ArrayBuffer, byteOffset: number, length: number) => NumericData;

const plain = (size: number, view: NumericView & { readonly BYTES_PER_ELEMENT: number }): Decoder => ({
  size,
  word: size,
  decode: ({ buffer, byteOffset, length }) => new view(buffer, byteOffset, length / view.BYTES_PER_ELEMENT),
});

const decoders: Readonly<Record<NumericDType, Decoder>> = {
  bool: plain(1, Uint8Array),
  int8: plain(1, Int8Array),
  uint8: plain(1, Uint8Array),
  int16: plain(2, Int16Array),
  uint16: plain(2, Uint16Array),
  int32: plain(4, Int32Array),
  uint32: plain(4, Uint32Array),
  int64: plain(8, BigInt64Array),
  uint64: plain(8, BigUint64Array),
  float32: plain(4, Float32Array),
  float64: plain(8, Float64Array),
  float16: { size: 2, word: 2, decode: (bytes) => widen(bytes, fromFloat16) },
  bfloat16: { size: 2, word: 2, decode: (bytes) => widen(bytes, fromBfloat16) },
  longdouble: { size: 16, word: 16, decode: fromLongDouble },
  complex64: { ...plain(8, Float32Array), word: 4 },
  complex128: { ...plain(16, Float64Array), word: 8 },
};

export const bytesPerElement = (dtype: NumericDType): number => decoders[dtype].size;

interface ByteOrder {
  readonly bigEndian?: boolean;
}

/** Numbers from the bytes of a file, always in memory of their own: file offsets are rarely aligned. */
export const decodeNumbers = (dtype: NumericDType, bytes: Uint8Array, order: ByteOrder = {}): NumericData =>
  numbersIn(dtype, new Uint8Array(bytes), order);

/** Numbers in the memory of `bytes`, which nothing else uses and which begins where an element may. */
export function numbersIn(
  dtype: NumericDType,
  bytes: Uint8Array<ArrayBuffer>,
  { bigEndian = false }: ByteOrder = {},
): NumericData {
  const { word, decode } = decoders[dtype];
  if (bigEndian && word > 1) for (let i = 0; i < bytes.length; i += word) bytes.subarray(i, i + word).reverse();
  return decode(bytes);
}

function widen(bytes: Uint8Array<ArrayBuffer>, convert: (half: number) => number): Float32Array {
  return Float32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), convert);
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}

/** NumPy's longdouble on x86: 64 bits of mantissa, 15 of exponent, a sign, in 16 bytes. */
function fromLongDouble(bytes: Uint8Array<ArrayBuffer>): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: bytes.length / 16 }, (_, i) => {
    const mantissa = view.getUint32(16 * i + 4, true) * 2 ** 32 + view.getUint32(16 * i, true);
    const high = view.getUint16(16 * i + 8, true);
    const sign = high & 0x8000 ? -1 : 1;
    const exponent = high & 0x7fff;
    if (exponent === 0x7fff) return mantissa === 2 ** 63 ? sign * Infinity : Number.NaN;
    return sign * mantissa * 2 ** -63 * 2 ** (exponent - 16383);
  });
}
