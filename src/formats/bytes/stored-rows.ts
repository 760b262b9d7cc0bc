import { countOf, type NdArray, type NumericData, type StoredElements, toFloat32 } from './array.ts';
import { emptyNumbers, type NumericDType } from './numbers.ts';

/** Numbers between two rows that are read with them, as one read takes less time than two. */
const gapLength = 2 ** 14;
/** Numbers that are read at once. */
const spanLength = 2 ** 20;

/** Wanted numbers of the file that are read together. */
interface Span {
  readonly from: number;
  length: number;
  /** Where in the file, and where in the rows, each part of them begins. */
  readonly parts: { readonly from: number; readonly to: number; readonly length: number }[];
}

/**
 * Some rows of an array in a file, such as those of a split; row -1 is one of zeros. Read a little at a time, they are read where they are; read
 * whole, with the whole array: other rows of it are asked for next, and some formats are slow to begin anew.
 */
export class StoredRows implements StoredElements {
  readonly #whole: NdArray;
  readonly #stored: StoredElements;
  readonly #dtype: NumericDType;
  readonly #rows: readonly number[];
  readonly #hasZeros: boolean;
  /** Numbers of a row. */
  readonly #size: number;

  constructor(whole: NdArray, stored: StoredElements, dtype: NumericDType, rows: readonly number[]) {
    this.#whole = whole;
    this.#stored = stored;
    this.#dtype = dtype;
    this.#rows = rows;
    this.#hasZeros = rows.some((row) => row < 0);
    // A complex number is two numbers.
    this.#size = countOf(whole.shape.slice(1)) * (dtype.startsWith('complex') ? 2 : 1);
  }

  readNow(): NumericData {
    return rowsOfNumbers(this.#whole.load() as NumericData, this.#rows, this.#size);
  }

  readFloat32(look: (piece: Float32Array) => void = () => undefined): Promise<Float32Array> {
    const floats = toFloat32(this.readNow());
    look(floats);
    return Promise.resolve(floats);
  }

  async read(from: number, count: number): Promise<NumericData> {
    const numbers = this.#room(count);
    for (const span of this.#spans(from, count)) {
      const read = (await this.#stored.read(span.from, span.length)) as Float32Array;
      for (const part of span.parts)
        numbers.set(read.subarray(part.from - span.from, part.from - span.from + part.length), part.to);
    }
    return numbers;
  }

  fillNow(into: Float32Array, from: number): void {
    if (this.#hasZeros) into.fill(0);
    for (const span of this.#spans(from, into.length)) {
      const [first] = span.parts;
      if (span.parts.length === 1) {
        this.#stored.fillNow(into.subarray(first!.to, first!.to + first!.length), span.from);
        continue;
      }
      const read = new Float32Array(span.length);
      this.#stored.fillNow(read, span.from);
      for (const part of span.parts)
        into.set(read.subarray(part.from - span.from, part.from - span.from + part.length), part.to);
    }
  }

  async *pieces(): AsyncGenerator<NumericData> {
    const count = this.#rows.length * this.#size;
    for (let from = 0; from < count; from += spanLength) yield this.read(from, Math.min(spanLength, count - from));
  }

  /** The spans to read for `count` numbers of these rows from number `from` on, which `to` counts from. */
  #spans(from: number, count: number): readonly Span[] {
    const size = this.#size;
    if (!(from >= 0 && count >= 0 && from + count <= this.#rows.length * size))
      throw new RangeError(
        `Cannot read ${count} numbers from number ${from} on: there are ${this.#rows.length * size}.`,
      );
    const spans: Span[] = [];
    for (let at = from; at < from + count;) {
      const skipped = at % size;
      const row = this.#rows[(at - skipped) / size]!;
      if (row < 0) {
        at += Math.min(size - skipped, from + count - at);
        continue;
      }
      const place = row * size + skipped;
      const part = { from: place, to: at - from, length: Math.min(size - skipped, from + count - at) };
      const last = spans.at(-1);
      const gap = last ? place - (last.from + last.length) : -1;
      if (last && gap >= 0 && gap <= gapLength && place + part.length - last.from <= spanLength) {
        const previous = last.parts.at(-1)!;
        // Rows that follow one another here as in the file are one part.
        if (gap === 0 && previous.to + previous.length === part.to)
          last.parts.splice(-1, 1, { ...previous, length: previous.length + part.length });
        else last.parts.push(part);
        last.length = place + part.length - last.from;
      } else {
        spans.push({ from: place, length: part.length, parts: [part] });
      }
      at += part.length;
    }
    return spans;
  }

  #room(count: number): Float32Array {
    return emptyNumbers(this.#dtype, count) as Float32Array;
  }
}

/** Rows of numbers in memory, each so many of them; row -1 is one of zeros. */
export function rowsOfNumbers(numbers: NumericData, rows: readonly number[], size: number): NumericData {
  const from = numbers as Float32Array;
  const picked = new (numbers.constructor as Float32ArrayConstructor)(rows.length * size);
  rows.forEach((row, i) => {
    if (row >= 0) picked.set(from.subarray(row * size, (row + 1) * size), i * size);
  });
  return picked;
}
