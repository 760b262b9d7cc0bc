/** Dense matrices in float64, for what is measured on the host: every product is one of rows with rows, read in order. */

/** `data` `[rows, columns]` in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
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

/** Aᵀ `[A.columns, A.rows]`. */
export function transposed(x: Matrix): Matrix {
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) data[j * x.rows + i] = x.data[i * x.columns + j]!;
  return { rows: x.columns, columns: x.rows, data };
}

/** Σ a[i + k] b[j + k] over `length` numbers. Four sums at a time: additions that wait for each other take most of a plain loop's time. */
export function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
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
