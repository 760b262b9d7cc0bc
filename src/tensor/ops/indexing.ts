import { apply, type Op } from '../op.ts';
import { normalizeAxis, size, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

const Gather: Op<void> = {
  name: 'Gather',
  infer: ([x, indices]) => {
    if (indices!.dtype !== 'int64') throw new TypeError(`gather() needs int64 indices, got ${indices!.dtype}.`);
    return [{ shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }];
  },
  lower: (emit, inputs) => emit.node('Gather', inputs, { axis: 0 }),
  grad: ([dy], { inputs: [x, indices] }) => [scatterAdd(x!.shape, indices!, dy!), undefined],
};

/** Rows of `x` (or of another axis) by `indices`: an embedding table's look-up. Indices of one row may repeat. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  if (at === 0) return apply(Gather, [x, indices], undefined);
  const front = [at, ...x.shape.keys()].filter((a, i) => i === 0 || a !== at);
  const y = apply(Gather, [x.transpose(front), indices], undefined);
  const n = indices.shape.length;
  const order = y.shape.map((_, i) => (i < at ? n + i : i < at + n ? i - at : i));
  return y.transpose(order);
}

const ScatterAdd: Op<{ readonly shape: Shape }> = {
  name: 'ScatterAdd',
  infer: ([indices, updates], { shape }) => {
    const expected = [...indices!.shape, ...shape.slice(1)];
    if (String(expected) !== String(updates!.shape))
      throw new RangeError(
        `scatterAdd() into [${shape}] by indices [${indices!.shape}] needs updates of shape [${expected}], got [${updates!.shape}].`,
      );
    return [{ shape, dtype: updates!.dtype }];
  },
  lower: (emit, [indices, updates], { shape }, { inputs: [index, values] }) => {
    const zeros = emit.node('Expand', [emit.scalar(0, values!.dtype), emit.ints(shape)]);
    const rows = emit.node('Reshape', [indices!, emit.ints([size(index!.shape), 1])]);
    const flat = emit.node('Reshape', [updates!, emit.ints([size(index!.shape), ...shape.slice(1)])]);
    return emit.node('ScatterND', [...zeros, ...rows, ...flat], { reduction: 'add' });
  },
  grad: ([dy], { inputs: [indices] }) => [undefined, gather(dy!, indices!)],
};
/** Zeros of `shape` to which row `n` of `updates` is added at row `indices[n]`: what `gather` undoes. */
export const scatterAdd = (shape: Shape, indices: Tensor, updates: Tensor): Tensor =>
  apply(ScatterAdd, [indices, updates], { shape });
