import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFailures } from '../files/atomic.ts';

/** What a file is to hold: text, bytes, or bytes one piece after the other. */
type Content = string | Uint8Array | readonly Uint8Array[];

/**
 * Replaces the file as a whole: a reader, or a crash at any instant, finds the old content or the new, never a part.
 * Whatever fails, nothing half-written stays behind. One process at a time may write to a path. With `keep`, what the
 * file held goes there, in the same folder, once the new content is on the disk; between the two a crash leaves no file
 * but the one kept.
 */
export function writeFileAtomic(path: string, data: Content, { keep }: { readonly keep?: string } = {}): void {
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
      if (keep !== undefined && existing !== undefined) renameSync(target, keep);
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

function writeTo(path: string, flag: 'w' | 'a', data: Content, { sync = false } = {}): void {
  const descriptor = openSync(path, flag);
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (const piece of bytes instanceof Uint8Array ? [bytes] : joined(bytes)) writeWhole(descriptor, piece);
    // Without this, a power cut after the rename can leave the new name on an empty file, or lose a line.
    if (sync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Small pieces put together, so that a call to the system is worth its while; large ones as they are. */
function* joined(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    if (size > 0 && size + piece.length > 2 ** 20) {
      yield Buffer.concat(small);
      [small, size] = [[], 0];
    }
    small.push(piece);
    size += piece.length;
  }
  if (size > 0) yield small.length === 1 ? small[0]! : Buffer.concat(small);
}

/** One write where the system takes it whole. On failure a regular file is cut back to the size it had. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  const before = fstatSync(descriptor);
  try {
    for (let written = 0; written < bytes.length;)
      written += writeSync(descriptor, bytes, written, Math.min(bytes.length - written, longestWrite));
  } catch (error) {
    if (before.isFile()) ftruncateSync(descriptor, before.size);
    throw error;
  }
}

// The system takes no more than 2 GiB less a page at a time.
const longestWrite = 2 ** 30;

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

/** Runs what writes to `path`; a failure that the system has a code for is told in words. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    const reason = writeFailures[code];
    if (reason === undefined) throw error;
    throw new Error(`Cannot write ${path}: ${reason} (${code}).`, { cause: error });
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
