/** Files of a run that have a line of JSON for each thing that happened. */
import { existsSync } from 'node:fs';
import { readBytes } from '../../files/read.ts';

/**
 * What `parse` makes of each line of a file; nothing where there is no file. Throws an Error that names the line for one
 * that `parse` refuses, which `what` says it should have been.
 */
export function recordedLines<T>(file: string, what: string, parse: (value: unknown) => T): readonly T[] {
  if (!existsSync(file)) return [];
  return readBytes(file)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line, n) => {
      try {
        return parse(JSON.parse(line));
      } catch (error) {
        throw new Error(`${file}, line ${n + 1}: this is no ${what} of a run; the file is damaged.`, { cause: error });
      }
    });
}
