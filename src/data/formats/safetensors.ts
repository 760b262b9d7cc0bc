import { type DType, NdArray, type NumericData, sizeOf } from './array.ts';
import { Cursor } from './cursor.ts';
import { FormatError, quoted, reading } from './error.ts';
import { bytesPerElement, decodeNumbers, type NumericDType } from './numbers.ts';

/** A named array to write: anything with a shape and typed data. `dtype` tells booleans from bytes. */
export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: NumericData;
  readonly dtype?: DType;
}

export interface SafeTensors {
  readonly tensors: Record<string, NdArray>;
  readonly metadata: Record<string, string>;
}

const dtypes: Readonly<Record<string, NumericDType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
};

// The format's own limit, which keeps a damaged length from being read as a header.
const longestHeader = 100_000_000;

/** Tensors by name, in the order of their bytes. Narrow floats arrive as float32. */
export function readSafetensors(bytes: Uint8Array, { file }: { readonly file: string }): SafeTensors {
  return reading(file, () => {
    const input = new Cursor(bytes, file);
    const length = bytes.length < 8 ? longestHeader + 1 : input.uint64();
    if (length > Math.min(longestHeader, bytes.length - 8))
      throw new FormatError(file, 'is no safetensors file, or is truncated; copy it again.');
    const header = parseHeader(input.utf8(length), file);
    const body = bytes.subarray(8 + length);
    const { __metadata__: metadata = {}, ...entries } = header;
    if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
      throw new FormatError(file, 'has metadata other than text; write it again.');
    const tensors = Object.entries(entries)
      .map(([name, entry]) => ({ name, ...parseEntry(name, entry, file) }))
      .sort((a, b) => a.begin - b.begin || a.end - b.end);
    let covered = 0;
    for (const { name, begin, end } of tensors) {
      if (begin !== covered) throw new FormatError(file, `has a gap or an overlap before tensor ${quoted(name)}.`);
      covered = end;
    }
    if (covered !== body.length)
      throw new FormatError(file, `describes ${covered} bytes of tensors and holds ${body.length}; copy it again.`);
    return {
      tensors: Object.fromEntries(
        tensors.map(({ name, shape, dtype, begin, end }) => [
          name,
          new NdArray(shape, dtype, decodeNumbers(dtype, body.subarray(begin, end))),
        ]),
      ),
      metadata: metadata as Record<string, string>,
    };
  });
}

/** The bytes of a safetensors file: widest types first, then by name, so that every tensor is aligned. */
export function writeSafetensors(
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, tensor, width: tensor.data.BYTES_PER_ELEMENT }))
    .sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));
  let end = 0;
  const entries = sorted.map(({ name, tensor: { shape, data, dtype } }): [string, unknown] => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (size !== data.length)
      throw new RangeError(`Tensor "${name}" has shape [${shape.join(',')}] and ${data.length} elements, not ${size}.`);
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: codeOf(data, dtype), shape, data_offsets: [begin, end] }];
  });
  const described = Object.keys(metadata).length === 0 ? entries : [['__metadata__', metadata] as const, ...entries];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + headerLength + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.fill(0x20, 8, 8 + headerLength);
  out.set(text, 8);
  let offset = 8 + headerLength;
  for (const { data } of sorted.map(({ tensor }) => tensor)) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return out;
}

function codeOf(data: NumericData, dtype: DType | undefined): string {
  if (dtype === 'bool') return 'BOOL';
  const [kind, bits] = /^(?:Big)?(Int|Uint|Float)(\d+)/.exec(data.constructor.name)!.slice(1);
  return `${kind!.charAt(0)}${bits!}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseHeader(text: string, file: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (isRecord(header)) return header;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new FormatError(file, 'is no safetensors file: its header is no JSON object.', { offset: 8 });
}

function parseEntry(
  name: string,
  entry: unknown,
  file: string,
): { dtype: NumericDType; shape: readonly number[]; begin: number; end: number } {
  const { dtype: code, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof code !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets))
    throw new FormatError(file, `does not describe tensor ${quoted(name)} by dtype, shape and data_offsets.`);
  if (!Object.hasOwn(dtypes, code))
    throw new FormatError(file, `holds tensor ${quoted(name)} of type ${quoted(code)}, which is not read.`);
  const dtype = dtypes[code]!;
  const [begin, end] = offsets as number[];
  const bytes = sizeOf(shape as number[], file) * bytesPerElement(dtype);
  if (!Number.isSafeInteger(begin) || end! - begin! !== bytes)
    throw new FormatError(file, `gives tensor ${quoted(name)} of shape [${shape.join(',')}] not ${bytes} bytes.`);
  return { dtype, shape: shape as number[], begin: begin!, end: end! };
}
