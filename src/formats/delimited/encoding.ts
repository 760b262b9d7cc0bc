/** How the characters of a text file are written: told by its first bytes, or by what it can be. */

import { isAscii } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { quoted } from '../../files/error.ts';
import { FileProblem } from '../sandbox/worker.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface FoundEncoding {
  readonly encoding: Encoding;
  /** What to tell of it, where it is a guess. */
  readonly note?: string;
}

/** Marks that a file may begin with. Those of UTF-32 begin as those of UTF-16 do. */
const marks: readonly (readonly [mark: readonly number[], encoding: Encoding | 'UTF-32'])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

const pieces = (path: string): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: 2 ** 20 });

/**
 * The encoding of a file: that of its mark, else UTF-8, else Windows-1252, of which Latin-1 is the larger part. What can
 * be none of them is refused with the line where that shows.
 */
export async function encodingOf(path: string): Promise<FoundEncoding> {
  const scan = new Scan();
  let first = true;
  for await (const piece of pieces(path)) {
    if (first) {
      const marked = marks.find(([mark]) => mark.every((byte, i) => piece[i] === byte))?.[1];
      if (marked === 'UTF-32') throw new FileProblem('is UTF-32; save it as UTF-8.');
      if (marked !== undefined && marked !== 'utf-8') return { encoding: marked };
      const start = piece.subarray(0, 256);
      if (start.filter((byte) => byte === 0).length > start.length / 4)
        throw new FileProblem('has zeros between its characters, as UTF-16 without a mark has; save it as UTF-8.');
      first = false;
    }
    scan.add(piece);
  }
  return scan.end();
}

const isLineEnd = (byte: number): boolean => byte === 0x0a;
// Bytes that stand for nothing in Windows-1252.
const unused = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Whether bytes are UTF-8, and if not, whether they may be Windows-1252. */
class Scan {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;
  #line = 1;
  /** The first line that has more than ASCII in it, and the first in which there is a byte that Windows-1252 lacks. */
  #foreign: { readonly line: number; readonly bytes: number[] } | undefined;
  #unusedLine: number | undefined;
  #lineBytes: number[] = [];
  /** Bytes beyond ASCII with none such beside them, and all the others: an accent here and there, or another script. */
  #alone = 0;
  #together = 0;
  #run = 0;

  add(piece: Buffer): void {
    if (this.#isUtf8)
      try {
        this.#utf8.decode(piece, { stream: true });
      } catch {
        this.#isUtf8 = false;
      }
    if (isAscii(piece)) {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) this.#line++;
      this.#endRun();
      this.#lineBytes = [];
      return;
    }
    for (const byte of piece) this.#see(byte);
  }

  end(): FoundEncoding {
    this.#endRun();
    if (this.#isUtf8)
      try {
        this.#utf8.decode();
        return { encoding: 'utf-8' };
      } catch {
        // It ends in the middle of a character.
      }
    const { line, bytes } = this.#foreign!;
    if (this.#unusedLine !== undefined || this.#together > this.#alone)
      throw new FileProblem(
        `is neither UTF-8 nor Windows-1252 (Latin-1): line ${this.#unusedLine ?? line} has bytes of another encoding; save it as UTF-8.`,
      );
    const shown = windows1252(Buffer.from(bytes));
    return {
      encoding: 'windows-1252',
      note: `is no UTF-8 and is read as Windows-1252 (Latin-1), which makes line ${line} ${quoted(shown)}; save it as UTF-8 if that is wrong.`,
    };
  }

  #see(byte: number): void {
    if (byte >= 0x80) {
      this.#run++;
      if (unused.has(byte)) this.#unusedLine ??= this.#line;
      this.#foreign ??= { line: this.#line, bytes: this.#lineBytes };
    } else this.#endRun();
    if (isLineEnd(byte)) {
      this.#line++;
      this.#lineBytes = [];
    } else if (this.#lineBytes.length < 80 && byte !== 0x0d) this.#lineBytes.push(byte);
  }

  #endRun(): void {
    if (this.#run === 1) this.#alone++;
    else this.#together += this.#run;
    this.#run = 0;
  }
}

/** Those of Windows-1252 that are not those of Latin-1: 0x80 to 0x9f. */
const highCharacters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const windows1252 = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (character) => highCharacters[character.charCodeAt(0) - 0x80]!);

/** The text of a file, without the mark that it may begin with. */
export async function* textOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  if (encoding === 'windows-1252') {
    for await (const piece of pieces(path)) yield windows1252(piece);
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces(path)) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
