import { namedArrays } from '../writing/arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import { npy } from './write-npy.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';
import { ZipWriter } from '../zip/write.ts';

/** The arrays of a value, as `numpy.savez` writes them: uncompressed, so that they are read in place. */
export function writeNpz(request: WriteRequest): Promise<WriteResult> {
  const { file, value, signal } = request;
  return writeWholeFile(
    file,
    async (output) => {
      const { arrays, leftOut } = namedArrays(value, file);
      const zip = new ZipWriter(output);
      for (const [name, array] of arrays) {
        if (/^[/\\]|^[a-z]:|\0/iu.test(name) || name.split(/[/\\]/u).includes('..') || name.endsWith('.npy'))
          throw new FormatError(file, `cannot hold an array by the name ${quoted(name)}; rename it.`);
        const { header, length, bytes } = npy(name, array, request);
        await zip.add({ path: `${name}.npy`, size: header.length + length, bytes: joined(header, bytes) });
      }
      await zip.end();
      return { format: 'NumPy archive', arrays: arrays.size, bytes: output.position, leftOut };
    },
    { signal },
  );
}

async function* joined(header: Uint8Array, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield header;
  yield* bytes;
}
