import type { NdArray } from '../bytes/array.ts';
import { FormatError, reading } from '../../files/error.ts';
import { inMemory } from '../bytes/in-memory.ts';
import { readNpyFrom } from './read-npy.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { BytesSource } from '../bytes/source.ts';
import type { Source } from '../bytes/stored.ts';
import { readZip, startsAsZip } from '../zip/read.ts';

/**
 * The arrays of `numpy.savez`, which are read in place, at any number; or of `numpy.savez_compressed`, which are inflated
 * from their beginning to what is asked for.
 */
export const openNpz = (file: string): Promise<OpenedFile> =>
  openWith(file, 'NumPy archive', (source) => ({ value: readNpzFrom(source) }));

/** The arrays of `numpy.savez` or `numpy.savez_compressed`, by name, in file order. */
export const readNpz = (bytes: Uint8Array, { file }: { readonly file: string }): Record<string, NdArray> =>
  Object.fromEntries(inMemory(readNpzFrom(new BytesSource(bytes, file)), file));

/** As `readNpz`, of a file that must stay open while its numbers are read. */
const readNpzFrom = (source: Source): ReadonlyMap<string, NdArray> =>
  reading(source.file, () => {
    const start = new Uint8Array(Math.min(4, source.size));
    source.readNow(start, 0);
    if (!startsAsZip(start)) throw new FormatError(source.file, 'is no zip archive; write it with numpy.savez.');
    const arrays = new Map<string, NdArray>();
    for (const [path, content] of readZip(source)) {
      const name = path.replace(/\.npy$/, '');
      if (arrays.has(name)) throw new FormatError(content.file, 'is there twice by that name; write it again.');
      arrays.set(name, readNpyFrom(content));
    }
    return arrays;
  });
