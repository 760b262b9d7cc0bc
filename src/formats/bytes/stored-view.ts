import { countOf, gather, isInFile, NdArray, type NumericData, type StoredElements, toFloat32 } from './array.ts';

/** A strided view of an array that begins with its first element, in row-major order. Strides count elements. */
export function strided(array: NdArray, shape: readonly number[], strides: readonly number[]): NdArray {
  // A complex number is two numbers.
  const pairs = array.dtype.startsWith('complex');
  const axes = pairs ? [...shape, 2] : shape;
  const steps = pairs ? [...strides.map((stride) => 2 * stride), 1] : strides;
  const { elements } = array;
  const view = isInFile(elements) ? new StoredView(elements, axes, steps) : gather(elements, axes, steps, 0);
  return new NdArray(shape, array.dtype, view);
}

const pieceLength = 2 ** 20;

/**
 * Numbers in a file in an order other than theirs: a strided view of `base`, or its transpose (Fortran order). Rows that
 * lie one after another in the file are read by themselves; for any other view, `base` is held in memory while it is read.
 */
class StoredView implements StoredElements {
  readonly #base: StoredElements;
  readonly #shape: readonly number[];
  readonly #strides: readonly number[];

  /** `base` begins with the first number of the view and ends with the last. Strides count numbers, none is negative. */
  constructor(base: StoredElements, shape: readonly number[], strides: readonly number[]) {
    this.#base = base;
    this.#shape = shape;
    this.#strides = strides;
  }

  readNow(): NumericData {
    return gather(this.#base.readNow(), this.#shape, this.#strides, 0);
  }

  async read(from: number, count: number): Promise<NumericData> {
    const { first, last, skipped } = this.#rowsWith(from, count);
    const rows = await this.#rows(first, last);
    return rows.slice(skipped, skipped + count);
  }

  fillNow(into: Float32Array, from: number): void {
    const { first, last, skipped } = this.#rowsWith(from, into.length);
    const shape = [last - first, ...this.#shape.slice(1)];
    if (countOf(shape) === 0) return;
    const base = new Float32Array(this.#reach(last - first));
    this.#base.fillNow(base, first * (this.#strides[0] ?? 0));
    into.set(
      gather(base, this.#shape.length === 0 ? [] : shape, this.#strides, 0).subarray(skipped, skipped + into.length),
    );
  }

  /** The rows in which so many numbers lie, and how many others lie before them there. */
  #rowsWith(from: number, count: number): { readonly first: number; readonly last: number; readonly skipped: number } {
    const size = countOf(this.#shape);
    if (!(from >= 0 && count >= 0 && from + count <= size))
      throw new RangeError(`Cannot read ${count} numbers from number ${from} on: there are ${size}.`);
    const rowSize = countOf(this.#shape.slice(1));
    const first = count === 0 ? 0 : Math.floor(from / rowSize);
    return { first, last: count === 0 ? first : Math.ceil((from + count) / rowSize), skipped: from - first * rowSize };
  }

  async *pieces(): AsyncGenerator<NumericData> {
    const [rows = 1] = this.#shape;
    if (countOf(this.#shape) === 0) return;
    const step = this.#rowsApart ? Math.max(1, Math.floor(pieceLength / this.#reach(1))) : rows;
    for (let row = 0; row < rows; row += step) {
      const numbers = await this.#rows(row, Math.min(rows, row + step));
      for (let from = 0; from < numbers.length; from += pieceLength) yield numbers.subarray(from, from + pieceLength);
    }
  }

  async readFloat32(look: (piece: Float32Array) => void = () => undefined): Promise<Float32Array> {
    const floats = toFloat32(await this.#rows(0, this.#shape[0] ?? 1));
    look(floats);
    return floats;
  }

  /** Whether every row ends before the next begins. */
  get #rowsApart(): boolean {
    const [rows = 1] = this.#shape;
    return rows <= 1 || this.#reach(1) <= this.#strides[0]!;
  }

  /** From the first number of so many rows to the last of them. */
  #reach(rows: number): number {
    return this.#shape.reduce((end, axis, i) => end + ((i === 0 ? rows : axis) - 1) * this.#strides[i]!, 1);
  }

  /** The numbers of rows `first` to `last`, which is not among them. */
  async #rows(first: number, last: number): Promise<NumericData> {
    const shape = this.#shape.length === 0 ? [] : [last - first, ...this.#shape.slice(1)];
    if (countOf(shape) === 0) return this.#base.read(0, 0);
    const from = first * (this.#strides[0] ?? 0);
    return gather(await this.#base.read(from, this.#reach(last - first)), shape, this.#strides, 0);
  }
}
