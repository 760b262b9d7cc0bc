import { countOf } from '../bytes/array.ts';
import { bytesIn, encoded, namedArrays, type Writable } from '../writing/arrays.ts';
import { FormatError } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import { bytesPerElement } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { numpyCodes, numpyTypes, textBlocks, textWidth } from '../writing/numpy.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

const supported: SupportedTypes = { format: '.npy', dtypes: numpyTypes };

/** The one array of a value, as `numpy.save` writes it. */
export async function writeNpy(request: WriteRequest): Promise<WriteResult> {
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
  const { dtype, pieces } = encoded(name, array, supported, request);
  const length = bytesPerElement(dtype) * countOf(shape);
  return { header: headerOf(numpyCodes[dtype]!, shape), length, bytes: bytesIn(pieces) };
}

/** The header, filled up with spaces so that the array begins at a multiple of 64 bytes. */
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

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
