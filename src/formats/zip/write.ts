import { crc32 } from 'node:zlib';
import type { FileOutput } from '../../files/output.ts';

interface Entry {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly size: number;
  readonly position: number;
}

export interface ZipMember {
  readonly path: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its bytes begin at a multiple of so many. */
  readonly align?: number;
}

const unknown = 0xffffffff;
const isLong = (value: number): boolean => value >= unknown;
// The first day that the format knows: the same data give the same bytes.
const date = 0x21;
const utf8Names = 0x800;

/** A zip archive of files that are stored as they are; with 64-bit lengths where 32 bits are too few. */
export class ZipWriter {
  readonly #output: FileOutput;
  readonly #entries: Entry[] = [];

  constructor(output: FileOutput) {
    this.#output = output;
  }

  async add({ path, size, bytes, align = 1 }: ZipMember): Promise<void> {
    const name = Buffer.from(path);
    if (name.length > 0xff00) throw new RangeError(`The name "${path.slice(0, 40)}…" is too long for a zip archive.`);
    const position = this.#output.position;
    const extra = [...(isLong(size) ? [longLengths([size, size])] : [])];
    const end = position + 30 + name.length + extra.reduce((sum, field) => sum + field.length, 0);
    if (align > 1 && end % align !== 0) extra.push(padding((2 * align - 4 - (end % align)) % align));
    const fields = Buffer.concat(extra);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(isLong(size) ? 45 : 20, 4);
    header.writeUInt16LE(utf8Names, 6);
    header.writeUInt16LE(date, 12);
    header.writeUInt32LE(Math.min(size, unknown), 18);
    header.writeUInt32LE(Math.min(size, unknown), 22);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(fields.length, 28);
    await this.#output.write(Buffer.concat([header, name, fields]));
    const start = this.#output.position;
    let crc = 0;
    for await (const piece of bytes) {
      // Written while the checksum is taken.
      const written = this.#output.write(piece);
      crc = crc32(piece, crc);
      await written;
    }
    if (this.#output.position !== start + size)
      throw new RangeError(`"${path}" is announced with ${size} bytes and has ${this.#output.position - start}.`);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc);
    await this.#output.replace(checksum, position + 14);
    this.#entries.push({ name, crc, size, position });
  }

  /** Writes the directory. */
  async end(): Promise<void> {
    const start = this.#output.position;
    for (const entry of this.#entries) await this.#output.write(directoryEntry(entry));
    const size = this.#output.position - start;
    const count = this.#entries.length;
    if (isLong(start) || isLong(size) || count >= 0xffff) {
      const long = Buffer.alloc(56 + 20);
      long.writeUInt32LE(0x06064b50, 0);
      long.writeBigUInt64LE(44n, 4);
      long.writeUInt16LE(45, 12);
      long.writeUInt16LE(45, 14);
      for (const [i, value] of [count, count, size, start].entries()) long.writeBigUInt64LE(BigInt(value), 24 + 8 * i);
      long.writeUInt32LE(0x07064b50, 56);
      long.writeBigUInt64LE(BigInt(start + size), 64);
      long.writeUInt32LE(1, 72);
      await this.#output.write(long);
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(Math.min(count, 0xffff), 8);
    end.writeUInt16LE(Math.min(count, 0xffff), 10);
    end.writeUInt32LE(Math.min(size, unknown), 12);
    end.writeUInt32LE(Math.min(start, unknown), 16);
    await this.#output.write(end);
  }
}

function directoryEntry({ name, crc, size, position }: Entry): Uint8Array {
  const long = [...(isLong(size) ? [size, size] : []), ...(isLong(position) ? [position] : [])];
  const extra = long.length > 0 ? longLengths(long) : Buffer.alloc(0);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(long.length > 0 ? 45 : 20, 4);
  entry.writeUInt16LE(long.length > 0 ? 45 : 20, 6);
  entry.writeUInt16LE(utf8Names, 8);
  entry.writeUInt16LE(date, 14);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(Math.min(size, unknown), 20);
  entry.writeUInt32LE(Math.min(size, unknown), 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(Math.min(position, unknown), 42);
  return Buffer.concat([entry, name, extra]);
}

/** An extra field with lengths that do not fit in 32 bits. */
function longLengths(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return field;
}

/** A field that says nothing, `length` bytes after its own four. */
function padding(length: number): Buffer {
  const field = Buffer.alloc(4 + length);
  // PyTorch marks its padding by these letters.
  field.write('FB', 'latin1');
  field.writeUInt16LE(length, 2);
  return field;
}
