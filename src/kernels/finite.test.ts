import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allFinite } from './finite.ts';

const lengths = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(16383, 16384, 16385, 40000));

test('one number that is not finite is found, wherever it stands', () => {
  fc.assert(
    fc.property(
      lengths,
      fc.nat(),
      fc.constantFrom(Number.NaN, Infinity, -Infinity),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      (length, place, wrong, others) => {
        const x = new Float32Array(length).fill(others);
        expect(allFinite(x)).toBe(true);
        x[place % length] = wrong;
        expect(allFinite(x)).toBe(false);
      },
    ),
  );
});

test('NaN of any bits is found, and the largest and smallest numbers are finite', () => {
  const bits = Uint32Array.of(0x7f800001, 0xff800001, 0x7fc00000, 0xffffffff, 0x7f800000, 0xff800000);
  for (const each of new Float32Array(bits.buffer)) expect(allFinite(Float32Array.of(1, each))).toBe(false);
  const finite = Uint32Array.of(0x7f7fffff, 0xff7fffff, 1, 0x80000001, 0x80000000);
  expect(allFinite(new Float32Array(finite.buffer))).toBe(true);
});

test('none at all are finite, and what was in the scratch space before does not count', () => {
  expect(allFinite(new Float32Array(20).fill(Number.NaN))).toBe(false);
  expect(allFinite(new Float32Array(3))).toBe(true);
  expect(allFinite(new Float32Array(0))).toBe(true);
});

test('numbers in shared memory', () => {
  const x = new Float32Array(new SharedArrayBuffer(400));
  expect(allFinite(x)).toBe(true);
  x[99] = Infinity;
  expect(allFinite(x)).toBe(false);
});
