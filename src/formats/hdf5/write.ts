import { countOf } from '../bytes/array.ts';
import { encoded, type TextArray, namedArrays } from '../writing/arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import type { FileOutput } from '../../files/output.ts';
import { slabs } from './slabs.ts';
import type { Hdf5WriteService } from './write-worker.ts';
import { bytesOf, type NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

const types = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'] as const;

const supported: SupportedTypes = { format: 'HDF5', dtypes: new Set<NumericDType>(types) };

/** HDF5: what is nested as groups, arrays as datasets in one piece, texts as UTF-8 of any length. */
export async function writeHdf5(request: WriteRequest): Promise<WriteResult> {
  const { file, signal } = request;
  const sandbox = new Sandbox<Hdf5WriteService>(new URL('./write-worker.ts', import.meta.url), file, {
    seconds: 600,
  });
  try {
    return await writeWholeFile(file, (output) => fill(output, sandbox, request), { signal });
  } finally {
    await sandbox.close();
  }
}

async function fill(
  output: FileOutput,
  sandbox: Sandbox<Hdf5WriteService>,
  request: WriteRequest,
): Promise<WriteResult> {
  const { file, value, signal } = request;
  const { arrays, leftOut } = namedArrays(value, file);
  await sandbox.call('create', output.descriptor);
  const groups = new Set<string>();
  for (const [name, array] of arrays) {
    const steps = name.split('/');
    if (steps.some((step) => step === '' || step === '.' || step.includes('\0')) || groups.has(name))
      throw new FormatError(file, `cannot hold an array by the name ${quoted(name)}; rename it.`);
    for (let length = 1; length < steps.length; length++) {
      const group = steps.slice(0, length).join('/');
      if (arrays.has(group)) throw new FormatError(file, `would hold ${quoted(group)} as an array and as a group.`);
      if (!groups.has(group)) await sandbox.call('group', group);
      groups.add(group);
    }
    if (array.kind === 'texts') {
      await sandbox.call('texts', name, array.shape, checkedTexts(name, array, file));
      continue;
    }
    const { shape, dtype, pieces } = encoded(name, array, supported, request);
    await sandbox.call('dataset', name, shape, dtype);
    if (countOf(shape) === 0) continue;
    let from = 0;
    for await (const piece of pieces)
      // An array that is in memory is one piece, however large.
      for (let at = 0; at < piece.length; at += pieceLength) {
        signal?.throwIfAborted();
        let numbers = piece.subarray(at, at + pieceLength);
        for (const slab of slabs(shape, from, numbers.length)) {
          const count = countOf(slab.count);
          await sandbox.call('put', name, bytesOf(numbers.slice(0, count)), slab);
          numbers = numbers.subarray(count);
          from += count;
        }
      }
  }
  const bytes = await sandbox.call('finish');
  return { format: 'HDF5', arrays: arrays.size, bytes, leftOut };
}

const pieceLength = 2 ** 20;

/** A text ends for HDF5 where a zero is. */
function checkedTexts(name: string, { texts }: TextArray, file: string): readonly string[] {
  const all = texts();
  if (all.some((text) => text.includes('\0')))
    throw new FormatError(file, `cannot hold ${quoted(name)}: a text has a zero in it; .pkl can.`);
  return all;
}
