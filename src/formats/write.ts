import { extname } from 'node:path';
import { FormatError } from '../files/error.ts';
import { formats, writableEndings } from './formats.ts';
import type { WriteRequest, WriteResult } from './writing/request.ts';

export type WriteOptions = Pick<WriteRequest, 'dtype' | 'signal' | 'metadata'>;

/**
 * Writes a value such as `OpenedFile.value` in the format that the ending of `file` names, as a whole or not at all.
 * Arrays that are still in a file pass through in pieces. What a format has no place for is an error that names it, but
 * for texts and other plain values, which are left out and named in the result.
 */
export async function writeFile(file: string, value: unknown, options: WriteOptions = {}): Promise<WriteResult> {
  const ending = extname(file).toLowerCase();
  const write = formats.find(({ endings }) => endings.includes(ending))?.write;
  if (write === undefined)
    throw new FormatError(file, `has no ending that tells its format; name it ${writableEndings.join(', ')}.`);
  return write({ file, value, ...options });
}
