/** Linear systems whose matrix is symmetric and positive definite, by A = L Lᵀ (Cholesky). */
import { dot, type Matrix } from './matrix.ts';

/** Rows and columns of L that are worked on together, so that they stay in the processor's cache; a multiple of 4. */
const block = 64;

/** Rows z with (A + penalty·I) z = y for every row y `[K, N]`, for A `[N, N]` and a penalty above 0. */
export function solve(a: Matrix, penalty: number, right: Matrix): Matrix {
  const size = a.rows;
  const lower = factor(a, penalty);
  const data = right.data.slice();
  for (let row = 0; row < right.rows; row++) {
    const z = data.subarray(row * size, (row + 1) * size);
    for (let i = 0; i < size; i++) z[i] = (z[i]! - dot(lower, i * size, z, 0, i)) / lower[i * size + i]!;
    for (let i = size - 1; i >= 0; i--) {
      const value = (z[i]! /= lower[i * size + i]!);
      for (let j = 0; j < i; j++) z[j]! -= lower[i * size + j]! * value;
    }
  }
  return { ...right, data };
}

/** L of A + penalty·I, on and below its diagonal. */
function factor({ rows: size, data: a }: Matrix, penalty: number): Float64Array {
  const lower = a.slice();
  const less = (i: number, j: number, from: number): number =>
    lower[i * size + j]! - dot(lower, i * size + from, lower, j * size + from, j - from);
  for (let from = 0; from < size; from += block) {
    const to = Math.min(size, from + block);
    for (let left = 0; left < from; left += block)
      for (let i = from; i < to; i++) {
        for (let j = left; j < left + block; j += 4) subtractProducts(lower, size, i, j, left);
        for (let j = left; j < left + block; j++) lower[i * size + j] = less(i, j, left) / lower[j * size + j]!;
      }
    for (let i = from; i < to; i++) {
      for (let j = from; j < i; j++) lower[i * size + j] = less(i, j, 0) / lower[j * size + j]!;
      // In exact arithmetic no pivot is below the penalty; rounding must not make it negative.
      lower[i * size + i] = Math.sqrt(Math.max(less(i, i, 0) + penalty, penalty));
    }
  }
  return lower;
}

/**
 * Takes from entries j to j + 3 of row i the products of row i with rows j to j + 3 over their first `length` numbers: four
 * rows at once read row i once, in half the time of one after the other.
 */
function subtractProducts(x: Float64Array, size: number, i: number, j: number, length: number): void {
  const [own, first, second, third, fourth] = [i * size, j * size, (j + 1) * size, (j + 2) * size, (j + 3) * size];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < length; k++) {
    const value = x[own + k]!;
    s0 += value * x[first + k]!;
    s1 += value * x[second + k]!;
    s2 += value * x[third + k]!;
    s3 += value * x[fourth + k]!;
  }
  x[own + j]! -= s0;
  x[own + j + 1]! -= s1;
  x[own + j + 2]! -= s2;
  x[own + j + 3]! -= s3;
}
