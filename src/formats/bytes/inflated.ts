import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { Inflate } from 'fflate';
import { FormatError } from '../../files/error.ts';
import type { Source } from './stored.ts';

export interface Deflated {
  /** Where the deflated bytes are in their file, and how many. */
  readonly position: number;
  readonly length: number;
  /** Bytes when they are inflated. */
  readonly size: number;
  readonly crc: number;
}

/** One way through the inflated bytes, from the first on. */
interface Pass<Chunks> {
  readonly chunks: Chunks;
  /** Inflated bytes that were given so far. */
  at: number;
  /** Inflated bytes that are still to be given. */
  chunk: Uint8Array;
}

/**
 * Deflated bytes of a file, inflated as they are read. Reading on is cheap and needs little memory; reading anything
 * before begins anew. Their checksum is looked at whenever the end is reached.
 */
export class Inflated implements Source {
  readonly file: string;
  readonly size: number;
  readonly #source: Source;
  readonly #deflated: Deflated;
  #now: Pass<Generator<Uint8Array>> | undefined;
  #later: Pass<AsyncGenerator<Uint8Array>> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(source: Source, { file, ...deflated }: Deflated & { readonly file: string }) {
    this.file = file;
    this.size = deflated.size;
    this.#source = source;
    this.#deflated = deflated;
  }

  readNow(into: Uint8Array, position: number): void {
    try {
      if (2 * into.length > this.size) {
        into.set(this.#wholeNow().subarray(position, position + into.length));
        return;
      }
      if (this.#now === undefined || this.#now.at > position) this.#now = begin(this.#inflateNow());
      const { chunks } = this.#now;
      const filling = this.#fill(this.#now, into, position);
      for (let step = filling.next(); step.done !== true; step = filling.next(chunkOf(chunks.next())));
      // Whoever reads a little at the beginning wants a header, and may never come back.
      if (this.#now.at < 2 ** 20 || this.#now.at === this.size) this.#now = undefined;
    } catch (error) {
      this.#now = undefined;
      throw this.#damaged(error);
    }
  }

  /** Reads wait for one another: there is one way through. */
  read(into: Uint8Array, position: number): Promise<void> {
    const turn = this.#last.then(() => this.#read(into, position));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #read(into: Uint8Array, position: number): Promise<void> {
    try {
      if (this.#later !== undefined && this.#later.at > position) {
        await this.#later.chunks.return(undefined);
        this.#later = undefined;
      }
      this.#later ??= begin(this.#inflate());
      const { chunks } = this.#later;
      const filling = this.#fill(this.#later, into, position);
      for (let step = filling.next(); step.done !== true; step = filling.next(chunkOf(await chunks.next())));
      if (this.#later.at === this.size) this.#later = undefined;
    } catch (error) {
      this.#later = undefined;
      throw this.#damaged(error);
    }
  }

  /** Fills `into` from `position` on, asking for chunks; at the end, for one more, which finds the checksum right. */
  *#fill(pass: Pass<unknown>, into: Uint8Array, position: number): Generator<undefined, void, Uint8Array | undefined> {
    for (let done = 0; done < into.length;) {
      if (pass.chunk.length === 0) {
        const chunk = yield;
        if (chunk === undefined) throw this.#wrongSize();
        pass.chunk = chunk;
      } else {
        const skipped = Math.min(position - pass.at, pass.chunk.length);
        const count = skipped > 0 ? skipped : Math.min(into.length - done, pass.chunk.length);
        if (skipped <= 0) {
          into.set(pass.chunk.subarray(0, count), done);
          done += count;
        }
        pass.chunk = pass.chunk.subarray(count);
        pass.at += count;
      }
    }
    if (pass.at === this.size && pass.chunk.length === 0) yield;
  }

  /** All bytes at once, which is several times as fast as bit by bit, and takes memory for all of them. */
  #wholeNow(): Uint8Array {
    const { position, length } = this.#deflated;
    const compressed = new Uint8Array(length);
    this.#source.readNow(compressed, position);
    const chunkSize = Math.min(Math.max(64, this.size), 2 ** 30);
    const whole = inflateRawSync(compressed, { maxOutputLength: Math.max(1, this.size), chunkSize });
    const check = this.#check();
    check(whole);
    check();
    return whole;
  }

  *#inflateNow(): Generator<Uint8Array> {
    let made: Uint8Array[] = [];
    const inflate = new Inflate((chunk) => made.push(chunk));
    const check = this.#check();
    for (const { position, length, last } of this.#compressedPieces(2 ** 14)) {
      const piece = new Uint8Array(length);
      this.#source.readNow(piece, position);
      inflate.push(piece, last);
      for (const chunk of made) yield check(chunk);
      made = [];
    }
    check();
  }

  async *#inflate(): AsyncGenerator<Uint8Array> {
    const read = async function* (this: Inflated): AsyncGenerator<Uint8Array> {
      for (const { position, length } of this.#compressedPieces(2 ** 19)) {
        const piece = new Uint8Array(length);
        await this.#source.read(piece, position);
        yield piece;
      }
    }.bind(this);
    const check = this.#check();
    // Whoever reads the chunks is told of a failure.
    const inflate = pipeline(Readable.from(read()), createInflateRaw({ chunkSize: 2 ** 18 }), () => undefined);
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) yield check(chunk);
    check();
  }

  *#compressedPieces(
    longest: number,
  ): Generator<{ readonly position: number; readonly length: number; readonly last: boolean }> {
    const { position, length } = this.#deflated;
    for (let from = 0; from < length; from += longest)
      yield {
        position: position + from,
        length: Math.min(longest, length - from),
        last: from + longest >= length,
      };
  }

  /** Passes each chunk on, and is called without one at the end; throws where size or checksum are not as announced. */
  #check(): { (chunk: Uint8Array): Uint8Array; (): void } {
    let [size, crc] = [0, 0];
    const check = (chunk?: Uint8Array): Uint8Array => {
      if (chunk !== undefined) [size, crc] = [size + chunk.length, crc32(chunk, crc)];
      if (chunk === undefined ? size !== this.size : size > this.size) throw this.#wrongSize();
      if (chunk === undefined && crc !== this.#deflated.crc)
        throw new FormatError(this.file, 'does not have the checksum that the archive gives; copy the archive again.');
      return chunk ?? new Uint8Array(0);
    };
    return check;
  }

  #wrongSize(): FormatError {
    return new FormatError(this.file, `does not inflate to the ${this.size} bytes that the archive announces.`);
  }

  #damaged(error: unknown): FormatError {
    if (error instanceof FormatError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new FormatError(this.file, `cannot be inflated (${reason}); copy the archive again.`, { cause: error });
  }
}

const begin = <Chunks>(chunks: Chunks): Pass<Chunks> => ({ chunks, at: 0, chunk: new Uint8Array(0) });

const chunkOf = ({ done, value }: IteratorResult<Uint8Array, unknown>): Uint8Array | undefined =>
  done === true ? undefined : value;
