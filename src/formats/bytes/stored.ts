/** Bytes and arrays that are still in a file: read when they are wanted, into the memory where they will stay. */

import { type NumericData, type StoredElements, toFloat32 } from './array.ts';
import { FormatError } from '../../files/error.ts';
import { bytesOf, bytesPerElement, decodeInto, emptyNumbers, isPlain, toLittleEndian } from './numbers.ts';
import type { NumericDType } from './numbers.ts';

/** Bytes that can be read at any position. */
export interface Source {
  /** Its name, for errors. */
  readonly file: string;
  readonly size: number;
  /** Fills `into` with the bytes from `position` on. */
  readNow(into: Uint8Array, position: number): void;
  /** As `readNow`, while other work goes on. */
  read(into: Uint8Array, position: number): Promise<void>;
}

/** The bytes of an array in a file, in whichever form: positions count from the first of them. */
export interface StoredRun {
  readonly file: string;
  readonly length: number;
  readNow(into: Uint8Array, from: number): void;
  read(into: Uint8Array, from: number): Promise<void>;
}

/** A run of bytes as it stands in a file. */
export class StoredBytes implements StoredRun {
  readonly source: Source;
  readonly position: number;
  readonly length: number;

  constructor(source: Source, position: number, length: number) {
    this.source = source;
    this.position = position;
    this.length = length;
  }

  get file(): string {
    return this.source.file;
  }

  readNow(into: Uint8Array, from: number): void {
    this.source.readNow(into, this.position + from);
  }

  read(into: Uint8Array, from: number): Promise<void> {
    return this.source.read(into, this.position + from);
  }
}

/** All the bytes of a run, in memory of their own. */
export function bytesNow(run: StoredRun): Uint8Array<ArrayBuffer> {
  const buffer = memory(run.length, run.file);
  if (run.length > longestBytes) throw tooLarge(run.length, run.file);
  const bytes = new Uint8Array(buffer);
  run.readNow(bytes, 0);
  return bytes;
}

// The most bytes that a Uint8Array holds; arrays of wider numbers may be larger.
const longestBytes = 2 ** 32;

function memory(length: number, file: string): ArrayBuffer {
  try {
    return new ArrayBuffer(length);
  } catch (cause) {
    throw tooLarge(length, file, cause);
  }
}

function tooLarge(length: number, file: string, cause?: unknown): FormatError {
  const size = `${(length / 2 ** 30).toFixed(1)} GiB`;
  const problem = `needs ${size} of memory for one array, and there is less; read fewer modalities.`;
  return new FormatError(file, problem, cause === undefined ? {} : { cause });
}

const pieceLength = 2 ** 22;
// Pieces that are read at the same time. Reading is mostly the system finding memory, which it does on several cores, but
// the core that looks at the pieces should be free to do so.
const lanes = 3;

/** The elements of an array in a file. */
export class StoredNumbers implements StoredElements {
  readonly #run: StoredRun;
  readonly #dtype: NumericDType;
  readonly #bigEndian: boolean;
  readonly #size: number;
  readonly #count: number;
  /** Elements per piece. */
  readonly #step: number;

  /** The length of `run` is a multiple of that of an element, which is one number. */
  constructor(run: StoredRun, dtype: NumericDType, { bigEndian = false }: { readonly bigEndian?: boolean } = {}) {
    this.#run = run;
    this.#dtype = dtype;
    this.#bigEndian = bigEndian;
    this.#size = bytesPerElement(dtype);
    this.#count = run.length / this.#size;
    this.#step = pieceLength / this.#size;
  }

  readNow(): NumericData {
    const numbers = this.#room(this.#count);
    const scratch = this.#scratch();
    // Nobody looks at the pieces, so numbers that need no room for their bytes are read in as few pieces as can be.
    for (const { piece, from } of this.#split(numbers, isPlain(this.#dtype) ? 2 ** 30 / this.#size : this.#step)) {
      const bytes = this.#bytesFor(piece, scratch);
      this.#run.readNow(bytes, from * this.#size);
      this.#decode(bytes, piece);
    }
    return numbers;
  }

  async read(from: number, count: number): Promise<NumericData> {
    this.#check(from, count);
    const numbers = this.#room(count);
    await this.#fill(numbers, from);
    return numbers;
  }

  fillNow(into: Float32Array, from: number): void {
    this.#check(from, into.length);
    if (this.#dtype === 'float32') {
      this.#run.readNow(bytesOf(into), from * this.#size);
      toLittleEndian(this.#dtype, bytesOf(into), { bigEndian: this.#bigEndian });
      return;
    }
    const bytes = new Uint8Array(Math.min(pieceLength, into.length * this.#size));
    const room = this.#room(bytes.length / this.#size);
    for (const { piece, from: at } of this.#split(into)) {
      const [own, numbers] = [bytes.subarray(0, piece.length * this.#size), room.subarray(0, piece.length)];
      this.#run.readNow(own, (from + at) * this.#size);
      decodeInto(this.#dtype, own, numbers, { bigEndian: this.#bigEndian });
      piece.set(numbers instanceof Float64Array ? numbers : toFloat32(numbers));
    }
  }

  async *pieces(): AsyncGenerator<NumericData> {
    // While one piece is looked at, the next is read.
    const rooms = [0, 1].map(() => this.#room(Math.min(this.#step, this.#count)));
    const scratch = this.#scratch();
    const load = async (index: number): Promise<NumericData> => {
      const piece = rooms[index % 2]!.subarray(0, this.#count - index * this.#step);
      await this.#load(piece, index * this.#step, scratch);
      return piece;
    };
    const pieces = Math.ceil(this.#count / this.#step);
    let coming = pieces > 0 ? load(0) : undefined;
    for (let index = 0; coming !== undefined; index++) {
      const piece = await coming;
      coming = index + 1 < pieces ? load(index + 1) : undefined;
      // Its failure is thrown when it is asked for; until then it must not end the process.
      coming?.catch(() => undefined);
      yield piece;
    }
  }

  async readFloat32(look: (piece: Float32Array) => void = () => undefined): Promise<Float32Array> {
    const floats = new Float32Array(memory(4 * this.#count, this.#run.file));
    if (this.#dtype === 'float32' || this.#room(0) instanceof Float32Array) await this.#fill(floats, 0, look);
    else
      await this.#inLanes(floats, () => {
        const room = this.#room(Math.min(this.#step, this.#count));
        return async (piece, from) => {
          const numbers = room.subarray(0, piece.length);
          await this.#load(numbers, from);
          piece.set(numbers instanceof Float64Array ? numbers : toFloat32(numbers));
          look(piece);
        };
      });
    return floats;
  }

  #check(from: number, count: number): void {
    if (!(from >= 0 && count >= 0 && from + count <= this.#count))
      throw new RangeError(`Cannot read ${count} numbers from number ${from} on: there are ${this.#count}.`);
  }

  #room(count: number): NumericData {
    return emptyNumbers(this.#dtype, count, (length) => memory(length, this.#run.file));
  }

  /** Room for the bytes of a piece, where they are not the numbers themselves. */
  #scratch(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(isPlain(this.#dtype) ? 0 : Math.min(pieceLength, this.#run.length));
  }

  #bytesFor(piece: NumericData, scratch: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return isPlain(this.#dtype) ? bytesOf(piece) : scratch.subarray(0, piece.length * this.#size);
  }

  #decode(bytes: Uint8Array, piece: NumericData): void {
    if (isPlain(this.#dtype)) toLittleEndian(this.#dtype, bytes, { bigEndian: this.#bigEndian });
    else decodeInto(this.#dtype, bytes, piece, { bigEndian: this.#bigEndian });
  }

  /** Fills `piece` with the numbers from number `from` on. */
  async #load(piece: NumericData, from: number, scratch = this.#scratch()): Promise<void> {
    const bytes = this.#bytesFor(piece, scratch);
    await this.#run.read(bytes, from * this.#size);
    this.#decode(bytes, piece);
  }

  async #fill<T extends NumericData>(numbers: T, start: number, look?: (piece: T) => void): Promise<void> {
    await this.#inLanes(numbers, () => {
      const scratch = this.#scratch();
      return async (piece, from) => {
        await this.#load(piece, start + from, scratch);
        look?.(piece);
      };
    });
  }

  *#split<T extends NumericData>(
    numbers: T,
    step = this.#step,
  ): Generator<{ readonly piece: T; readonly from: number }> {
    for (let from = 0; from < numbers.length; from += step)
      yield { piece: numbers.subarray(from, from + step) as T, from };
  }

  /** Has every piece of `numbers` read, several at once, each in a lane with room of its own. */
  async #inLanes<T extends NumericData>(
    numbers: T,
    lane: () => (piece: T, from: number) => Promise<void>,
  ): Promise<void> {
    const split = this.#split(numbers);
    const drive = async (): Promise<void> => {
      const read = lane();
      for (const { piece, from } of split) await read(piece, from);
    };
    await Promise.all(Array.from({ length: Math.min(lanes, Math.ceil(numbers.length / this.#step)) }, drive));
  }
}
