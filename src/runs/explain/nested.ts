/** Arrays in row-major order as lists of lists, as JSON has them. */
import type { Matrix } from '../../analysis/matrix.ts';
import type { NestedNumbers } from './explanation.ts';

type Numbers = Float32Array | Float64Array;

export const rowsOf = ({
  rows,
  columns,
  data,
}: Pick<Matrix, 'rows' | 'columns'> & { readonly data: Numbers }): number[][] =>
  Array.from({ length: rows }, (_, n) => Array.from(data.subarray(n * columns, (n + 1) * columns)));

/** Slices `[K][D][E]` of an array of K such slices. */
export const slicesOf = (data: Numbers, [count, rows, columns]: readonly [number, number, number]): number[][][] =>
  Array.from({ length: count }, (_, k) =>
    rowsOf({ rows, columns, data: data.subarray(k * rows * columns, (k + 1) * rows * columns) }),
  );

export function nested(data: Numbers, [count, ...inner]: readonly number[]): NestedNumbers {
  if (inner.length === 0) return Array.from(data);
  const size = data.length / count!;
  return Array.from({ length: count! }, (_, k) => nested(data.subarray(k * size, (k + 1) * size), inner));
}
