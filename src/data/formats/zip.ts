import { unzipSync } from 'fflate';
import { FormatError, reading } from './error.ts';

/** Deflate cannot do better than 1032:1, and one archive of ours never unpacks to more than this. */
const bestRatio = 1032;
const largestTotal = 2 ** 32;

/** The files in a zip archive, by path. Zip64 sizes, as NumPy 2 writes them, are understood. */
export function readZip(bytes: Uint8Array, { file }: { readonly file: string }): ReadonlyMap<string, Uint8Array> {
  return reading(file, () => {
    let total = 0;
    const entries = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        total += originalSize;
        if (originalSize > bestRatio * (size + 1) || size > bytes.length || total > largestTotal)
          throw new FormatError(file, `announces ${originalSize} bytes for ${name}; the archive is damaged.`);
        return true;
      },
    });
    return new Map(Object.entries(entries));
  });
}
