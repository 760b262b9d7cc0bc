import { countOf } from '../bytes/array.ts';
import { bytesIn, encoded, namedArrays, type Texts, type Writable, type WriteRequest } from '../writing/arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';
import type { Holding } from '../writing/numbers.ts';
import type { Written } from '../writing/written.ts';

/** NumPy's names of the types that are written. */
export const numpyCodes: Readonly<Partial<Record<NumericDType, string>>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
};

export const numpyTypes: ReadonlySet<NumericDType> = new Set(Object.keys(numpyCodes) as NumericDType[]);

const holding: Holding = { format: '.npy', dtypes: numpyTypes };

/** The one array of a value, as `numpy.save` writes it. */
export async function writeNpy(request: WriteRequest): Promise<Written> {
  const { file, value, signal } = request;
  const { arrays, leftOut } = namedArrays(value, file);
  const [named, other] = arrays;
  if (named === undefined || other !== undefined)
    throw new FormatError(file, `an .npy file holds one array, and there are ${arrays.size}; name an .npz file.`);
  const { header, bytes } = npy(...named, request);
  return writeWholeFile(
    file,
    async (output) => {
      await output.write(header);
      for await (const piece of bytes) await output.write(piece);
      return { format: 'NumPy array', arrays: 1, bytes: output.position, leftOut };
    },
    { signal },
  );
}

export interface Npy {
  readonly header: Uint8Array;
  /** How many bytes follow the header. */
  readonly length: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** An array as `numpy.save` writes it. */
export function npy(name: string, array: Writable, request: WriteRequest): Npy {
  const { shape } = array;
  if (array.kind === 'texts') {
    const width = textWidth(name, array, request.file);
    const bytes = asyncOf(textBlocks(array.texts(), width));
    return { header: headerOf(`<U${width}`, shape), length: 4 * width * countOf(shape), bytes };
  }
  const { dtype, pieces } = encoded(name, array, holding, request);
  const length = bytesPerElement(dtype) * countOf(shape);
  return { header: headerOf(numpyCodes[dtype]!, shape), length, bytes: bytesIn(pieces) };
}

/** The array begins where a multiple of 64 bytes is. */
function headerOf(descr: string, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(length, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', header.length - 1);
  return header;
}

/** Characters of the longest text: NumPy gives every text of an array the same room. */
export function textWidth(name: string, { texts }: Texts, file: string): number {
  let width = 1;
  for (const text of texts()) {
    if (text.endsWith('\0'))
      throw new FormatError(file, `cannot hold ${quoted(name)}: a text ends with a zero, which NumPy drops; .pkl can.`);
    let length = 0;
    for (let i = 0; i < text.length; i++)
      if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00 || !isPair(text, i - 1)) length++;
    width = Math.max(width, length);
  }
  return width;
}

const isPair = (text: string, at: number): boolean => at >= 0 && text.codePointAt(at)! > 0xffff;

/** UTF-32, a few MiB at a time. */
export function* textBlocks(texts: readonly string[], width: number): Generator<Uint8Array> {
  const rows = Math.max(1, Math.floor(2 ** 20 / width));
  for (let from = 0; from < texts.length; from += rows) {
    const block = texts.slice(from, from + rows);
    const characters = new Uint32Array(block.length * width);
    for (const [row, text] of block.entries()) {
      let at = row * width;
      for (const character of text) characters[at++] = character.codePointAt(0)!;
    }
    yield new Uint8Array(characters.buffer);
  }
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
