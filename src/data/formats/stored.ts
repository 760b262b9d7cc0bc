/** What is still in a file: read when it is wanted, into the memory where it will stay. */

import { type NumericData, type StoredElements, toFloat32 } from './array.ts';
import { FormatError } from './error.ts';
import { bytesPerElement, numbersIn, type NumericDType } from './numbers.ts';

/** Bytes that can be read at any position. */
export interface Source {
  /** Its name, for errors. */
  readonly file: string;
  readonly size: number;
  /** Fills `into` with the bytes from `position` on. */
  readNow(into: Uint8Array, position: number): void;
  /** The same while other work goes on. */
  read(into: Uint8Array, position: number): Promise<void>;
}

/** A run of bytes in a file. */
export class StoredBytes {
  readonly source: Source;
  readonly position: number;
  readonly length: number;

  constructor(source: Source, position: number, length: number) {
    this.source = source;
    this.position = position;
    this.length = length;
  }

  /** The bytes, in memory of their own. */
  readNow(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(memory(this.length, this.source.file));
    this.source.readNow(bytes, this.position);
    return bytes;
  }
}

/** Bytes of an array in a file, in whichever form. */
export type StoredRun = StoredBytes | StoredLatin1;

/** A run of UTF-8 text in a file whose characters, all below 256, stand for bytes: Latin-1, as protocols 0 to 2 keep them. */
export class StoredLatin1 {
  readonly length: number;
  readonly #text: StoredBytes;

  constructor(text: StoredBytes) {
    this.#text = text;
    this.length = text.length;
    for (const piece of this.#pieces()) this.length -= continued(piece);
  }

  /** The bytes, in memory of their own. */
  readNow(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(memory(this.length, this.#text.source.file));
    let filled = 0;
    for (const piece of this.#pieces()) filled += decodeLatin1(piece, bytes.subarray(filled));
    return bytes;
  }

  /** The text in pieces, each valid until the next, and none ending within a character. */
  *#pieces(): Generator<Uint8Array> {
    const { source, position, length } = this.#text;
    const buffer = new Uint8Array(Math.min(pieceLength, length));
    for (let done = 0; done < length;) {
      const piece = buffer.subarray(0, length - done);
      source.readNow(piece, position + done);
      const cut = done + piece.length < length && piece.at(-1)! >= 0xc0;
      const whole = cut ? piece.length - 1 : piece.length;
      yield piece.subarray(0, whole);
      done += whole;
    }
  }
}

const pieceLength = 2 ** 22;
// Pieces on their way at once. Reading is mostly the system finding memory, which it does on several cores, but the one
// that looks at the pieces should be free to.
const lanes = 3;

function memory(length: number, file: string): ArrayBuffer {
  try {
    return new ArrayBuffer(length);
  } catch (cause) {
    const size = `${(length / 2 ** 30).toFixed(1)} GiB`;
    throw new FormatError(file, `needs ${size} of memory for one array, and there is less; read fewer modalities.`, {
      cause,
    });
  }
}

/** The elements of an array in a file. */
export class StoredNumbers implements StoredElements {
  readonly #bytes: StoredBytes;
  readonly #dtype: NumericDType;
  readonly #bigEndian: boolean;

  /** The length of `bytes` is a multiple of that of an element. */
  constructor(bytes: StoredBytes, dtype: NumericDType, { bigEndian }: { readonly bigEndian: boolean }) {
    this.#bytes = bytes;
    this.#dtype = dtype;
    this.#bigEndian = bigEndian;
  }

  readNow(): NumericData {
    return numbersIn(this.#dtype, this.#bytes.readNow(), { bigEndian: this.#bigEndian });
  }

  async readFloat32(look: (piece: Float32Array) => void = () => undefined): Promise<Float32Array> {
    const { source, position, length } = this.#bytes;
    const size = bytesPerElement(this.#dtype);
    const inPlace = this.#dtype === 'float32' && !this.#bigEndian;
    const count = length / size;
    const floats = new Float32Array(memory(4 * count, source.file));
    const step = pieceLength / size;
    let next = 0;
    const lane = async (): Promise<void> => {
      const buffer = new Uint8Array(inPlace ? 0 : Math.min(pieceLength, length));
      while (next < count) {
        const from = next;
        const piece = floats.subarray(from, from + step);
        next += piece.length;
        const bytes = inPlace
          ? new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
          : buffer.subarray(0, piece.length * size);
        await source.read(bytes, position + from * size);
        if (!inPlace) {
          const numbers = numbersIn(this.#dtype, bytes, { bigEndian: this.#bigEndian });
          piece.set(numbers instanceof Float64Array ? numbers : toFloat32(numbers));
        }
        look(piece);
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, Math.ceil(count / step)) }, lane));
    return floats;
  }
}

// Array data has a branch predictor guess wrong every other time, so these two have no branches.

/** How many characters of UTF-8 text have a second byte. */
function continued(text: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) count += (text[i]! >> 7) & (text[i]! >> 6);
  return count;
}

/** Writes each character of UTF-8 text, of one byte or two, as one byte; returns how many. */
function decodeLatin1(text: Uint8Array, bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < text.length; count++) {
    const first = text[i]!;
    const long = first >> 7;
    const both = (first << 6) | (text[i + long]! & 0x3f);
    bytes[count] = first ^ ((first ^ both) & -long);
    i += 1 + long;
  }
  return count;
}
