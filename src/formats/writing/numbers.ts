/** Numbers as those of another type, and the choice of that type. */

import type { DType, NumericData } from '../bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { NumericDType } from '../bytes/numbers.ts';

export const floatTypes = ['float16', 'float32', 'float64'] as const;
/** A type that floating arrays can be asked to become. */
export type FloatType = (typeof floatTypes)[number];

/** The types that keep all values of a type, for formats that lack it. */
const wider: Partial<Record<DType, readonly NumericDType[]>> = {
  bool: ['uint8'],
  float16: ['float32', 'float64'],
  bfloat16: ['float32', 'float64'],
  float32: ['float64'],
};

const isFloat = (dtype: DType): boolean => /float|longdouble/.test(dtype);

/** The types of numbers that a format holds. */
export interface SupportedTypes {
  /** The format by its name or ending, for errors. */
  readonly format: string;
  readonly dtypes: ReadonlySet<NumericDType>;
}

export interface TypeRequest {
  /** The file, and the name of the array in it: for errors. */
  readonly file: string;
  readonly name: string;
  /** The type that floating arrays are to become; undefined to leave them as they are. */
  readonly asked: FloatType | undefined;
}

/** The type that an array of `dtype` gets in a format. */
export function typeIn(
  dtype: NumericDType,
  { format, dtypes }: SupportedTypes,
  { file, name, asked }: TypeRequest,
): NumericDType {
  const options = asked !== undefined && isFloat(dtype) ? [asked] : [dtype, ...(wider[dtype] ?? [])];
  const found = options.find((option) => dtypes.has(option) && option !== 'longdouble');
  if (found !== undefined) return found;
  const array = name === '' ? 'the array' : quoted(name);
  if (options[0] !== dtype) throw new FormatError(file, `${format} does not hold ${asked!}; ask for --dtype float32.`);
  const help = isFloat(dtype)
    ? 'ask for --dtype float64, which rounds it'
    : dtype.startsWith('complex')
      ? '.npy, .npz, .pkl and .pt do'
      : '.npy, .npz, .pkl and .safetensors do';
  throw new FormatError(file, `${format} does not hold ${array} of type ${dtype}; ${help}.`);
}

/** Makes numbers of one type those of another, as they stand in a file: halves as their bits. */
export class Conversion {
  readonly #from: DType;
  readonly #to: NumericDType;
  /** Reused, as the numbers are written before the next ones come. */
  #room: Uint16Array | Float32Array | Float64Array = new Uint16Array(0);
  /** Finite numbers that became infinite. */
  overflowed = 0;

  constructor(from: DType, to: NumericDType) {
    this.#from = from;
    this.#to = to;
  }

  /** Valid until the next call. */
  apply(numbers: NumericData): NumericData {
    if (this.#to === 'float16') return this.#halves(numbers);
    if (this.#to === 'bfloat16') return this.#upperHalves(numbers);
    if (this.#to === 'float32') return numbers instanceof Float32Array ? numbers : this.#narrowed(numbers);
    if (this.#to === 'float64') return numbers instanceof Float64Array ? numbers : this.#filled(numbers, Float64Array);
    return numbers;
  }

  #filled<T extends Float32Array | Float64Array>(numbers: NumericData, type: new (length: number) => T): T {
    if (!(this.#room instanceof type) || this.#room.length < numbers.length) this.#room = new type(numbers.length);
    const out = this.#room.subarray(0, numbers.length) as T;
    if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array)
      throw new TypeError('whole numbers of 64 bits are never made floats.');
    out.set(numbers);
    return out;
  }

  #bits(length: number): Uint16Array {
    if (!(this.#room instanceof Uint16Array) || this.#room.length < length) this.#room = new Uint16Array(length);
    return this.#room.subarray(0, length);
  }

  #narrowed(numbers: NumericData): Float32Array {
    const out = this.#filled(numbers, Float32Array);
    for (let i = 0; i < out.length; i++) if (!Number.isFinite(out[i]) && Number.isFinite(numbers[i])) this.overflowed++;
    return out;
  }

  /** A bfloat16 is the upper half of a float32: what was read from one is one. */
  #upperHalves(numbers: NumericData): Uint16Array {
    if (this.#from !== 'bfloat16') throw new TypeError('only a bfloat16 is written as one.');
    const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    const out = this.#bits(numbers.length);
    for (let i = 0; i < out.length; i++) out[i] = words[i]! >>> 16;
    return out;
  }

  /** Rounded to the nearest, and half-way to the even one. */
  #halves(numbers: NumericData): Uint16Array {
    const floats = numbers instanceof Float32Array ? numbers : oddFloats(numbers);
    const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
    const out = this.#bits(words.length);
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      const magnitude = word & 0x7fffffff;
      let half: number;
      if (magnitude >= 0x7f800000) half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
      else if (magnitude >= 0x38800000) {
        half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
        if (half >= 0x7c00) {
          half = 0x7c00;
          this.overflowed++;
        }
      } else half = halfEven(Math.abs(floats[i]!) * 2 ** 24);
      out[i] = ((word >>> 16) & 0x8000) | half;
    }
    return out;
  }
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/**
 * Doubles as floats that are odd in their last bit where something is cut off, so that rounding them once more is as
 * rounding the doubles.
 */
function oddFloats(numbers: NumericData): Float32Array {
  const floats = new Float32Array(numbers.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < floats.length; i++) {
    const value = Number(numbers[i]);
    floats[i] = value;
    const float = floats[i]!;
    if (float === value || Number.isNaN(value)) continue;
    if (Math.abs(float) > Math.abs(value)) words[i]!--;
    words[i]! |= 1;
  }
  return floats;
}
