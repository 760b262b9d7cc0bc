import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces the file as a whole: a reader, or a crash at any instant, finds the old content or the new, never a part.
 * Whatever fails, nothing half-written stays behind. One process at a time may write to a path.
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  // A pipe or terminal (`--out /dev/stdout`) has no content to replace, and renaming over it would destroy it.
  if (existing !== undefined && !existing.isFile() && !existing.isDirectory()) {
    attempt(path, () => writeTo(path, 'w', data));
    return;
  }
  attempt(path, () => {
    // A link is written through: its target is replaced, not the link.
    const target = existing === undefined ? path : realpathSync(path);
    // The name is always the same, so that what a killed process leaves is overwritten by the next.
    const temporary = join(dirname(target), temporaryName(basename(target)));
    try {
      writeTo(temporary, 'w', data, { sync: true });
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(target));
  });
}

const temporaryName = (name: string): string => `.${name}.partial`;

/** Whether a file is what a killed process left of an atomic write. */
export const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.partial');

/** Appends `line` and a newline with one write. A failed append leaves the file as it was. */
export function appendLine(path: string, line: string): void {
  attempt(path, () => writeTo(path, 'a', `${line}\n`, { sync: true }));
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

function writeTo(path: string, flag: 'w' | 'a', data: string | Uint8Array, { sync = false } = {}): void {
  const descriptor = openSync(path, flag);
  try {
    writeWhole(descriptor, typeof data === 'string' ? Buffer.from(data) : data);
    // Without this, a power cut after the rename can leave the new name on an empty file, or lose a line.
    if (sync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** One write where the system takes it whole. On failure a regular file is cut back to the size it had. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  const before = fstatSync(descriptor);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if (before.isFile()) ftruncateSync(descriptor, before.size);
    throw error;
  }
}

/** Makes a rename durable. Windows cannot open a folder and needs no such call. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    const reason = reasons[code];
    if (reason === undefined) throw error;
    throw new Error(`Cannot write ${path}: ${reason} (${code}).`, { cause: error });
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Why a write fails, and what to do, by the system's error code. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose a folder on another disk',
  EDQUOT: 'your disk quota is used up; free some space or choose a folder on another disk',
  EFBIG: 'the file would exceed the size limit; raise it (ulimit -f) or choose another disk',
  EACCES: 'permission denied; choose a folder you may write to',
  EPERM: 'the system does not permit it; choose a folder you may write to',
  EROFS: 'the file system is read-only; choose a folder you may write to',
  ENOENT: 'its folder does not exist; create it first',
  ENOTDIR: 'a part of its path is a file, not a folder; choose another path',
  EISDIR: 'it is a folder; name a file',
  EIO: 'the disk reports an input/output error; check it, or choose another disk',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
};
