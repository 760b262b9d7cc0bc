import { Cursor } from '../bytes/cursor.ts';
import { CheckedSource } from './checked.ts';
import { type FormatError, quoted } from '../../files/error.ts';
import { Inflated } from '../bytes/inflated.ts';
import { PartSource } from '../bytes/source.ts';
import type { Source } from '../bytes/stored.ts';

/** A file in a zip archive, as the directory of the archive describes it. */
interface Member {
  readonly path: string;
  readonly deflated: boolean;
  readonly size: number;
  /** Bytes in the archive. */
  readonly length: number;
  readonly crc: number;
  /** Where its own header is, which the bytes follow. */
  readonly position: number;
}

// An archive may inflate to so many times its own size, and so many bytes beyond that: sound archives of numbers stay far
// below, unless the numbers are zeros.
const largestRatio = 100;
const smallestBomb = 2 ** 28;

const endLength = 22;
const endMark = 0x06054b50;
const longEndMark = 0x06064b50;
const longEndLocatorMark = 0x07064b50;
const memberMark = 0x02014b50;
const localMark = 0x04034b50;
const unknownLength = 0xffffffff;

/**
 * Whether a file that begins with `bytes` is a zip archive. The length that a safetensors file begins with may look the
 * same, but a brace follows it, which is no way of packing the first file of an archive.
 */
export const startsAsZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes[8] !== 0x7b;

/**
 * The files in a zip archive, by path, each a file to read of its own: in place if it is stored, inflated as it is read
 * if it is deflated. Checksums are looked at once all of a file was read. Only the directory is read now. Zip64 is understood; nothing is ever written to a path of it.
 */
export function readZip(source: Source): ReadonlyMap<string, Source> {
  const { position, end, count } = findDirectory(source);
  const input = new Cursor(source, source.file);
  input.offset = position;
  const members: Member[] = [];
  for (let i = 0; i < count; i++) members.push(readMember(input, end));
  if (input.offset !== end) throw input.fail('the directory of the archive is longer than its entries; copy it again.');
  const total = members.reduce((sum, { size }) => sum + size, 0);
  if (total > smallestBomb + largestRatio * source.size)
    throw input.fail(
      `the archive of ${source.size} bytes announces ${total}; refused as a zip bomb. If it is yours, save it uncompressed.`,
    );
  const files = new Map<string, Source>();
  let free = 0;
  for (const member of members.toSorted((a, b) => a.position - b.position)) {
    const start = dataPosition(source, member, { from: free, to: position });
    free = start + member.length;
    if (member.path.endsWith('/') && member.size === 0) continue;
    if (files.has(member.path)) throw input.fail(`the archive holds ${quoted(member.path)} twice; write it again.`);
    const { size, length, crc } = member;
    const file = `${source.file}:${member.path}`;
    files.set(
      member.path,
      member.deflated
        ? new Inflated(source, { position: start, length, size, crc, file })
        : checked(new PartSource(source, { position: start, size, file }), crc),
    );
  }
  return files;
}

/** A stored file; PyTorch may be told to write none of the checksums, which are 0 then. */
const checked = (stored: Source, crc: number): Source => (crc === 0 ? stored : new CheckedSource(stored, crc));

/** The end record closes the file, after it at most a comment, and says where the directory is. */
function findDirectory(source: Source): { position: number; end: number; count: number } {
  const input = new Cursor(source, source.file);
  const start = Math.max(0, source.size - endLength - 0xffff);
  input.offset = start;
  const tail = input.take(source.size - start);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tail.length - endLength;
  while (at >= 0 && !(view.getUint32(at, true) === endMark && view.getUint16(at + 20, true) === tail.length - at - 22))
    at--;
  if (at < 0) throw input.fail('the zip archive has no end; it is truncated, copy it again.');
  const disks = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
  let count = view.getUint16(at + 10, true);
  let length = view.getUint32(at + 12, true);
  let position = view.getUint32(at + 16, true);
  let end = start + at;
  const locator = at - 20;
  if (locator >= 0 && view.getUint32(locator, true) === longEndLocatorMark) {
    const record = new Cursor(source, source.file);
    record.offset = Number(view.getBigUint64(locator + 8, true));
    end = record.offset;
    if (end > start + locator || record.uint32() !== longEndMark)
      throw record.fail('the zip archive has no zip64 end where it says; it is damaged, copy it again.');
    record.take(8 + 2 + 2 + 4 + 4 + 8);
    count = record.uint64();
    length = record.uint64();
    position = record.uint64();
  }
  if (disks.some((disk) => disk !== 0 && disk !== 0xffff))
    throw input.fail('the zip archive is one of several volumes; join them first.');
  if (position + length !== end)
    throw input.fail('the directory of the zip archive is not where it says; it is damaged, copy it again.');
  return { position, end, count };
}

function readMember(input: Cursor, end: number): Member {
  if (input.offset + 46 > end || input.uint32() !== memberMark)
    throw input.fail('the directory of the zip archive lacks an entry; it is damaged, copy it again.');
  input.take(4);
  const flags = input.uint16();
  const method = input.uint16();
  input.take(4);
  const crc = input.uint32();
  let length = input.uint32();
  let size = input.uint32();
  const [nameLength, extraLength, commentLength] = [input.uint16(), input.uint16(), input.uint16()];
  input.take(8);
  let position = input.uint32();
  const path = flags & 0x800 ? input.utf8(nameLength) : input.latin1(nameLength);
  const extra = zip64(input.take(extraLength));
  if (size === unknownLength) size = extra.next(input);
  if (length === unknownLength) length = extra.next(input);
  if (position === unknownLength) position = extra.next(input);
  input.take(commentLength);
  const name = quoted(path);
  if (unsafe(path)) throw input.fail(`the archive names a file ${name}, which leaves its folder; refused.`);
  if (flags & 1) throw input.fail(`${name} is encrypted; write the archive without a password.`);
  if (method !== 0 && method !== 8)
    throw input.fail(`${name} is compressed by method ${method}; only stored and deflated files are read.`);
  if (method === 0 && size !== length) throw input.fail(`${name} is stored in ${length} bytes and has ${size}.`);
  return { path, deflated: method === 8, size, length, crc, position };
}

/** The 64-bit lengths in an extra field, in turn: those that did not fit in 32 bits. */
function zip64(extra: Uint8Array): { next: (input: Cursor) => number } {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  let at = 0;
  let end = 0;
  for (let field = 0; field + 4 <= extra.length; field += 4 + view.getUint16(field + 2, true))
    if (view.getUint16(field, true) === 1) [at, end] = [field + 4, field + 4 + view.getUint16(field + 2, true)];
  return {
    next: (input) => {
      if (at + 8 > Math.min(end, extra.length))
        throw input.fail('a file of the zip archive lacks its length; the archive is damaged, copy it again.');
      at += 8;
      return Number(view.getBigUint64(at - 8, true));
    },
  };
}

const unsafe = (path: string): boolean =>
  /^[/\\]|^[a-z]:|\0/iu.test(path) || path.split(/[/\\]/u).some((part) => part === '..');

/** Where the bytes of a member begin; no two members may share any. */
function dataPosition(
  source: Source,
  { path, position, length }: Member,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const input = new Cursor(source, source.file, { window: 30 });
  const fail = (problem: string): FormatError => input.fail(`${quoted(path)} ${problem}; the archive is damaged.`);
  input.offset = position;
  if (position < from || position + 30 > to) throw fail('shares bytes with another file or lies outside');
  if (input.uint32() !== localMark) throw fail('has no header where the directory says');
  input.take(22);
  const start = position + 30 + input.uint16() + input.uint16();
  if (start + length > to) throw fail('ends beyond the archive');
  return start;
}
