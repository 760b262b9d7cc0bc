import { apply, type Emitter, type Op } from '../op.ts';
import { broadcast, sameShape, size, type Shape } from '../shape.ts';
import type { Node, Tensor } from '../tensor.ts';

interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Factor on the product. */
  readonly scale: number;
}
const ends = (x: Tensor, transposed: boolean): readonly [number, number] => {
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns!, rows!] : [rows!, columns!];
};

/** The leading axes of a product: those of its operands, broadcast. */
function batches(a: Tensor, b: Tensor): Shape {
  try {
    return broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  } catch (error) {
    throw new RangeError(`Cannot multiply [${a.shape}] by [${b.shape}]: their leading axes do not broadcast.`, {
      cause: error,
    });
  }
}

/** A matrix product that may be scaled, and whose operands may be read transposed; the kernels do both at no cost. */
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
  lower: (emit, [a, b], flags, node) => {
    const { transposeA, transposeB, scale } = flags;
    const [left, right] = node.inputs;
    if (!transposeA && !transposeB && scale === 1) return emit.node('MatMul', [a!, b!]);
    const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } };
    // Attributes are float32: the scale of a float64 product would be rounded.
    const exact = left!.dtype === 'float32' || Math.fround(scale) === scale;
    if (exact && left!.shape.length === 2 && right!.shape.length === 2) return emit.node('Gemm', [a!, b!], attributes);
    const fused = !emit.portable && left!.dtype === 'float32';
    if (fused) return emit.node('FusedMatMul', [a!, b!], attributes, { domain: 'com.microsoft' });
    return plainProduct(emit, [a!, b!], flags, node);
  },
  grad: ([dy], { inputs: [a, b], attrs: { transposeA, transposeB, scale } }) => [
    transposeA ? product(b!, dy!, transposeB, true, scale) : product(dy!, b!, false, !transposeB, scale),
    transposeB ? product(dy!, a!, true, transposeA, scale) : product(a!, dy!, !transposeA, false, scale),
  ],
};

/**
 * A product of two matrices `[M, N]` plus a bias that broadcasts to it. Only simplification makes it, after gradients.
 */
export const Gemm: Op<Product> = {
  name: 'Gemm',
  infer: ([a, b], flags) => MatMul.infer([a!, b!], flags),
  lower: (emit, inputs, { transposeA, transposeB, scale }) =>
    emit.node('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } }),
  grad: null,
};

/**
 * A product by ONNX's MatMul, which neither transposes nor scales: both are done by nodes of their own, on small
 * tensors.
 */
function plainProduct(
  emit: Emitter,
  [a, b]: readonly [string, string],
  { transposeA, transposeB, scale }: Product,
  { inputs: [left, right], outputs: [y] }: Node<Product>,
): string[] {
  const swapped = (name: string, rank: number): string =>
    emit.node('Transpose', [name], { perm: [...Array(rank - 2).keys(), rank - 1, rank - 2] })[0]!;
  const turned = (name: string, { shape }: Tensor, transposed: boolean): string =>
    transposed ? swapped(name, shape.length) : name;
  const scaled = (name: string): string =>
    scale === 1 ? name : emit.node('Mul', [name, emit.scalar(scale, left!.dtype)])[0]!;
  const smallest = Math.min(...[left!, right!, y!].map(({ shape }) => size(shape)));
  const onA = size(left!.shape) === smallest;
  const onB = !onA && size(right!.shape) === smallest;
  const [p, q] = [onA ? scaled(a) : a, onB ? scaled(b) : b];
  // A Bᵀ = (B Aᵀ)ᵀ, which leaves a large B as it is.
  const large = transposeB && !transposeA && size(right!.shape) > size(left!.shape) + size(y!.shape);
  const [result] = large
    ? [swapped(emit.node('MatMul', [q, swapped(p, left!.shape.length)])[0]!, y!.shape.length)]
    : emit.node('MatMul', [turned(p, left!, transposeA), turned(q, right!, transposeB)]);
  return [onA || onB ? result! : scaled(result!)];
}

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
