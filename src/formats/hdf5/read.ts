import { countOf, NdArray, type NumericData, sizeOf } from '../bytes/array.ts';
import { pieceLength, slabs } from './slabs.ts';
import type { Hdf5Dataset } from './types.ts';
import type { Hdf5Group, Hdf5Service } from './worker.ts';
import { decodeNumbers, emptyNumbers, isPlain, type NumericDType, toLittleEndian } from '../bytes/numbers.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import { PiecewiseElements } from '../bytes/piecewise.ts';
import { Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';

/**
 * HDF5, computational sequences of the CMU-MultimodalSDK (`.csd`) included: groups as Maps, datasets as arrays that are
 * read when they are asked for. Links to other files are never followed. What is not read (compound values, references)
 * is left out and listed as `skipped` in the metadata, beside the attributes of the root.
 */
export async function openHdf5(file: string, options: SandboxOptions = {}): Promise<OpenedFile> {
  const sandbox = startHdf5(file, options);
  try {
    return { ...(await openInSandbox(sandbox, file)), file, close: () => sandbox.close() };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

export type Hdf5Sandbox = Sandbox<Hdf5Service>;

/** A reader, which takes longer to start than to open a file. */
export const startHdf5 = (file: string, options: SandboxOptions = {}): Hdf5Sandbox =>
  new Sandbox(new URL('./worker.ts', import.meta.url), file, options);

/** Opens a file, and closes the one before. */
export async function openInSandbox(
  sandbox: Hdf5Sandbox,
  file: string,
): Promise<Pick<OpenedFile, 'format' | 'value' | 'metadata'>> {
  const { root, attributes, skipped } = await sandbox.call('open', file);
  const metadata = skipped.length === 0 ? attributes : { ...attributes, skipped: shortList(skipped) };
  return { format: 'HDF5', value: groupOf(sandbox, root), metadata };
}

type Arrays = Map<string, Arrays | NdArray>;

// A group of several names is one Map under each.
function groupOf(sandbox: Hdf5Sandbox, group: Hdf5Group, known = new Map<Hdf5Group, Arrays>()): Arrays {
  const arrays: Arrays = new Map();
  known.set(group, arrays);
  for (const [name, child] of group)
    arrays.set(
      name,
      child instanceof Map ? (known.get(child) ?? groupOf(sandbox, child, known)) : arrayOf(sandbox, child),
    );
  return arrays;
}

const targetBytes = 2 ** 22;

function arrayOf(sandbox: Hdf5Sandbox, dataset: Hdf5Dataset): NdArray {
  const { path, shape, dtype, bytesPerElement, bigEndian, chunks } = dataset;
  const length = sizeOf(shape, sandbox.file);
  const step = pieceLength(shape, chunks, targetBytes / bytesPerElement);
  if (dtype === 'string') return textsOf(sandbox, dataset, length, Math.min(step, 100_000));
  const requests = (from: number, count: number): [string, number, ReturnType<typeof slabs>[number]][] =>
    slabs(shape, from, count).map((slab) => [path, bytesPerElement * countOf(slab.count), slab]);
  const decode = (parts: readonly Uint8Array<ArrayBuffer>[]): NumericData => joined(dtype, parts, bigEndian);
  return new NdArray(
    shape,
    dtype,
    new PiecewiseElements({
      file: sandbox.file,
      dtype,
      length,
      step,
      read: async (from, count) =>
        decode(await Promise.all(requests(from, count).map((request) => sandbox.call('bytes', ...request)))),
      readNow: (from, count) => decode(requests(from, count).map((request) => sandbox.callNow('bytes', ...request))),
    }),
  );
}

/** Whatever the order in the file, the library gives little-endian numbers, except for enumerations. */
function joined(dtype: NumericDType, parts: readonly Uint8Array<ArrayBuffer>[], bigEndian: boolean): NumericData {
  const bytes = parts.length === 1 ? parts[0]! : concatenated(parts);
  toLittleEndian(dtype, bytes, { bigEndian });
  return isPlain(dtype) ? emptyNumbers(dtype, 0, () => bytes.buffer) : decodeNumbers(dtype, bytes);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

/** Texts are read the first time they are looked at. */
function textsOf(sandbox: Hdf5Sandbox, dataset: Hdf5Dataset, length: number, step: number): NdArray {
  const array = new NdArray(dataset.shape, 'string', []);
  let texts: string[] | undefined;
  const read = (): string[] => {
    const all: string[] = [];
    for (let from = 0; from < length; from += step)
      for (const slab of slabs(dataset.shape, from, Math.min(step, length - from)))
        for (const text of sandbox.callNow('texts', dataset, slab)) all.push(text);
    return all;
  };
  Object.defineProperty(array, 'elements', { get: () => (texts ??= read()), enumerable: true });
  return array;
}

function shortList(items: readonly string[]): string {
  const most = 20;
  const rest = items.length - most;
  return items.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
