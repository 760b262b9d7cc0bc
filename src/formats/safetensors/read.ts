import { NdArray, sizeOf } from '../bytes/array.ts';
import { Cursor } from '../bytes/cursor.ts';
import { FormatError, quoted, reading } from '../../files/error.ts';
import { isTree, type Tree } from '../../json/tree.ts';
import { inMemory } from '../bytes/in-memory.ts';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { BytesSource } from '../bytes/source.ts';
import { type Source, StoredBytes, StoredNumbers } from '../bytes/stored.ts';

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

/** A safetensors file: the header is read now, a tensor in place when it is asked for. */
export const openSafetensors = (file: string): Promise<OpenedFile> =>
  openWith(file, 'safetensors', (source) => {
    const { tensors, metadata } = readSafetensorsFrom(source);
    return { value: tensors, metadata };
  });

/** Tensors by name, in the order of their bytes. Narrow floats arrive as float32. */
export function readSafetensors(bytes: Uint8Array, { file }: { readonly file: string }): SafeTensors {
  const { tensors, metadata } = readSafetensorsFrom(new BytesSource(bytes, file));
  return { tensors: Object.fromEntries(inMemory(tensors, file)), metadata };
}

/** As `readSafetensors`, of a file that must stay open while its tensors are read. */
function readSafetensorsFrom(source: Source): {
  readonly tensors: ReadonlyMap<string, NdArray>;
  readonly metadata: Record<string, string>;
} {
  const { file, size } = source;
  return reading(file, () => {
    const input = new Cursor(source, file, { window: 8 });
    const length = size < 8 ? longestHeader + 1 : input.uint64();
    if (length > Math.min(longestHeader, size - 8))
      throw new FormatError(file, 'is no safetensors file, or is truncated; copy it again.');
    const header = parseHeader(input.utf8(length), file);
    const start = 8 + length;
    const { __metadata__: metadata = {}, ...entries } = header;
    if (!isTree(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
      throw new FormatError(file, 'has metadata other than text; write it again.');
    const described = Object.entries(entries)
      .map(([name, entry]) => ({ name, ...parseEntry(name, entry, file) }))
      .sort((a, b) => a.begin - b.begin || a.end - b.end);
    let covered = 0;
    for (const { name, begin, end } of described) {
      if (begin !== covered) throw new FormatError(file, `has a gap or an overlap before tensor ${quoted(name)}.`);
      covered = end;
    }
    if (covered !== size - start)
      throw new FormatError(file, `describes ${covered} bytes of tensors and holds ${size - start}; copy it again.`);
    const tensors = described.map(({ name, shape, dtype, begin, end }): [string, NdArray] => {
      const run = new StoredBytes(source, start + begin, end - begin);
      return [name, new NdArray(shape, dtype, new StoredNumbers(run, dtype))];
    });
    return { tensors: new Map(tensors), metadata: metadata as Record<string, string> };
  });
}

function parseHeader(text: string, file: string): Tree {
  try {
    const header: unknown = JSON.parse(text);
    if (isTree(header)) return header;
  } catch {
    // The error is thrown below, together with that of JSON that is no object.
  }
  throw new FormatError(file, 'is no safetensors file: its header is no JSON object.', { offset: 8 });
}

function parseEntry(
  name: string,
  entry: unknown,
  file: string,
): { dtype: NumericDType; shape: readonly number[]; begin: number; end: number } {
  const { dtype: code, shape, data_offsets: offsets } = isTree(entry) ? entry : {};
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
