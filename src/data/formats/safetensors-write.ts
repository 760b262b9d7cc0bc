import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { countOf, type DType, type NumericData } from './array.ts';
import { bytesOf } from './numbers.ts';

/** A named array to write: anything with a shape and typed data. `dtype` tells booleans from bytes. */
export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: NumericData;
  readonly dtype?: DType;
}

// The format's names of the types that JavaScript has arrays of.
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
  const described = Object.entries(tensors).map(([name, { shape, data, dtype }]) => {
    if (countOf(shape) !== data.length) throw wrongSize(name, shape, data.length);
    return { name, shape, data, dtype: dtype === 'bool' ? dtype : dtypeOf(data) };
  });
  const { header, sorted, size } = layOut(described, metadata);
  const out = new Uint8Array(header.length + size);
  out.set(header);
  let offset = header.length;
  for (const { data } of sorted) {
    out.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return out;
}

/**
 * Writes a safetensors file piece by piece, under another name until all of it is on the disk: a file by the name
 * `file` is whole. What is not as `tensors` announces is a RangeError or TypeError, and leaves no file behind.
 */
export async function writeSafetensorsFile(
  file: string,
  tensors: Readonly<Record<string, SafeTensorPieces>>,
  metadata: Metadata = {},
): Promise<void> {
  const { header, sorted } = layOut(
    Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor })),
    metadata,
  );
  const unfinished = `${file}.${process.pid}.tmp`;
  const handle = await open(unfinished, 'w');
  try {
    await writeAll(handle, header);
    for (const { name, shape, dtype, pieces } of sorted) {
      let count = 0;
      for await (const piece of pieces) {
        count += piece.length;
        if (!(piece instanceof codes[dtype].type))
          throw new TypeError(`Tensor "${name}" is announced as ${dtype}, and a piece is ${piece.constructor.name}.`);
        if (count > countOf(shape)) throw wrongSize(name, shape, count);
        await writeAll(handle, bytesOf(piece));
      }
      if (count !== countOf(shape)) throw wrongSize(name, shape, count);
    }
    await handle.sync();
    await handle.close();
    await rename(unfinished, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
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

async function writeAll(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
}

/** A renamed file is there after a power cut only if its folder is on the disk, where folders can be synced at all. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
