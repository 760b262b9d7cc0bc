import { FormatError } from '../../files/error.ts';
import { type Source, StoredBytes } from './stored.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

// Fewer bytes are read at once: to leave them in the file would save nothing.
const shortestLeft = 4096;

export interface CursorOptions {
  /** Bytes of a file that are in memory at a time; text of this length and more can be left in it. Default: 1 MiB. */
  readonly window?: number;
}

/** Reads little-endian values one after another from memory or from a file, never beyond the end. */
export class Cursor {
  readonly file: string;
  /** Bytes in all. */
  readonly size: number;
  offset = 0;
  readonly #source: Source | undefined;
  readonly #windowLength: number;
  /** The part of the file that is in memory, and where in the file it begins. Where the input is memory, all of it. */
  #window: Uint8Array;
  #view: DataView;
  #start = 0;

  constructor(input: Uint8Array | Source, file: string, { window = 2 ** 20 }: CursorOptions = {}) {
    this.file = file;
    this.#windowLength = window;
    this.#source = input instanceof Uint8Array ? undefined : input;
    this.#window = input instanceof Uint8Array ? input : new Uint8Array(0);
    this.size = input instanceof Uint8Array ? input.length : input.size;
    this.#view = viewOf(this.#window);
  }

  fail(problem: string): FormatError {
    return new FormatError(this.file, problem, { offset: this.offset });
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#window.subarray(start, start + length);
  }

  /** The next `length` bytes, left where they are, if they are many and in a file; else undefined, and nothing read. */
  leave(length: number, many = Math.min(shortestLeft, this.#windowLength)): StoredBytes | undefined {
    if (this.#source === undefined || length < many) return undefined;
    const position = this.offset;
    this.#checkLeft(length);
    this.offset += length;
    return new StoredBytes(this.#source, position, length);
  }

  /** As `leave`, for text, which is wanted in memory unless it is very long. */
  leaveText(length: number): StoredBytes | undefined {
    return this.leave(length, this.#windowLength);
  }

  uint8(): number {
    const start = this.#advance(1);
    return this.#view.getUint8(start);
  }

  uint16(): number {
    const start = this.#advance(2);
    return this.#view.getUint16(start, true);
  }

  int32(): number {
    const start = this.#advance(4);
    return this.#view.getInt32(start, true);
  }

  uint32(): number {
    const start = this.#advance(4);
    return this.#view.getUint32(start, true);
  }

  /** A 64-bit length. One beyond 2^53 is no length of anything, and `take` will say so. */
  uint64(): number {
    const start = this.#advance(8);
    return Number(this.#view.getBigUint64(start, true));
  }

  float64BigEndian(): number {
    const start = this.#advance(8);
    return this.#view.getFloat64(start, false);
  }

  utf8(length: number): string {
    return utf8.decode(this.take(length));
  }

  latin1(length: number): string {
    return latin1(this.take(length));
  }

  /** The latin1 text up to a line feed, which is consumed. */
  line(): string {
    for (;;) {
      const from = this.offset - this.#start;
      const end = this.#window.indexOf(10, from);
      if (end >= 0) {
        this.offset = this.#start + end + 1;
        return latin1(this.#window.subarray(from, end));
      }
      const held = this.#window.length - from;
      if (held === this.size - this.offset)
        throw this.fail('the file ends in the middle of a line; it is truncated, copy it again.');
      this.#load(2 * held);
    }
  }

  /** Moves on by `length` bytes; returns where in the window they are. */
  #advance(length: number): number {
    this.#checkLeft(length);
    if (this.offset + length > this.#start + this.#window.length) this.#load(length);
    const start = this.offset - this.#start;
    this.offset += length;
    return start;
  }

  #checkLeft(length: number): void {
    const left = this.size - this.offset;
    if (length > left)
      throw this.fail(`${length} bytes are announced and ${left} are left; the file is truncated, copy it again.`);
  }

  /** A new window from the offset on. Views of the last one stay as they are: it is never written again. */
  #load(length: number): void {
    this.#window = new Uint8Array(Math.min(Math.max(length, this.#windowLength), this.size - this.offset));
    this.#view = viewOf(this.#window);
    this.#start = this.offset;
    this.#source!.readNow(this.#window, this.offset);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** One character per byte: how Python 2, and NumPy under protocol 2, write bytes as text. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
