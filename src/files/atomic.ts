/**
 * Files and folders that are there as a whole or not at all: a reader, or a crash at any instant, finds the old content
 * or the new, never a part. They are made under a temporary name in the same folder, sent to the disk, and renamed.
 */

import { renameSync, realpathSync, rmSync, statSync, type Stats } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from './append.ts';
import { type Content, syncFolder, writeTo } from './descriptor.ts';
import { FormatError } from './error.ts';
import { FileOutput } from './output.ts';
import { attempt, writing } from './write-error.ts';

/** The temporary name is always the same, so that the next writer overwrites what a killed process left. */
const temporaryOf = (target: string): string => join(dirname(target), `.${basename(target)}.partial`);

/** Whether a file is what a killed process left of an atomic write. */
export const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.partial');

/** Gives what is whole and on the disk its name, such that a power cut does not take it back. */
function commit(temporary: string, target: string): void {
  renameSync(temporary, target);
  syncFolder(dirname(target));
}

/** The path that is written, and what is there: a link is written through, so that its target is replaced, not the link. */
const targetOf = (path: string): { readonly target: string; readonly existing: Stats | undefined } => ({
  target: known(() => realpathSync(path)) ?? path,
  existing: known(() => statSync(path)),
});

/** Whatever keeps a path from being looked at will keep it from being written, and is told then. */
function known<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file by content that is at hand, before anything else is done. Whatever fails, nothing half-written stays
 * behind. One process at a time may write to a path. With `keep`, what the file held goes there, in the same folder,
 * once the new content is on the disk; between the two a crash leaves no file but the one kept. With `durable: false` the disk
 * is not waited for: a power cut may leave the old content, or none.
 */
export function writeFileAtomic(
  path: string,
  data: Content,
  { keep, durable = true }: { readonly keep?: string; readonly durable?: boolean } = {},
): void {
  const { target, existing } = targetOf(path);
  // A pipe or terminal (`--out /dev/stdout`) has no content to replace, and renaming over it would destroy it.
  if (existing !== undefined && !existing.isFile() && !existing.isDirectory()) {
    attempt(path, () => writeTo(path, 'w', data));
    return;
  }
  attempt(path, () => {
    const temporary = temporaryOf(target);
    try {
      writeTo(temporary, 'w', data, { sync: durable });
      if (keep !== undefined && existing !== undefined) renameSync(target, keep);
      if (durable) commit(temporary, target);
      else renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/**
 * Has `write` fill a file with content that is made while it is written, and other work goes on; whatever fails leaves
 * the file of before. Returns what `write` returns. `signal` ends the writing between two pieces.
 */
export async function writeWholeFile<T>(
  file: string,
  write: (output: FileOutput) => Promise<T>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  return writing(file, async () => {
    const { target, existing } = targetOf(file);
    if (existing !== undefined && !existing.isFile())
      throw new FormatError(file, 'is no file that can be replaced; name another.');
    const temporary = temporaryOf(target);
    const handle = await open(temporary, 'w+');
    try {
      const output = new FileOutput(handle, signal);
      const result = await write(output);
      await output.finish();
      await handle.close();
      commit(temporary, target);
      return result;
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/**
 * Has `fill` fill a new folder, whose temporary path it is given; what it writes there is on the disk when it is done.
 * Whatever fails leaves nothing. Returns what `fill` returns.
 */
export async function writeWholeFolder<T>(folder: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  const target = resolve(folder);
  const temporary = temporaryOf(target);
  await writing(folder, async () => {
    await rm(temporary, { recursive: true, force: true });
    makeFolder(temporary);
  });
  try {
    const result = await fill(temporary);
    commit(temporary, target);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}
