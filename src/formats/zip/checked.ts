import { crc32 } from 'node:zlib';
import { joinedCrc32 } from '../bytes/crc32.ts';
import { FormatError } from '../../files/error.ts';
import type { Source } from '../bytes/stored.ts';

/** Bytes that were read, in one piece. */
interface Seen {
  readonly start: number;
  readonly end: number;
  readonly crc: number;
}

/**
 * A stored file of an archive, whose checksum is taken from what is read of it, in any order and pieces: nothing is read
 * for its sake. Once all of it was read, the last reading fails if it is not what the archive gives, and so does every
 * later one. A file of which a part is never asked for is not checked.
 */
export class CheckedSource implements Source {
  readonly file: string;
  readonly size: number;
  readonly #source: Source;
  readonly #crc: number;
  /** What was read so far, in order, with unread bytes between one and the next; undefined once all was read. */
  #seen: Seen[] | undefined = [];
  #damage: FormatError | undefined;

  constructor(source: Source, crc: number) {
    this.file = source.file;
    this.size = source.size;
    this.#source = source;
    this.#crc = crc;
  }

  readNow(into: Uint8Array, position: number): void {
    this.#source.readNow(into, position);
    this.#see(into, position);
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    await this.#source.read(into, position);
    this.#see(into, position);
  }

  #see(bytes: Uint8Array, position: number): void {
    if (this.#seen !== undefined)
      for (const { start, end } of this.#unseen(this.#seen, position, position + bytes.length))
        insert(this.#seen, { start, end, crc: crc32(bytes.subarray(start - position, end - position)) });
    const [first] = this.#seen ?? [];
    if (first?.start === 0 && first.end === this.size) {
      this.#seen = undefined;
      if (first.crc !== this.#crc)
        this.#damage = new FormatError(
          this.file,
          'does not have the checksum that the archive gives; it is damaged, copy the archive again.',
        );
    }
    if (this.#damage !== undefined) throw this.#damage;
  }

  /** The parts of `from` to `to` that were not read before. */
  #unseen(seen: readonly Seen[], from: number, to: number): Pick<Seen, 'start' | 'end'>[] {
    const parts: Pick<Seen, 'start' | 'end'>[] = [];
    let at = from;
    for (let i = placeOf(seen, from); at < to && i < seen.length && seen[i]!.start < to; i++) {
      if (seen[i]!.start > at) parts.push({ start: at, end: seen[i]!.start });
      at = Math.max(at, seen[i]!.end);
    }
    if (at < to) parts.push({ start: at, end: to });
    return parts;
  }
}

/** The index of the first piece that ends at or beyond a position. */
function placeOf(seen: readonly Seen[], position: number): number {
  let [low, high] = [0, seen.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (seen[middle]!.end < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a piece in its place, as one with those that it touches. */
function insert(seen: Seen[], piece: Seen): void {
  const at = placeOf(seen, piece.start);
  const before = seen[at]?.end === piece.start ? seen[at] : undefined;
  const next = seen[before === undefined ? at : at + 1];
  const after = next?.start === piece.end ? next : undefined;
  let joined = piece;
  if (before !== undefined) joined = together(before, joined);
  if (after !== undefined) joined = together(joined, after);
  seen.splice(at, Number(before !== undefined) + Number(after !== undefined), joined);
}

const together = (first: Seen, second: Seen): Seen => ({
  start: first.start,
  end: second.end,
  crc: joinedCrc32(first.crc, second.crc, second.end - second.start),
});
