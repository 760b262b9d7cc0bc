import { FormatError } from './error.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads little-endian values one after another, never beyond the end. */
export class Cursor {
  readonly file: string;
  readonly bytes: Uint8Array;
  offset = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(problem: string): FormatError {
    return new FormatError(this.file, problem, { offset: this.offset });
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A 64-bit length. One beyond 2^53 is no length of anything, and `take` will say so. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  utf8(length: number): string {
    return utf8.decode(this.take(length));
  }

  latin1(length: number): string {
    return latin1(this.take(length));
  }

  /** The latin1 text up to a line feed, which is consumed. */
  line(): string {
    const end = this.bytes.indexOf(10, this.offset);
    if (end < 0) throw this.fail('the file ends in the middle of a line; it is truncated, copy it again.');
    const text = latin1(this.bytes.subarray(this.offset, end));
    this.offset = end + 1;
    return text;
  }

  #advance(length: number): number {
    const start = this.offset;
    const left = this.bytes.length - start;
    if (length > left)
      throw this.fail(`${length} bytes are announced and ${left} are left; the file is truncated, copy it again.`);
    this.offset = start + length;
    return start;
  }
}

/** One character per byte: how Python 2, and NumPy under protocol 2, write bytes as text. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
