/** Writing at once, by the system's own calls: what is written is written when the function returns. */

import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** The content of a file: text, bytes, or bytes one piece after the other. */
export type Content = string | Uint8Array | readonly Uint8Array[];

/** Opens a file, writes `data` to it and closes it; with `sync`, once all of it is on the disk. */
export function writeTo(path: string, flag: 'w' | 'a', data: Content, { sync = false } = {}): void {
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
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  const before = fstatSync(descriptor);
  try {
    for (let written = 0; written < bytes.length;)
      written += writeSync(descriptor, bytes, written, Math.min(bytes.length - written, longestWrite));
  } catch (error) {
    if (before.isFile()) ftruncateSync(descriptor, before.size);
    throw error;
  }
}

/** Bytes that are written by one call: the operating systems take no more than 2 GiB less a page. */
export const longestWrite = 2 ** 30;

/** Makes a rename, or a new file, durable. Windows cannot open a folder and needs no such call. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
