import type { Source } from './stored.ts';

/** Bytes in memory, read as a file is. */
export class BytesSource implements Source {
  readonly file: string;
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, file: string) {
    this.file = file;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  readNow(into: Uint8Array, position: number): void {
    into.set(this.#bytes.subarray(position, position + into.length));
  }

  read(into: Uint8Array, position: number): Promise<void> {
    this.readNow(into, position);
    return Promise.resolve();
  }
}

/** A part of a file that is a file itself, such as a member of an archive that is stored as it is. */
export class PartSource implements Source {
  readonly file: string;
  readonly size: number;
  readonly #whole: Source;
  readonly #position: number;

  constructor(whole: Source, { position, size, file = whole.file }: Part) {
    this.file = file;
    this.size = size;
    this.#whole = whole;
    this.#position = position;
  }

  readNow(into: Uint8Array, position: number): void {
    this.#whole.readNow(into, this.#position + position);
  }

  read(into: Uint8Array, position: number): Promise<void> {
    return this.#whole.read(into, this.#position + position);
  }
}

interface Part {
  readonly position: number;
  readonly size: number;
  readonly file?: string;
}
