/** Files that grow, and the folders that they lie in. */

import { existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncFolder, writeTo, writeWhole } from './descriptor.ts';
import { attempt, codeOf } from './write-error.ts';

/** Makes a folder and those above it, such that a power cut does not take them back. */
export function makeFolder(path: string): void {
  attempt(path, () => {
    const first = mkdirSync(path, { recursive: true });
    if (first === undefined) return;
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made))
      syncFolder(dirname(made));
  });
}

/** Appends `line` and a newline with one write. A failed append leaves the file as it was. */
export function appendLine(path: string, line: string): void {
  attempt(path, () => {
    const isNew = !existsSync(path);
    writeTo(path, 'a', `${line}\n`, { sync: true });
    if (isNew) syncFolder(dirname(path));
  });
}

/** Creates a file to append to: its descriptor, or undefined if the name is taken. */
export function openNew(path: string): number | undefined {
  return attempt(path, () => {
    try {
      return openSync(path, 'ax');
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return undefined;
      throw error;
    }
  });
}

/** Appends to an open file, all or nothing; `path` is for the error. */
export function appendBytes(descriptor: number, bytes: Uint8Array, path: string): void {
  attempt(path, () => writeWhole(descriptor, bytes));
}
