import { countOf, type DType, type NumericData } from '../bytes/array.ts';
import { encoded, namedArrays, nothingToWrite } from '../writing/arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import { bytesOf, type NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

/** A named array to write: anything with a shape and typed data. `dtype` tells booleans from bytes. */
export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: NumericData;
  readonly dtype?: DType;
}

// The format's names of types, and the arrays that hold them as they stand in a file.
const codes = {
  bool: { code: 'BOOL', type: Uint8Array },
  uint8: { code: 'U8', type: Uint8Array },
  int8: { code: 'I8', type: Int8Array },
  uint16: { code: 'U16', type: Uint16Array },
  int16: { code: 'I16', type: Int16Array },
  uint32: { code: 'U32', type: Uint32Array },
  int32: { code: 'I32', type: Int32Array },
  uint64: { code: 'U64', type: BigUint64Array },
  int64: { code: 'I64', type: BigInt64Array },
  float16: { code: 'F16', type: Uint16Array },
  bfloat16: { code: 'BF16', type: Uint16Array },
  float32: { code: 'F32', type: Float32Array },
  float64: { code: 'F64', type: Float64Array },
} as const;

export type WritableDType = keyof typeof codes;

/** A named array to write whose data come in pieces, in row-major order; it need never be in memory as a whole. */
export interface SafeTensorPieces {
  readonly shape: readonly number[];
  readonly dtype: WritableDType;
  /** Each of the array type of `dtype`; asked for once, and used before the next is asked for. */
  readonly pieces: AsyncIterable<NumericData> | Iterable<NumericData>;
}

type Metadata = Readonly<Record<string, string>>;

/** The bytes of a safetensors file: widest types first, then by name, so that every tensor is aligned. */
export function writeSafetensors(tensors: Readonly<Record<string, SafeTensor>>, metadata: Metadata = {}): Uint8Array {
  const described = describedFrom(tensors);
  const { bytes, tensors: views } = safetensorsToFill(described, metadata, (length) => new ArrayBuffer(length));
  for (const { name, data } of described) views.get(name)!.set(bytesOf(data));
  return bytes;
}

/** The bytes of `writeSafetensors` one after the other: the header, then each tensor's own memory, which is not copied. */
export function safetensorsPieces(
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Metadata = {},
): readonly Uint8Array[] {
  const { header, sorted } = layOut(describedFrom(tensors), metadata);
  return [header, ...sorted.map(({ data }) => bytesOf(data))];
}

const describedFrom = (
  tensors: Readonly<Record<string, SafeTensor>>,
): readonly (Described & { readonly data: NumericData })[] =>
  Object.entries(tensors).map(([name, { shape, data, dtype }]) => {
    if (countOf(shape) !== data.length) throw wrongSize(name, shape, data.length);
    return { name, shape, data, dtype: dtype === 'bool' ? dtype : dtypeOf(data) };
  });

/**
 * The bytes of a safetensors file, and of its tensors in them, which are to be filled: in the memory that `room` gives for so
 * many bytes or more, with whatever it holds.
 */
export function safetensorsToFill<Memory extends ArrayBufferLike>(
  described: readonly Described[],
  metadata: Metadata,
  room: (length: number) => Memory,
): { readonly bytes: Uint8Array<Memory>; readonly tensors: ReadonlyMap<string, Uint8Array<Memory>> } {
  const { header, sorted, size } = layOut(described, metadata);
  const length = header.length + size;
  const bytes = new Uint8Array(room(length), 0, length);
  bytes.set(header);
  let offset = header.length;
  const tensors = sorted.map(({ name, shape, dtype }) => {
    const begin = offset;
    offset += countOf(shape) * codes[dtype].type.BYTES_PER_ELEMENT;
    return [name, new Uint8Array(bytes.buffer, begin, offset - begin)] as const;
  });
  return { bytes, tensors: new Map(tensors) };
}

/**
 * Writes a safetensors file piece by piece, under another name until all of it is on the disk: a file by the name
 * `file` is whole. What is not as `tensors` announces is a RangeError or TypeError, and leaves no file behind. Returns
 * the bytes written.
 */
export function writeSafetensorsFile(
  file: string,
  tensors: Readonly<Record<string, SafeTensorPieces>>,
  metadata: Metadata = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const { header, sorted } = layOut(
    Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor })),
    metadata,
  );
  return writeWholeFile(
    file,
    async (output) => {
      await output.write(header);
      for (const { name, shape, dtype, pieces } of sorted) {
        let count = 0;
        for await (const piece of pieces) {
          count += piece.length;
          if (!(piece instanceof codes[dtype].type))
            throw new TypeError(`Tensor "${name}" is announced as ${dtype}, and a piece is ${piece.constructor.name}.`);
          if (count > countOf(shape)) throw wrongSize(name, shape, count);
          await output.write(bytesOf(piece));
        }
        if (count !== countOf(shape)) throw wrongSize(name, shape, count);
      }
      return output.position;
    },
    { signal },
  );
}

const supported: SupportedTypes = { format: '.safetensors', dtypes: new Set(Object.keys(codes) as WritableDType[]) };

const isWritable = (dtype: NumericDType): dtype is WritableDType => Object.hasOwn(codes, dtype);

/** The numbers of a value, with names such as `train/text`; the format has no texts. */
export async function writeAsSafetensors(request: WriteRequest): Promise<WriteResult> {
  const { file, value, signal, metadata } = request;
  const { arrays, leftOut } = namedArrays(value, file);
  const tensors: [string, SafeTensorPieces][] = [];
  const texts: string[] = [];
  for (const [name, array] of arrays) {
    if (name === '__metadata__') throw new FormatError(file, `cannot hold an array by the name ${quoted(name)}.`);
    if (array.kind === 'texts') {
      texts.push(name);
      continue;
    }
    const { shape, dtype, pieces } = encoded(name, array, supported, request);
    if (isWritable(dtype)) tensors.push([name, { shape, dtype, pieces }]);
  }
  if (tensors.length === 0 && arrays.size > 0) throw nothingToWrite(file, texts);
  const bytes = await writeSafetensorsFile(file, Object.fromEntries(tensors), metadata, { signal });
  return { format: 'safetensors', arrays: tensors.length, bytes, leftOut: [...leftOut, ...texts], keptMetadata: true };
}

interface Described {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WritableDType;
}

/** The header, padded so that what follows is aligned, and the tensors in the order in which they follow. */
function layOut<T extends Described>(
  tensors: readonly T[],
  metadata: Metadata,
): { readonly header: Uint8Array; readonly sorted: readonly T[]; readonly size: number } {
  const width = ({ dtype }: T): number => codes[dtype].type.BYTES_PER_ELEMENT;
  const sorted = tensors.toSorted((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1));
  let size = 0;
  const entries = sorted.map((tensor): [string, unknown] => {
    const { name, shape, dtype } = tensor;
    const begin = size;
    size += countOf(shape) * width(tensor);
    return [name, { dtype: codes[dtype].code, shape, data_offsets: [begin, size] }];
  });
  const described = Object.keys(metadata).length === 0 ? entries : [['__metadata__', metadata] as const, ...entries];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return { header, sorted, size };
}

function dtypeOf(data: NumericData): WritableDType {
  const [, dtype] = /^(?:Big)?(\w+)Array$/.exec(data.constructor.name)!;
  return dtype!.toLowerCase() as WritableDType;
}

const wrongSize = (name: string, shape: readonly number[], count: number): RangeError =>
  new RangeError(`Tensor "${name}" has shape [${shape.join(',')}] and ${count} elements, not ${countOf(shape)}.`);
