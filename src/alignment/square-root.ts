/**
 * Square roots of symmetric positive definite matrices by products alone, hence differentiable: the coupled
 * Newton-Schulz iteration (Higham, 2008, eq. 6.35). With A scaled into the unit ball,
 *
 *   Y ← ½ Y (3I − Z Y),   Z ← ½ (3I − Z Y) Z,   Y → A^½, Z → A^-½
 *
 * Convergence is quadratic once an eigenvalue has grown to about 1, which takes log_{2.25}(condition) iterations.
 */
import { constant, type Tensor } from '../tensor/index.ts';

const identity = (d: number, like: Tensor): Tensor =>
  constant(
    Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0)),
    [d, d],
    like.dtype,
  );

/** A^½ of `[..., d, d]`. 24 iterations serve condition numbers up to about 1e6. */
export function squareRoot(a: Tensor, { iterations = 24 } = {}): Tensor {
  const d = a.shape.at(-1)!;
  const eye = identity(d, a);
  // The Frobenius norm bounds the largest eigenvalue; a zero matrix stays zero.
  const norm = a.square().sum([-2, -1], true).max(1e-30).sqrt();
  let y = a.div(norm);
  let z: Tensor | undefined;
  for (let i = 0; i < iterations; i++) {
    const t = eye.mul(1.5).sub((z ? z.matmul(y) : y).mul(0.5));
    y = y.matmul(t);
    z = z ? t.matmul(z) : t;
  }
  return y.mul(norm.sqrt());
}

/** Sum of the diagonal of `[..., d, d]`. */
export const trace = (a: Tensor): Tensor => a.mul(identity(a.shape.at(-1)!, a)).sum([-2, -1]);
