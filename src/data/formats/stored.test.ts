import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NumericData } from './array.ts';
import { FormatError } from './error.ts';
import { OpenFile } from './open-file.ts';
import { StoredBytes, StoredLatin1, StoredNumbers } from './stored.ts';
import { withFile } from './testing.ts';

/** Calls `use` with the bytes in a file, as a run of it. */
const stored = <T>(bytes: Uint8Array, use: (run: StoredBytes, path: string) => Promise<T>): Promise<T> =>
  withFile(bytes, async (path) => {
    const file = await OpenFile.open(path);
    try {
      return await use(new StoredBytes(file, 0, file.size), path);
    } finally {
      await file.close();
    }
  });

const bytesOf = ({ buffer }: NumericData): Uint8Array => new Uint8Array(buffer);

/** Element by element, an assertion on a million takes minutes. */
function expectEqual(actual: NumericData, expected: NumericData): void {
  expect([actual.constructor, actual.length]).toEqual([expected.constructor, expected.length]);
  expect(Buffer.compare(bytesOf(actual), bytesOf(expected))).toBe(0);
}

describe('StoredNumbers', () => {
  const count = 700_001;
  const float32 = Float32Array.from({ length: count }, (_, i) => i / 3);
  const float64 = Float64Array.from({ length: count }, (_, i) => i / 3);

  it.each([
    ['float32', float32],
    ['float64', float64],
  ] as const)('gives %s as it is, and as float32 in pieces that its reader may change', async (dtype, data) => {
    await stored(bytesOf(data), async (run) => {
      const numbers = new StoredNumbers(run, dtype, { bigEndian: false });
      expectEqual(numbers.readNow(), data);
      expectEqual(await numbers.readFloat32(), float32);
      let seen = 0;
      const doubled = await numbers.readFloat32((piece) => {
        seen += piece.length;
        for (let i = 0; i < piece.length; i++) piece[i]! *= 2;
      });
      expect(seen).toBe(count);
      expectEqual(
        doubled,
        float32.map((x) => 2 * x),
      );
    });
  });

  it('reverses the bytes of a big-endian file', async () => {
    await stored(bytesOf(float32).slice().reverse(), async (run) => {
      const numbers = new StoredNumbers(run, 'float32', { bigEndian: true });
      expectEqual(await numbers.readFloat32(), float32.slice().reverse());
      expectEqual(numbers.readNow(), float32.slice().reverse());
    });
  });

  it('says so where the file became shorter after it was opened', async () => {
    await stored(bytesOf(float32), async (run, path) => {
      truncateSync(path, 1_500_000);
      const numbers = new StoredNumbers(run, 'float32', { bigEndian: false });
      const message = /x\.pkl, byte \d+: became shorter while it was read; wait until it is written\.$/;
      await expect(numbers.readFloat32()).rejects.toThrow(message);
      await expect(numbers.readFloat32()).rejects.toThrow(FormatError);
      expect(() => numbers.readNow()).toThrow(message);
    });
  });
});

describe('StoredBytes', () => {
  it('says so where there is no memory for them', async () => {
    await stored(Uint8Array.of(1), async ({ source }) => {
      const vast = new StoredBytes(source, 0, 2 ** 52);
      const message = 'x.pkl: needs 4194304.0 GiB of memory for one array, and there is less; read fewer modalities.';
      expect(() => vast.readNow()).toThrow(message);
      await expect(new StoredNumbers(vast, 'float64', { bigEndian: false }).readFloat32()).rejects.toThrow(FormatError);
    });
  });
});

describe('StoredLatin1', () => {
  // The characters of two bytes fall on the borders of the pieces that are read.
  it.each([0, 1])('gives the byte that each character of a text stands for, after %i others', async (before) => {
    const bytes = Uint8Array.from({ length: before + 3 * 2 ** 20 }, (_, i) => (i < before ? 65 : i - before) % 256);
    const text = Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8');
    await stored(text, async (run) => {
      const latin1 = new StoredLatin1(run);
      expect(latin1.length).toBe(bytes.length);
      expect(Buffer.compare(latin1.readNow(), bytes)).toBe(0);
      return Promise.resolve();
    });
  });
});
