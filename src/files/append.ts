/** Files that grow, and the folders that they lie in. */

import { accessSync, constants, existsSync, mkdirSync, openSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncFolder, writeTo, writeWhole } from './descriptor.ts';
import { attempt, codeOf } from './write-error.ts';

/**
 * Makes a folder and those above it, such that a power cut does not take them back. Not by the `recursive` of Node's mkdir,
 * which never ends where the system makes no folder in one that is there, as in /proc.
 */
export function makeFolder(path: string): void {
  made(path);
}

/** Makes a folder, and returns those that were not there, the outermost first. */
const made = (path: string): readonly string[] =>
  attempt(path, () => {
    const missing = missingTo(resolve(path));
    for (const folder of missing) makeIn(dirname(folder), folder);
    return missing;
  });

/** Throws the error of a folder that cannot be made, or written to: makes it, with those above, and takes them away again. */
export function checkFolder(path: string): void {
  const missing = made(path);
  attempt(path, () => {
    accessSync(path, constants.W_OK);
  });
  for (const folder of missing.toReversed())
    try {
      rmdirSync(folder);
    } catch {
      // Another process has put something there meanwhile.
    }
}

/** The folders of a path that are not there, the outermost first. */
const missingTo = (folder: string): readonly string[] =>
  isFolder(folder) || folder === dirname(folder) ? [] : [...missingTo(dirname(folder)), folder];

function makeIn(parent: string, folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (codeOf(error) === 'EEXIST' && isFolder(folder)) return;
    if (codeOf(error) === 'ENOENT' && isFolder(parent))
      throw new Error(`Cannot make ${folder}: the system lets nobody make folders in ${parent}; choose another.`, {
        cause: error,
      });
    throw error;
  }
  syncFolder(parent);
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

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
