/** Reads whole files, which may be anything that a path can stand for. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { FormatError } from './error.ts';

/** Far longer than any text that is written by hand, and than any record of a run, in bytes. */
export const longestText = 16 * 2 ** 20;

/** A file's bytes, of one that is not longer than `most`. Throws a FormatError for one that cannot be read, and for a folder, a pipe or a device. */
export function readBytes(file: string, { most = Infinity }: { readonly most?: number } = {}): Buffer {
  return readingFile(file, () => {
    const found = statSync(file);
    // A pipe would be waited for, and a device may have no end.
    if (!found.isFile() && !found.isDirectory()) throw new FormatError(file, 'is no regular file; save it as one.');
    if (found.size > most)
      throw new FormatError(file, `has ${sizeText(found.size)}, where up to ${sizeText(most)} are read.`);
    return readFileSync(file);
  });
}

/** A number of bytes as people say it, in MiB. */
export const sizeText = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** The text of a file or a pipe, as `<(…)` of a shell gives it; throws a FormatError as soon as it is over 16 MiB. */
export function readText(file: string): string {
  return readingFile(file, () => {
    const handle = openSync(file, 'r');
    try {
      const chunks: Buffer[] = [];
      for (let total = 0; total <= longestText;) {
        const chunk = Buffer.alloc(65_536);
        const count = readSync(handle, chunk);
        if (count === 0) return Buffer.concat(chunks).toString('utf8');
        chunks.push(chunk.subarray(0, count));
        total += count;
      }
      throw new FormatError(file, 'is longer than 16 MiB, which no text of settings is; name another file.');
    } finally {
      closeSync(handle);
    }
  });
}

function readingFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new FormatError(
      file,
      code === 'ENOENT' ? 'there is no such file.' : `cannot be read (${code ?? String(error)}).`,
      { cause: error },
    );
  }
}
