import type { NdArray } from './array.ts';
import { FormatError } from './error.ts';
import { readNpy } from './npy.ts';
import { readZip } from './zip.ts';

/** The arrays of `numpy.savez` or `numpy.savez_compressed`, by name, in file order. */
export function readNpz(bytes: Uint8Array, { file }: { readonly file: string }): Record<string, NdArray> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    throw new FormatError(file, 'is no zip archive; write it with numpy.savez.');
  return Object.fromEntries(
    [...readZip(bytes, { file })].map(([path, content]) => [
      path.replace(/\.npy$/, ''),
      readNpy(content, { file: `${file}:${path}` }),
    ]),
  );
}
