import { apply, type Op } from '../op.ts';
import { size, type Shape } from '../shape.ts';
import type { DType, Tensor } from '../tensor.ts';
import { expand } from './movement.ts';

interface Leaf {
  readonly shape: Shape;
  readonly dtype: DType;
}
const unlowered = (): never => {
  throw new Error('Leaves are written by the serialiser.');
};

/** A value that is fed to every run, such as a batch, a parameter or a random mask. */
export const Input: Op<Leaf & { readonly name: string }> = {
  name: 'Input',
  infer: (_, leaf) => [leaf],
  lower: unlowered,
  grad: () => [],
};

export const Constant: Op<Leaf & { readonly data: ArrayLike<number> }> = {
  name: 'Constant',
  infer: (_, leaf) => [leaf],
  lower: unlowered,
  grad: () => [],
};

/** A named value that is fed when the program runs. Names are unique within a program. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new RangeError(`input("${name}") has shape [${shape}]; dimensions are whole numbers.`);
  return apply(Input, [], { name, shape, dtype });
}

/** A tensor whose values are known now; `data` in row-major order. */
export function constant(data: ArrayLike<number>, shape: Shape, dtype: DType = 'float32'): Tensor {
  if (data.length !== size(shape))
    throw new RangeError(`constant() of shape [${shape}] needs ${size(shape)} values, got ${data.length}.`);
  if (dtype === 'int64')
    for (let i = 0; i < data.length; i++)
      if (!Number.isInteger(data[i]))
        throw new RangeError(`constant() of int64 needs whole numbers, got ${data[i]!} at position ${i}; use .cast().`);
  return apply(Constant, [], { data, shape, dtype });
}

/** A tensor of one value everywhere. It is stored as a scalar and expanded. */
export const full = (shape: Shape, value: number, dtype: DType = 'float32'): Tensor =>
  expand(constant([value], [], dtype), shape);

/** A number as a constant of the dtype of the tensor it meets; a tensor as it is. */
export const lift = (x: Tensor | number, like: Tensor): Tensor =>
  typeof x === 'number' ? constant([x], [], like.dtype) : x;
