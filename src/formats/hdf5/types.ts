/** A dataset as HDF5 describes it, in our terms. */

import type { Metadata } from 'h5wasm';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';

/** The bytes that a file begins with, after a block of the user's where there is one. */
export const hdf5Mark = '\x89HDF\r\n\x1a\n';

export interface Hdf5Dataset {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: NumericDType | 'string';
  /** Bytes in the library's memory, where texts of any length are pointers. */
  readonly bytesPerElement: number;
  /** The shape of the chunks that are packed as one each; null where the array is in one piece. */
  readonly chunks: readonly number[] | null;
  /** Whether the library leaves the numbers with their highest byte first, as it does those of enumerations. */
  readonly bigEndian: boolean;
  readonly text?: Hdf5Text;
}

export interface Hdf5Text {
  readonly variable: boolean;
  readonly utf8: boolean;
  /** Filled up with spaces, as Fortran does. */
  readonly spaces: boolean;
}

// The library's numbers for classes of types.
const classes = {
  integer: 0,
  float: 1,
  time: 2,
  text: 3,
  bitfield: 4,
  opaque: 5,
  compound: 6,
  reference: 7,
  enumeration: 8,
  variable: 9,
  array: 10,
} as const;

const names: Readonly<Record<number, string>> = {
  [classes.time]: 'times',
  [classes.bitfield]: 'bit fields',
  [classes.opaque]: 'bytes without a type',
  [classes.compound]: 'compound values; write each field as a dataset',
  [classes.reference]: 'references',
  [classes.variable]: 'arrays of different lengths; write each as a dataset, or pad them',
  [classes.array]: 'arrays as elements; write them as one more axis',
};

/** The dataset, or why it is not read. */
export function describe(path: string, metadata: Metadata): Hdf5Dataset | string {
  const { shape, chunks, size, cset, strpad, vlen } = metadata;
  if (shape === null) return 'has no value';
  if (metadata.virtual_sources !== undefined) return 'is put together of other datasets; write it as one';
  const dtype = dtypeOf(metadata);
  if (dtype === undefined) return names[metadata.type] ?? `numbers of ${size} bytes`;
  const bigEndian = metadata.type === classes.enumeration && !metadata.littleEndian;
  const common = {
    path,
    shape,
    chunks,
    dtype,
    bigEndian,
    bytesPerElement: dtype === 'string' ? size : bytesPerElement(dtype),
  };
  if (dtype !== 'string') return common;
  return { ...common, text: { variable: vlen, utf8: cset === 1, spaces: strpad === 2 } };
}

function dtypeOf({ type, size, signed, enum_type: enumeration }: Metadata): NumericDType | 'string' | undefined {
  if (type === classes.text) return 'string';
  if (type === classes.float) return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[size];
  if (type !== classes.integer && type !== classes.enumeration) return undefined;
  const members = Object.keys(enumeration?.members ?? {}).sort();
  // h5py writes booleans so.
  if (size === 1 && members.join() === 'FALSE,TRUE' && enumeration?.members['TRUE'] === 1) return 'bool';
  const unsigned = ({ 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' } as const)[size];
  return signed ? ({ 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' } as const)[size] : unsigned;
}

/**
 * Why a dataset of its size cannot be in a file of that size: chunks may be packed, or left out where they hold nothing
 * but zeros; the rest is in the file as it is.
 */
export function sizeProblem(
  { path, shape, bytesPerElement, chunks }: Hdf5Dataset,
  fileSize: number,
): string | undefined {
  const limit = 2 ** 24 + (chunks === null ? 1 : 200) * fileSize;
  const product = (axes: readonly number[]): number => axes.reduce((size, axis) => size * axis, bytesPerElement);
  const announced = Math.max(product(shape), product(chunks ?? []));
  if (announced <= limit) return undefined;
  return `announces ${announced} bytes for "${path}" and has ${fileSize} in all; the file is damaged, or write it packed less.`;
}

/** Texts of `width` bytes each, up to the first zero byte. */
export function decodeTexts(bytes: Uint8Array, width: number, { utf8, spaces }: Hdf5Text): string[] {
  // Most writers of "ASCII" mean UTF-8, of which it is a part.
  const decoder = new TextDecoder(utf8 || !spaces ? 'utf-8' : 'latin1', { ignoreBOM: true });
  return Array.from({ length: bytes.length / width }, (_, i) => {
    const text = bytes.subarray(i * width, (i + 1) * width);
    const end = text.indexOf(0);
    const decoded = decoder.decode(end < 0 ? text : text.subarray(0, end));
    return spaces ? decoded.replace(/ +$/, '') : decoded;
  });
}

/** An attribute as text: `1, 2` for a list. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (!Array.isArray(value)) return undefined;
  const texts = value.map(asText);
  return texts.every((text) => text !== undefined) ? texts.join(', ') : undefined;
}
