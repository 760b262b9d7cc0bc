import { apply, type Op } from '../op.ts';
import { broadcast, sameShape, size, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** What the product is multiplied by. */
  readonly scale: number;
}
const ends = (x: Tensor, transposed: boolean): readonly [number, number] => {
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns!, rows!] : [rows!, columns!];
};

/** The leading axes of a product, which broadcast. */
function batches(a: Tensor, b: Tensor): Shape {
  try {
    return broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  } catch (error) {
    throw new RangeError(`Cannot multiply [${a.shape}] by [${b.shape}]: their leading axes do not broadcast.`, {
      cause: error,
    });
  }
}

/** A scaled product whose operands may be read transposed; neither costs anything in the kernels. */
export const MatMul: Op<Product> = {
  name: 'MatMul',
  infer: ([a, b], { transposeA, transposeB }) => {
    const [m, k] = ends(a!, transposeA);
    const [k2, n] = ends(b!, transposeB);
    if (a!.dtype !== b!.dtype)
      throw new TypeError(
        `Cannot multiply ${a!.dtype} [${a!.shape}] by ${b!.dtype} [${b!.shape}]: their dtypes differ; use .cast().`,
      );
    if (k !== k2)
      throw new RangeError(`Cannot multiply [${a!.shape}] by [${b!.shape}]: ${k} columns against ${k2} rows.`);
    return [{ shape: [...batches(a!, b!), m, n], dtype: a!.dtype }];
  },
  lower: (emit, [a, b], { transposeA, transposeB, scale }, { inputs: [left, right] }) => {
    if (!transposeA && !transposeB && scale === 1) return emit.node('MatMul', [a!, b!]);
    const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } };
    if (left!.shape.length === 2 && right!.shape.length === 2) return emit.node('Gemm', [a!, b!], attributes);
    const fused = !emit.portable && left!.dtype === 'float32';
    if (fused) return emit.node('FusedMatMul', [a!, b!], attributes, { domain: 'com.microsoft' });
    const swapped = (name: string, { shape: { length } }: Tensor): string =>
      emit.node('Transpose', [name], { perm: [...Array(length - 2).keys(), length - 1, length - 2] })[0]!;
    const y = emit.node('MatMul', [transposeA ? swapped(a!, left!) : a!, transposeB ? swapped(b!, right!) : b!]);
    return scale === 1 ? y : emit.node('Mul', [...y, emit.scalar(scale, left!.dtype)]);
  },
  grad: ([dy], { inputs: [a, b], attrs: { transposeA, transposeB, scale } }) => [
    transposeA ? product(b!, dy!, transposeB, true, scale) : product(dy!, b!, false, !transposeB, scale),
    transposeB ? product(dy!, a!, true, transposeA, scale) : product(a!, dy!, !transposeA, false, scale),
  ],
};

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean, scale: number): Tensor =>
  apply(MatMul, [a, b], { transposeA, transposeB, scale });

/**
 * Matrix product by NumPy's rules, times `scale`: vectors are rows on the left and columns on the right, leading axes
 * broadcast. Many matrices times one are written as a single flat product.
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false, scale = 1 } = {}): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0)
    throw new RangeError(`Cannot multiply [${a.shape}] by [${b.shape}]: a scalar is no matrix; use .mul().`);
  if (a.shape.length === 1) {
    const y = matmul(a.reshape([1, a.shape[0]!]), b, { transposeB, scale });
    return y.reshape([...y.shape.slice(0, -2), ...y.shape.slice(-1)]);
  }
  if (b.shape.length === 1) {
    const y = matmul(a, b.reshape([b.shape[0]!, 1]), { transposeA, scale });
    return y.reshape(y.shape.slice(0, -1));
  }
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    const rows = a.shape.slice(0, -1);
    const y = product(a.reshape([size(rows), a.shape.at(-1)!]), b, false, transposeB, scale);
    return y.reshape([...rows, y.shape[1]!]);
  }
  return product(a, b, transposeA, transposeB, scale);
}

/** Σ x·y over the last axis, `[..., D]` and `[..., D]` to `[...]`. */
export function dot(x: Tensor, y: Tensor): Tensor {
  if (!sameShape(x.shape, y.shape))
    throw new RangeError(`Cannot take the dot product of [${x.shape}] and [${y.shape}].`);
  return x.mul(y).sum([-1]);
}
