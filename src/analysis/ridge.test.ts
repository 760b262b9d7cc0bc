import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timesTransposed, type Matrix } from './matrix.ts';
import { ridgePath } from './ridge.ts';

const matrix = (rows: number, columns: number, seed: number): Matrix => ({
  rows,
  columns,
  data: Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(seed + i * 7.13) * 3),
});

test('A Bᵀ worked out by hand', () => {
  const a = { rows: 2, columns: 5, data: Float64Array.of(1, 2, 3, 4, 5, 0, 1, 0, 1, 0) };
  expect([...timesTransposed(a, { rows: 1, columns: 5, data: Float64Array.of(1, 1, 1, 1, 2) }).data]).toEqual([20, 2]);
  expect([...timesTransposed(a, a).data]).toEqual([55, 6, 6, 2]);
});

test('one feature: the textbook formula', () => {
  const x = { rows: 3, columns: 1, data: Float64Array.of(1, 2, 3) };
  const { scale, weights } = ridgePath(x, { rows: 1, columns: 3, data: Float64Array.of(2, 4, 7) });
  expect(scale).toBe(14);
  expect(weights(2).data[0]).toBeCloseTo((2 + 8 + 21) / (14 + 2), 12);
});

test('the gradient vanishes at the solution, with more samples than features and with fewer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.nat(99), (rows, columns, seed) => {
      const [x, targets] = [matrix(rows, columns, seed), matrix(2, rows, seed + 0.5)];
      const penalty = 0.5;
      const weights = ridgePath(x, targets).weights(penalty);
      const fitted = timesTransposed(x, weights);
      for (let c = 0; c < 2; c++) {
        for (let d = 0; d < columns; d++) {
          // Xᵀ(XW − Y) + penalty W = 0
          let gradient = penalty * weights.data[c * columns + d]!;
          for (let n = 0; n < rows; n++) {
            gradient += x.data[n * columns + d]! * (fitted.data[n * 2 + c]! - targets.data[c * rows + n]!);
          }
          expect(Math.abs(gradient)).toBeLessThan(1e-8);
        }
      }
    }),
  );
});

test('features that are copies of each other, or huge, give finite weights', () => {
  const x = { rows: 4, columns: 3, data: Float64Array.of(1, 1, 1e9, 2, 2, 2e9, 3, 3, 3e9, 4, 4, 4e9) };
  const { scale, weights } = ridgePath(x, matrix(1, 4, 1));
  for (const penalty of [1e-9, 1e-4 * scale]) expect(weights(penalty).data.every(Number.isFinite)).toBe(true);
});
