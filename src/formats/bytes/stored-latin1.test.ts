import { describe, expect, it } from 'vitest';
import { bytesNow } from './stored.ts';
import { StoredLatin1 } from './stored-latin1.ts';
import { stored } from './testing.ts';

describe('StoredLatin1', () => {
  // The characters of two bytes fall on the borders of the pieces that are read.
  it.each([0, 1])('gives the byte that each character of a text stands for, after %i others', async (before) => {
    const bytes = Uint8Array.from({ length: before + 3 * 2 ** 20 }, (_, i) => (i < before ? 65 : i - before) % 256);
    const text = Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8');
    await stored(text, async (run) => {
      const latin1 = new StoredLatin1(run);
      expect(latin1.length).toBe(bytes.length);
      expect(Buffer.compare(bytesNow(latin1), bytes)).toBe(0);
      for (const [from, count] of [
        [0, 1],
        [before + 262_140, 9],
        [bytes.length - 5, 5],
        [1000, 600_000],
      ] as const) {
        const some = new Uint8Array(count);
        await latin1.read(some, from);
        expect(Buffer.compare(some, bytes.subarray(from, from + count))).toBe(0);
      }
    });
  });
});
