import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../files/error.ts';
import { bytesOf } from './numbers.ts';
import { bytesNow, StoredBytes, StoredNumbers } from './stored.ts';
import { expectEqual, stored } from './testing.ts';

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

  it('reads from any number on, and all in pieces', async () => {
    await stored(bytesOf(float64), async (run) => {
      const numbers = new StoredNumbers(run, 'float64');
      for (const [from, length] of [
        [0, 3],
        [count - 2, 2],
        [524_000, 1_000],
        [7, 0],
        [count, 0],
      ] as const)
        expectEqual(await numbers.read(from, length), float64.slice(from, from + length));
      await expect(numbers.read(count, 1)).rejects.toThrow('Cannot read 1 numbers from number 700001 on: there are');
      const seen: number[] = [];
      let from = 0;
      for await (const piece of numbers.pieces()) {
        expectEqual(piece.slice(), float64.slice(from, from + piece.length));
        from += piece.length;
        seen.push(piece.length);
      }
      expect(seen).toEqual([2 ** 19, count - 2 ** 19]);
    });
  });

  it('widens what is narrow, in either byte order', async () => {
    const halves = Uint16Array.of(0x3c00, 0x8001, 0x7c00, 0xfc00, 0x7e00, 0x0400);
    const brains = Uint16Array.of(0x3f80, 0xbfc0, 0x7f80);
    const cases = [
      ['float16', halves, [1, -(2 ** -24), Infinity, -Infinity, Number.NaN, 2 ** -14]],
      ['bfloat16', brains, [1, -1.5, Infinity]],
    ] as const;
    for (const [dtype, data, expected] of cases)
      for (const bigEndian of [false, true]) {
        const bytes = Buffer.from(bytesOf(data).slice());
        await stored(bigEndian ? bytes.swap16() : bytes, async (run) => {
          const numbers = new StoredNumbers(run, dtype, { bigEndian });
          const floats = Float32Array.from(expected);
          expect(numbers.readNow()).toEqual(floats);
          expect(await numbers.read(1, 2)).toEqual(floats.slice(1, 3));
          expect(await numbers.readFloat32()).toEqual(floats);
          for await (const piece of numbers.pieces()) expect(piece).toEqual(floats);
        });
      }
  });

  it('says so where the file became shorter after it was opened', async () => {
    await stored(bytesOf(float32), async (run, path) => {
      truncateSync(path, 1_500_000);
      const numbers = new StoredNumbers(run, 'float32', { bigEndian: false });
      const message = /x\.pkl, byte \d+: became shorter while it was read; wait until it is written\.$/;
      await expect(numbers.readFloat32()).rejects.toThrow(message);
      await expect(numbers.readFloat32()).rejects.toThrow(FormatError);
      await expect(numbers.read(0, count)).rejects.toThrow(message);
      await expect(
        (async () => {
          for await (const piece of numbers.pieces()) expect(piece.length).toBeGreaterThan(0);
        })(),
      ).rejects.toThrow(message);
      expect(() => numbers.readNow()).toThrow(message);
    });
  });
});

describe('StoredBytes', () => {
  it('says so where there is no memory for them', async () => {
    await stored(Uint8Array.of(1), async ({ source }) => {
      const vast = new StoredBytes(source, 0, 2 ** 52);
      const message = 'x.pkl: needs 4194304.0 GiB of memory for one array, and there is less; read fewer modalities.';
      expect(() => bytesNow(vast)).toThrow(message);
      await expect(new StoredNumbers(vast, 'float64', { bigEndian: false }).readFloat32()).rejects.toThrow(FormatError);
    });
  });
});
