import fc from 'fast-check';
import { expect, test } from 'vitest';
import { broadcast, normalizeAxes, normalizeAxis, sameShape, size } from './shape.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

test('size multiplies, and a scalar has one value', () => {
  expect([size([2, 3]), size([]), size([2, 0])]).toEqual([6, 1, 0]);
});
test('sameShape', () => {
  expect([sameShape([2, 3], [2, 3]), sameShape([2], [2, 1]), sameShape([], [])]).toEqual([true, false, true]);
});
test('broadcast aligns on the right', () => {
  expect(broadcast([2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
});
test('broadcast with itself, or with a scalar, changes nothing', () =>
  fc.assert(
    fc.property(shapes, (shape) => {
      expect(broadcast(shape, shape)).toEqual(shape);
      expect(broadcast([], shape)).toEqual(shape);
    }),
  ));
test('broadcast does not care about order', () =>
  fc.assert(
    fc.property(shapes, shapes, (a, b) => {
      const attempt = (p: number[], q: number[]): unknown => {
        try {
          return broadcast(p, q);
        } catch {
          return 'none';
        }
      };
      expect(attempt(a, b)).toEqual(attempt(b, a));
    }),
  ));
test('axes count from either end, each once, in order', () => {
  expect(normalizeAxis(-1, 3)).toBe(2);
  expect(normalizeAxes([-1, 0, 2], 3)).toEqual([0, 2]);
  expect(normalizeAxes(undefined, 2)).toEqual([0, 1]);
  expect(() => normalizeAxis(0.5, 2)).toThrow('Axis 0.5 is out of range for a tensor of rank 2.');
});
