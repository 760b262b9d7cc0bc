/**
 * Ridge regression in closed form, float64, for features that fit in memory:
 *
 *   min_W ‖Y − XW‖² + penalty ‖W‖²     X [N, D], Y [N, C], W [D, C]
 *
 * Its own few lines of linear algebra, since every product here is one of rows with rows, read in order: at N 1284, D 793
 * and 17 penalties that takes 5 s, where products and an eigendecomposition by ml-matrix took 17.
 */

/** Row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export interface RidgePath {
  /** The mean of X² per feature, times N: penalties are meaningful relative to it, whatever the scale of the features. */
  readonly scale: number;
  /** Wᵀ `[C, D]` for a penalty above 0. */
  readonly weights: (penalty: number) => Matrix;
}

/**
 * The solutions for X `[N, D]` and Yᵀ `[C, N]`, sharing the one large product: XᵀX with at least as many samples as features,
 * where W = (XᵀX + penalty)⁻¹ XᵀY; else XXᵀ, where W = Xᵀ (XXᵀ + penalty)⁻¹ Y.
 */
export function ridgePath(x: Matrix, targets: Matrix): RidgePath {
  const features = transposed(x);
  const primal = x.rows >= x.columns;
  const gram = primal ? timesTransposed(features, features) : timesTransposed(x, x);
  const projected = primal ? timesTransposed(targets, features) : targets;
  let trace = 0;
  for (let i = 0; i < gram.rows; i++) trace += gram.data[i * gram.rows + i]!;
  return {
    scale: trace / x.columns,
    weights: (penalty) => {
      const solved = solve(gram, penalty, projected);
      return primal ? solved : timesTransposed(solved, features);
    },
  };
}

/** A Bᵀ `[A.rows, B.rows]`. */
export function timesTransposed(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) {
    // A Aᵀ is symmetric: half of it will do.
    for (let j = a === b ? i : 0; j < b.rows; j++) {
      const value = dot(a.data, i * a.columns, b.data, j * b.columns, a.columns);
      data[i * b.rows + j] = value;
      if (a === b) data[j * b.rows + i] = value;
    }
  }
  return { rows: a.rows, columns: b.rows, data };
}

/** Rows z with (A + penalty·I) z = y for every row y, by A + penalty·I = L Lᵀ (Cholesky). */
function solve(a: Matrix, penalty: number, right: Matrix): Matrix {
  const size = a.rows;
  const lower = a.data.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const rest = lower[i * size + j]! - dot(lower, i * size, lower, j * size, j);
      lower[i * size + j] = rest / lower[j * size + j]!;
    }
    const pivot = a.data[i * size + i]! + penalty - dot(lower, i * size, lower, i * size, i);
    // In exact arithmetic no pivot is below the penalty; rounding must not make it negative.
    lower[i * size + i] = Math.sqrt(Math.max(pivot, penalty));
  }
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

function transposed(x: Matrix): Matrix {
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) data[j * x.rows + i] = x.data[i * x.columns + j]!;
  return { rows: x.columns, columns: x.rows, data };
}

/** Four sums at a time: additions that wait for each other take most of a plain loop's time. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[i + k]! * b[j + k]!;
    s1 += a[i + k + 1]! * b[j + k + 1]!;
    s2 += a[i + k + 2]! * b[j + k + 2]!;
    s3 += a[i + k + 3]! * b[j + k + 3]!;
  }
  for (; k < length; k++) s0 += a[i + k]! * b[j + k]!;
  return s0 + s1 + s2 + s3;
}
