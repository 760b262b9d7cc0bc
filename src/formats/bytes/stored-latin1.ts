import type { Source, StoredBytes, StoredRun } from './stored.ts';

const blockLength = 2 ** 18;

interface Block {
  /** Where in the file the block begins, and the number of the first byte that it stands for. */
  readonly position: number;
  readonly from: number;
}

/**
 * A run of UTF-8 text in a file whose characters, all below 256, stand for bytes: Latin-1, as protocols 0 to 2 keep the
 * bytes of arrays. The text is gone through once, to learn where which byte is; never more than a block is in memory.
 */
export class StoredLatin1 implements StoredRun {
  readonly file: string;
  readonly length: number;
  readonly #source: Source;
  readonly #end: number;
  readonly #blocks: Block[] = [];

  constructor({ source, position, length }: StoredBytes) {
    this.file = source.file;
    this.#source = source;
    this.#end = position + length;
    const buffer = new Uint8Array(Math.min(blockLength, length));
    let from = 0;
    for (let at = position; at < this.#end;) {
      const text = buffer.subarray(0, this.#end - at);
      source.readNow(text, at);
      const whole = wholeCharacters(text, at + text.length === this.#end);
      this.#blocks.push({ position: at, from });
      from += whole - continued(text.subarray(0, whole));
      at += whole;
    }
    this.length = from;
  }

  readNow(into: Uint8Array, from: number): void {
    for (const { text, position, take } of this.#reads(into, from)) {
      this.#source.readNow(text, position);
      take();
    }
  }

  async read(into: Uint8Array, from: number): Promise<void> {
    for (const { text, position, take } of this.#reads(into, from)) {
      await this.#source.read(text, position);
      take();
    }
  }

  /** The text to read, block after block, and how to take the bytes that are asked for out of it. */
  *#reads(into: Uint8Array, from: number): Generator<{ text: Uint8Array; position: number; take: () => void }> {
    const buffer = new Uint8Array(blockLength);
    const bytes = new Uint8Array(blockLength);
    for (let done = 0; done < into.length;) {
      const index = this.#blockWith(from + done);
      const block = this.#blocks[index]!;
      const next = this.#blocks[index + 1] ?? { position: this.#end, from: this.length };
      const text = buffer.subarray(0, next.position - block.position);
      const skipped = from + done - block.from;
      const count = Math.min(into.length - done, next.from - block.from - skipped);
      const at = done;
      yield {
        text,
        position: block.position,
        take: () => {
          decodeLatin1(text, bytes);
          into.set(bytes.subarray(skipped, skipped + count), at);
        },
      };
      done += count;
    }
  }

  #blockWith(byte: number): number {
    let low = 0;
    for (let high = this.#blocks.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle]!.from <= byte) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Length of the text without a character that it ends within. */
const wholeCharacters = (text: Uint8Array, atEnd: boolean): number =>
  !atEnd && text.at(-1)! >= 0xc0 ? text.length - 1 : text.length;

// Array data has a branch predictor guess wrong every other time, so these two have no branches.

/** How many characters of UTF-8 text have a second byte. */
function continued(text: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) count += (text[i]! >> 7) & (text[i]! >> 6);
  return count;
}

/** Writes each character of UTF-8 text, of one byte or two, as one byte. */
function decodeLatin1(text: Uint8Array, bytes: Uint8Array): void {
  for (let i = 0, count = 0; i < text.length; count++) {
    const first = text[i]!;
    const long = first >> 7;
    const both = (first << 6) | (text[i + long]! & 0x3f);
    bytes[count] = first ^ ((first ^ both) & -long);
    i += 1 + long;
  }
}
