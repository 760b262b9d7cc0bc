import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdArray, type NumericData } from './array.ts';
import { bytesOf } from './numbers.ts';
import { StoredNumbers } from './stored.ts';
import { StoredRows } from './stored-rows.ts';
import { stored } from './testing.ts';

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Much faster than toEqual. */
const expectSame = (found: NumericData, expected: NumericData): void =>
  expect(Buffer.from(bytesOf(found)).equals(bytesOf(expected))).toBe(true);

describe('rows of an array in a file', () => {
  const count = 40;

  it('are what they are in memory, read at once, from any number on, or in pieces', async () => {
    // Rows longer than the gaps that are read over, and shorter ones.
    for (const size of [1, 3, 17_000]) {
      const data = Float64Array.from({ length: count * size }, (_, i) => i);
      await stored(bytesOf(data), async (run) => {
        const open = (rows: readonly number[]): StoredRows => {
          const elements = new StoredNumbers(run, 'float64');
          return new StoredRows(new NdArray([count, size], 'float64', elements), elements, 'float64', rows);
        };
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.nat(count - 1), { maxLength: 12 }),
            fc.boolean(),
            fc.nat(),
            fc.nat(),
            async (drawn, inOrder, a, b) => {
              const rows = inOrder ? drawn.toSorted((x, y) => x - y) : drawn;
              const expected = joined(rows.map((row) => data.subarray(row * size, (row + 1) * size)));
              const from = a % (expected.length + 1);
              const length = b % (expected.length - from + 1);
              const part = expected.slice(from, from + length);
              expectSame(await open(rows).read(from, length), part);
              const filled = new Float32Array(length).fill(-1);
              open(rows).fillNow(filled, from);
              expectSame(filled, Float32Array.from(part));
              expectSame(open(rows).readNow(), expected);
              expectSame(await open(rows).readFloat32(), Float32Array.from(expected));
              const pieces: Float64Array[] = [];
              for await (const piece of open(rows).pieces()) pieces.push(piece as Float64Array);
              expectSame(joined(pieces), expected);
            },
          ),
          { numRuns: size > 100 ? 5 : 100 },
        );
      });
    }
  });

  it('are not read together with what lies far between them', async () => {
    const size = 2 ** 15;
    const data = new Float32Array(count * size).map((_, i) => i % 251);
    const lengths: number[] = [];
    await stored(bytesOf(data), (run) => {
      const elements = new StoredNumbers(
        {
          ...{ file: run.file, length: run.length, read: run.read.bind(run) },
          readNow: (into, from) => {
            lengths.push(into.length / 4);
            run.readNow(into, from);
          },
        },
        'float32',
      );
      const rows = new StoredRows(
        new NdArray([count, size], 'float32', elements),
        elements,
        'float32',
        [1, 2, 9, 10, 30],
      );
      rows.fillNow(new Float32Array(5 * size), 0);
      return Promise.resolve();
    });
    expect(lengths).toEqual([2 * size, 2 * size, size]);
  });

  it('refuse to be read beyond their end', async () => {
    await stored(bytesOf(new Float32Array(6)), async (run) => {
      const elements = new StoredNumbers(run, 'float32');
      const rows = new StoredRows(new NdArray([3, 2], 'float32', elements), elements, 'float32', [2]);
      await expect(rows.read(1, 2)).rejects.toThrow(
        new RangeError('Cannot read 2 numbers from number 1 on: there are 2.'),
      );
    });
  });
});
