import fc from 'fast-check';
import { expect, test } from 'vitest';
import { threefry } from '../data/random.ts';
import { fillMask, type MaskOptions } from './mask.ts';
import { allocate } from './memory.ts';

/** A mask by the generator's definition, 16 bits after 16 bits. */
function byElement(length: number, { key: [key0, key1], threshold, kept }: MaskOptions): Float32Array {
  const words = new Int32Array(2);
  const numbers = new Uint16Array(words.buffer);
  return Float32Array.from({ length }, (_, i) => {
    threefry(words, key0, key1, i >>> 2, 0);
    return numbers[i % 4]! < threshold ? 0 : kept;
  });
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const masks = fc.record({
  length: fc.nat(300),
  options: fc.record({
    key: fc.tuple(word, word),
    threshold: fc.oneof(fc.nat(65535), fc.constantFrom(0, 1, 32767, 32768, 32769, 65535)),
    kept: fc.constantFrom(1, 2, 10),
  }),
});

test('a mask is its definition, wherever it lies', () => {
  fc.assert(
    fc.property(masks, fc.nat(3), ({ length, options }, offset) => {
      const expected = byElement(length, options);
      const [ordinary, [placed]] = [new Float32Array(length + 40), allocate([length + 40])];
      for (const mask of [ordinary, placed!]) {
        mask.fill(9);
        fillMask(mask.subarray(offset, offset + length), options);
        expect(mask.subarray(offset, offset + length)).toEqual(expected);
        // And nothing beside it is touched.
        expect(mask.subarray(0, offset).every((x) => x === 9)).toBe(true);
        expect(mask.subarray(offset + length).every((x) => x === 9)).toBe(true);
      }
    }),
  );
});

test('a mask goes on over blocks of scratch space', () => {
  const options: MaskOptions = { key: [1, 2], threshold: 6554, kept: 1.5 };
  const expected = byElement(40_001, options);
  for (const mask of [new Float32Array(40_001), allocate([40_001])[0]!]) {
    fillMask(mask, options);
    expect(mask.findIndex((x, i) => x !== expected[i])).toBe(-1);
  }
});
