import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FormatError } from './error.ts';

/** Takes bytes one after another; it may be asked for more before `write` is done, not before it returned. */
export interface Sink {
  /** Bytes written so far. */
  readonly position: number;
  write(bytes: Uint8Array): Promise<void>;
}

export interface WholeFileOptions {
  /** Ends the writing between two pieces. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has `write` fill a file, under another name until all of it is on the disk: a file by the name `file` is whole, and
 * whatever fails leaves the one of before. Returns what `write` returns.
 */
export async function writeWholeFile<T>(
  file: string,
  write: (output: FileOutput) => Promise<T>,
  { signal }: WholeFileOptions = {},
): Promise<T> {
  return writing(file, async () => {
    // A link is written through: its target is replaced, not the link.
    const target = await realpath(file).catch(() => file);
    if (await isSpecial(target)) throw new FormatError(file, 'is no file that can be replaced; name another.');
    // The name is always the same, so that what a killed process leaves is overwritten by the next.
    const unfinished = join(dirname(target), `.${basename(target)}.partial`);
    const handle = await open(unfinished, 'w+');
    try {
      const output = new FileOutput(handle, signal);
      const result = await write(output);
      await output.finish();
      await handle.close();
      await rename(unfinished, target);
      await syncFolder(dirname(target));
      return result;
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(unfinished, { force: true });
      throw error;
    }
  });
}

const bufferLength = 2 ** 16;
// What waits in the system's memory is sent to the disk while more is made, so that there is less to wait for at the end.
const syncLength = 2 ** 26;

/** A file that is being written. */
export class FileOutput implements Sink {
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;
  /** What is not yet written, of what came in small pieces. */
  readonly #buffer = Buffer.alloc(bufferLength);
  #held = 0;
  #position = 0;
  #unsynced = 0;
  #syncing: Promise<void> | undefined;

  constructor(handle: FileHandle, signal?: AbortSignal) {
    this.#handle = handle;
    this.#signal = signal;
  }

  get position(): number {
    return this.#position;
  }

  /** For a library that writes, and reads again, by itself. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#held + bytes.length > bufferLength) await this.flush();
    if (bytes.length > bufferLength) await this.#writeAt(bytes, this.#position);
    else {
      this.#buffer.set(bytes, this.#held);
      this.#held += bytes.length;
    }
    this.#position += bytes.length;
  }

  /** Writes over bytes that were written before. */
  async replace(bytes: Uint8Array, position: number): Promise<void> {
    await this.flush();
    await this.#writeAt(bytes, position);
  }

  async flush(): Promise<void> {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    await this.#writeAt(this.#buffer.subarray(0, held), this.#position - held);
  }

  /** All of it is on the disk. */
  async finish(): Promise<void> {
    await this.flush();
    await this.#syncing;
    await this.#handle.sync();
  }

  /** Lets the disk begin. */
  #syncSometimes(length: number): void {
    this.#unsynced += length;
    if (this.#unsynced < syncLength || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#handle.datasync().then(() => {
      this.#syncing = undefined;
    });
    // Told at the end.
    this.#syncing.catch(() => undefined);
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    this.#signal?.throwIfAborted();
    for (let done = 0; done < bytes.length;) {
      // The operating systems write at most 2 GiB less a page at a time.
      const count = Math.min(bytes.length - done, 2 ** 30);
      done += (await this.#handle.write(bytes, done, count, position + done)).bytesWritten;
    }
    this.#syncSometimes(bytes.length);
  }
}

async function isSpecial(target: string): Promise<boolean> {
  const found = await stat(target).catch(() => undefined);
  return found !== undefined && !found.isFile();
}

/** A renamed file is there after a power cut only if its folder is on the disk, where folders can be synced at all. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a write fails, and what to do, by the system's error code. */
export const writeFailures: Readonly<Record<string, string>> = {
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

/** Has `action` write to `file`; where that fails, the error says why, and what to do. */
export async function writing<T>(file: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = writeFailures[code];
    if (reason === undefined) throw error;
    throw new FormatError(file, `cannot be written: ${reason} (${code}).`, { cause: error });
  }
}
