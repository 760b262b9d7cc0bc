import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, isInFile, NdArray, type NumericData } from './array.ts';
import { bytesOf } from './numbers.ts';
import { StoredNumbers } from './stored.ts';
import { stored } from './testing.ts';
import { strided } from './stored-view.ts';

const axes = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 9 })), { maxLength: 4 });

describe('a strided view of numbers in a file', () => {
  it('is what the same view of numbers in memory is, read at once, from any number on, or in pieces', async () => {
    const data = Float32Array.from({ length: 200 }, (_, i) => i);
    await stored(bytesOf(data), async (run) => {
      await fc.assert(
        fc.asyncProperty(axes, fc.nat(), fc.nat(), async (pairs, a, b) => {
          const shape = pairs.map(([axis]) => axis);
          const strides = pairs.map(([, stride]) => stride);
          const expected = gather(data, shape, strides, 0);
          const { elements } = strided(
            new NdArray([200], 'float32', new StoredNumbers(run, 'float32')),
            shape,
            strides,
          );
          if (!isInFile(elements)) throw new Error('should be in the file');
          expect(elements.readNow()).toEqual(expected);
          expect(await elements.readFloat32()).toEqual(expected);
          const from = a % (expected.length + 1);
          const count = b % (expected.length - from + 1);
          expect(await elements.read(from, count)).toEqual(expected.slice(from, from + count));
          const pieces: NumericData[] = [];
          for await (const piece of elements.pieces()) pieces.push(piece.slice());
          expect(pieces.flatMap((piece) => [...(piece as Float32Array)])).toEqual([...expected]);
        }),
      );
    });
  });

  it('is read row by row where rows lie one after another', async () => {
    const data = Float64Array.from({ length: 3_000_000 }, (_, i) => i);
    await stored(bytesOf(data), async (run) => {
      const half = strided(new NdArray([3e6], 'float64', new StoredNumbers(run, 'float64')), [1000, 1500], [3000, 2]);
      const lengths: number[] = [];
      let sum = 0;
      if (isInFile(half.elements))
        for await (const piece of half.elements.pieces()) {
          lengths.push(piece.length);
          sum += (piece as Float64Array).reduce((total, x) => total + x, 0);
        }
      expect(lengths).toEqual([523_500, 523_500, 453_000]);
      expect(sum).toBe(1_500_000 * 1_499_999);
    });
  });
});
