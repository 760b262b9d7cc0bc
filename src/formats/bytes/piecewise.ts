import { type NumericData, type StoredElements, toFloat32 } from './array.ts';
import { FormatError } from '../../files/error.ts';
import { emptyNumbers, type NumericDType } from './numbers.ts';

/** A library's reader of the elements of an array, a range of them at a time. */
export interface RangeReader {
  /** The name of the file, for errors. */
  readonly file: string;
  readonly dtype: NumericDType;
  /** Elements in all. */
  readonly length: number;
  /** Elements that are best read together. */
  readonly step: number;
  readonly read: (from: number, count: number) => Promise<NumericData>;
  readonly readNow: (from: number, count: number) => NumericData;
}

/** The elements of an array that are read in pieces, the next piece on its way while one is looked at. */
export class PiecewiseElements implements StoredElements {
  readonly #reader: RangeReader;

  constructor(reader: RangeReader) {
    this.#reader = reader;
  }

  read(from: number, count: number): Promise<NumericData> {
    return this.#reader.read(from, count);
  }

  readNow(): NumericData {
    const { file, dtype, length, step, readNow } = this.#reader;
    if (length === 0) return emptyNumbers(dtype, 0);
    if (length <= step) return readNow(0, length);
    const all = allocated(length, file, () => emptyNumbers(dtype, length));
    for (let from = 0; from < length; from += step)
      all.set(readNow(from, Math.min(step, length - from)) as Float32Array & BigInt64Array & BigUint64Array, from);
    return all;
  }

  fillNow(into: Float32Array, from: number): void {
    const { step, readNow } = this.#reader;
    for (let done = 0; done < into.length; done += step)
      into.set(toFloat32(readNow(from + done, Math.min(step, into.length - done))), done);
  }

  async *pieces(): AsyncGenerator<NumericData> {
    const { length, step, read } = this.#reader;
    const ask = (from: number): Promise<NumericData> | undefined => {
      if (from >= length) return undefined;
      const piece = read(from, Math.min(step, length - from));
      // Its failure is thrown to whoever waits for it; where nobody does, it must not end the process.
      piece.catch(() => undefined);
      return piece;
    };
    let next = ask(0);
    for (let from = step; next !== undefined; from += step) {
      const piece = next;
      next = ask(from);
      yield await piece;
    }
  }

  async readFloat32(look: (piece: Float32Array) => void = () => undefined): Promise<Float32Array> {
    const { file, length } = this.#reader;
    const floats = allocated(length, file, () => new Float32Array(length));
    let filled = 0;
    for await (const numbers of this.pieces()) {
      const piece = floats.subarray(filled, filled + numbers.length);
      piece.set(numbers instanceof Float64Array ? numbers : toFloat32(numbers));
      filled += numbers.length;
      look(piece);
    }
    return floats;
  }
}

function allocated<T>(length: number, file: string, allocate: () => T): T {
  try {
    return allocate();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(file, `has an array of ${length} numbers, and there is less memory; read fewer modalities.`, {
      cause,
    });
  }
}
