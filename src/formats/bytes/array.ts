import { FormatError } from '../../files/error.ts';

/**
 * Element types of the formats we read. Narrow floats arrive as float32 and extended ones as float64; complex numbers
 * as pairs (real, imaginary).
 */
export type DType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'longdouble'
  | 'complex64'
  | 'complex128'
  | 'string'
  | 'object';

export type NumericData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;
export type ArrayData = NumericData | readonly string[] | readonly unknown[];

/** Numbers that are still in a file. */
export interface StoredElements {
  /** All of them, in memory of their own. */
  readNow(): NumericData;
  /** `count` numbers from number `from` on, in row-major order and memory of their own. */
  read(from: number, count: number): Promise<NumericData>;
  /** Fills `into` with the numbers from number `from` on, as float32. */
  fillNow(into: Float32Array, from: number): void;
  /** All of them in row-major order, in pieces of a few MiB; a piece is valid until the next one is asked for. */
  pieces(): AsyncIterable<NumericData>;
  /** The numbers as float32, read in pieces; `look` is given each as it arrives, in any order, and may change it. */
  readFloat32(look?: (piece: Float32Array) => void): Promise<Float32Array>;
}

/** A dense array of any element type in row-major order; `dtype` is the type in the file. */
export class NdArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  elements: ArrayData | StoredElements;

  constructor(shape: readonly number[], dtype: DType, elements: ArrayData | StoredElements) {
    this.shape = shape;
    this.dtype = dtype;
    this.elements = elements;
  }

  /** The elements, which stay in memory from the first time on. */
  get data(): ArrayData {
    return this.load();
  }

  /** Reads the elements, unless they are in memory. */
  load(): ArrayData {
    if (isInFile(this.elements)) this.elements = this.elements.readNow();
    return this.elements;
  }
}

export const isInFile = (elements: ArrayData | StoredElements): elements is StoredElements => 'readNow' in elements;

export const isNumericData = (data: ArrayData): data is NumericData => ArrayBuffer.isView(data);

/** Whether `array` holds real numbers (booleans count). */
export const isReal = ({ dtype }: NdArray): boolean => !['string', 'object', 'complex64', 'complex128'].includes(dtype);

export const countOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

/** Number of elements; throws where a damaged shape has no size. */
export function sizeOf(shape: readonly number[], file: string): number {
  let size = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 0)
      throw new FormatError(file, `an array has shape [${shape.join(',')}]; the file is damaged, copy it again.`);
    size *= axis;
  }
  if (!Number.isSafeInteger(size))
    throw new FormatError(file, `an array of shape [${shape.join(',')}] is too large; the file is damaged.`);
  return size;
}

/** Any numeric data as float32, rounding what is wider. */
export function toFloat32(data: NumericData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return new Float32Array(data);
}

/** Any numeric data as JavaScript numbers. */
export function toNumbers(data: NumericData): number[] {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Array.from(data, Number)
    : Array.from(data, Number);
}

/** Elements of a strided view, gathered in row-major order. `strides` and `offset` count elements. */
export function gather<T extends ArrayData>(
  data: T,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): T {
  const size = countOf(shape);
  const out = (
    isNumericData(data) ? new (data.constructor as Float32ArrayConstructor)(size) : new Array<unknown>(size)
  ) as unknown[];
  const index = new Array<number>(shape.length).fill(0);
  let source = offset;
  for (let i = 0; i < size; i++) {
    out[i] = data[source];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out as unknown as T;
}

/** Strides of a row-major array, in elements. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Strides of a column-major array (Fortran order), in elements. */
export const columnMajor = (shape: readonly number[]): number[] => rowMajor([...shape].reverse()).reverse();
