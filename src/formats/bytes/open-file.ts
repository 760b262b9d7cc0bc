import { readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { FormatError } from '../../files/error.ts';
import type { Source } from './stored.ts';

/** A file that is read at any position, at once or while other work goes on. */
export class OpenFile implements Source {
  readonly file: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle, size: number) {
    this.file = file;
    this.#handle = handle;
    this.size = size;
  }

  static async open(file: string): Promise<OpenFile> {
    try {
      const found = await stat(file);
      if (found.isDirectory()) throw new FormatError(file, 'is a folder; name a file in it.');
      // To open a pipe would wait for whoever writes to it.
      if (!found.isFile()) throw new FormatError(file, 'is no file that can be read at any place; save it as one.');
      const handle = await open(file);
      return new OpenFile(file, handle, (await handle.stat()).size);
    } catch (error) {
      throw unreadable(file, error);
    }
  }

  readNow(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length;) {
      const rest = longestRead(into, done);
      done += this.#some(() => readSync(this.#handle.fd, into, done, rest, position + done), position + done);
    }
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < into.length;) {
      const rest = longestRead(into, done);
      const { bytesRead } = await this.#handle.read(into, done, rest, position + done).catch((error: unknown) => {
        throw unreadable(this.file, error);
      });
      done += this.#some(() => bytesRead, position + done);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Bytes that one read gave: none only where the file has become shorter since it was opened. */
  #some(read: () => number, position: number): number {
    let count: number;
    try {
      count = read();
    } catch (error) {
      throw unreadable(this.file, error);
    }
    if (count === 0)
      throw new FormatError(this.file, 'became shorter while it was read; wait until it is written.', {
        offset: position,
      });
    return count;
  }
}

// The operating systems read at most 2 GiB less a page at a time.
const longestRead = (into: Uint8Array, done: number): number => Math.min(into.length - done, 2 ** 30);

function unreadable(file: string, error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const problem = code === 'ENOENT' ? 'does not exist.' : `cannot be read (${code ?? String(error)}).`;
  return new FormatError(file, problem, { cause: error });
}
