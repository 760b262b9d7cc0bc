import { extname } from 'node:path';
import type { WriteRequest } from './writing/arrays.ts';
import type { Written } from './writing/written.ts';
import { splitOf } from './split-names.ts';
import { writeDelimited } from './delimited/write.ts';
import { FormatError } from '../files/error.ts';
import { writeHdf5 } from './hdf5/write.ts';
import { writeNpy } from './numpy/npy-write.ts';
import { writeNpz } from './numpy/npz-write.ts';
import { writePickle } from './pickle/write.ts';
import { writeAsSafetensors } from './safetensors/write.ts';
import { writeTorch } from './torch/write.ts';

export type { Written } from './writing/written.ts';
export { type FloatType, floatTypes } from './writing/numbers.ts';

export type WriteOptions = Pick<WriteRequest, 'dtype' | 'signal' | 'metadata'>;

const writers: Readonly<Record<string, (request: WriteRequest) => Promise<Written>>> = {
  '.npz': writeNpz,
  '.npy': writeNpy,
  '.safetensors': writeAsSafetensors,
  '.pkl': (request) => writePickle({ ...request, value: nested(request.value) }),
  '.pickle': (request) => writePickle({ ...request, value: nested(request.value) }),
  '.h5': writeHdf5,
  '.hdf5': writeHdf5,
  // Its library is loaded where it is needed: it is large.
  '.parquet': async (request) => (await import('./parquet/write.ts')).writeParquet(request),
  '.csv': writeDelimited,
  '.tsv': writeDelimited,
  '.jsonl': writeDelimited,
  '.ndjson': writeDelimited,
  '.pt': (request) => writeTorch({ ...request, value: nested(request.value) }),
  '.pth': (request) => writeTorch({ ...request, value: nested(request.value) }),
};

/** The endings of the names of files that are written. */
export const writableEndings: readonly string[] = Object.keys(writers);

/**
 * Writes what a file holds (`OpenedFile.value`) in the format that the ending of `file` names, as a whole or not at all.
 * Arrays that are still in a file pass through in pieces. What a format has no place for is an error that names it, but
 * for texts and other plain values, which are left out and named in the result.
 */
export async function writeFile(file: string, value: unknown, options: WriteOptions = {}): Promise<Written> {
  const write = writers[extname(file).toLowerCase()];
  if (write === undefined)
    throw new FormatError(file, `has no ending that tells its format; name it ${writableEndings.join(', ')}.`);
  return write({ file, value, ...options });
}

/** Names such as `train/text` as a dict of splits, where the format nests. */
function nested(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const result = new Map<unknown, unknown>();
  const tables = new Map<string, Map<string, unknown>>();
  for (const [key, inner] of value as Map<unknown, unknown>) {
    const [, split, name] = (typeof key === 'string' && /^([^/]+)\/(.+)$/s.exec(key)) || [];
    if (split === undefined || splitOf(split) === undefined || value.has(split)) {
      result.set(key, inner);
      continue;
    }
    const table = tables.get(split) ?? new Map<string, unknown>();
    tables.set(split, table.set(name!, inner));
    result.set(split, table);
  }
  return tables.size === 0 ? value : result;
}
