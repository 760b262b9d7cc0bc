/** The lines of a file that another process appends to, each read once. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf } from './write-error.ts';

export interface LinesRead {
  /** Whole lines that came since, without their breaks; empty ones too. */
  readonly lines: readonly string[];
  /** The file was replaced or cut: these are lines from its beginning, and those of before count no more. */
  readonly anew: boolean;
  /** There is more to be read at once. */
  readonly more: boolean;
}

/** So much is read at once, in bytes, so that others get their turn. */
const portion = 2 ** 20;
const longestLine = 64 * portion;
/** So many bytes before the place that was reached tell whether the file is still the same. */
const remembered = 64;

export class GrowingLines {
  /** Bytes that were read, up to the end of a line. */
  private offset = 0;
  /** The last bytes before `offset`. */
  private tail: Buffer = Buffer.alloc(0);

  constructor(private readonly file: string) {}

  /**
   * Reads on. A line that is not finished is left for the next time. A file that is not there has no lines. Throws what the
   * system says of one that cannot be read, and an Error for a pipe, a device or a folder, and a line of more than 64 MiB.
   */
  read(): LinesRead {
    let handle: number;
    try {
      // A pipe would be waited for.
      handle = openSync(this.file, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      const anew = this.offset > 0;
      this.forget();
      return { lines: [], anew, more: false };
    }
    try {
      return this.readFrom(handle);
    } finally {
      closeSync(handle);
    }
  }

  private readFrom(handle: number): LinesRead {
    const found = fstatSync(handle);
    if (!found.isFile()) throw new Error('it is no regular file');
    const { size } = found;
    const anew =
      size < this.offset || !this.tail.equals(bytesAt(handle, this.offset - this.tail.length, this.tail.length));
    if (anew) this.forget();
    const bytes = this.portion(handle, size - this.offset);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end === 0) return { lines: [], anew, more: false };
    const whole = bytes.subarray(0, end);
    this.offset += end;
    this.tail = Buffer.from(Buffer.concat([this.tail, whole.subarray(-remembered)]).subarray(-remembered));
    return {
      lines: whole.toString('utf8', 0, end - 1).split('\n'),
      anew,
      more: this.offset < size && bytes.length >= portion,
    };
  }

  /** As much as is read at once, or so much that it has the end of a line, if there is one. */
  private portion(handle: number, left: number): Buffer {
    for (let length = portion; ; length *= 2) {
      const bytes = bytesAt(handle, this.offset, Math.min(length, left));
      if (length >= left || bytes.includes(0x0a)) return bytes;
      if (length >= longestLine) throw new Error('it has a line of more than 64 MiB');
    }
  }

  private forget(): void {
    this.offset = 0;
    this.tail = Buffer.alloc(0);
  }
}

/** What is read at once goes here, again and again: memory of its own for each file would stay until it is collected. */
const shared = Buffer.alloc(portion);

/** Bytes that are good until the next ones are read. */
function bytesAt(handle: number, position: number, length: number): Buffer {
  const bytes = length <= portion ? shared.subarray(0, Math.max(0, length)) : Buffer.alloc(length);
  let count = 0;
  while (count < bytes.length) {
    const read = readSync(handle, bytes, count, bytes.length - count, position + count);
    if (read === 0) break;
    count += read;
  }
  return bytes.subarray(0, count);
}
