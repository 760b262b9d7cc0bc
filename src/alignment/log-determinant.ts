/**
 * Log-determinants of symmetric positive definite matrices, with their gradient.
 *
 *   log det A = Σ_k log p_k        d log det A / dA = A⁻¹
 *
 * p_k is the k-th pivot of symmetric elimination, the square of the k-th diagonal entry of the Cholesky factor. The sweeps
 * that find the pivots find the inverse with them (Goodnight, 1979), by a product of two vectors each:
 *
 *   v = A e_k − e_k,   p_k = A_kk,   A ← A − v vᵀ / p_k        and in the end   A⁻¹ = 2I − A
 */
import { concat, constant, size, withGradient, type Tensor } from '../tensor/index.ts';

/** A pivot below this counts as this: rounding takes the last ones of a nearly singular matrix below 0. */
const pivotFloor = 1e-12;

const identity = (d: number, like: Tensor): Tensor =>
  constant(
    Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0)),
    [1, d, d],
    like.dtype,
  );

/** log det of `[..., d, d]`: `[...]`. The matrices must be symmetric and positive definite. */
export function logDeterminant(a: Tensor): Tensor {
  const d = a.shape.at(-1)!;
  const rest = a.shape.slice(0, -2);
  const count = size(rest);
  const eye = identity(d, a);
  let swept = a.detach().reshape([count, d, d]);
  const pivots: Tensor[] = [];
  for (let k = 0; k < d; k++) {
    const column = swept.slice(2, k, k + 1);
    const pivot = column.slice(1, k, k + 1).max(pivotFloor);
    const v = column.sub(eye.slice(2, k, k + 1));
    swept = swept.sub(v.div(pivot).matmul(v, { transposeB: true }));
    pivots.push(pivot);
  }
  const value = concat(pivots, 1).log().sum([1, 2]).reshape(rest);
  const inverse = eye.mul(2).sub(swept).reshape(a.shape);
  return withGradient(value, [a], (dy) => [inverse.mul(dy.reshape([...rest, 1, 1]))]);
}
