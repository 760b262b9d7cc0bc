import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from './error.ts';
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

const unreadable = (file: string, error: unknown): FormatError =>
  new FormatError(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`, {
    cause: error,
  });
