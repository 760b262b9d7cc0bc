import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinedCrc32 } from './crc32.ts';

it('is the checksum of the whole, from those of its parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
      expect(joinedCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
});

it('is so of parts of any length', () => {
  const zeros = new Uint8Array(2 ** 24);
  expect(joinedCrc32(crc32('a'), crc32(zeros), zeros.length)).toBe(crc32(zeros, crc32('a')));
  // Beyond 2^32 bytes, in steps that have been seen to be right.
  let [crc, length] = [crc32(zeros), zeros.length];
  for (; length < 2 ** 36; length *= 2) crc = joinedCrc32(crc, crc, length);
  expect(joinedCrc32(joinedCrc32(crc32('a'), crc, length), crc, length)).toBe(
    joinedCrc32(crc32('a'), joinedCrc32(crc, crc, length), 2 * length),
  );
});
