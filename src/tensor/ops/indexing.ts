import { apply, type Op } from '../op.ts';
import { normalizeAxis, size, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

const Gather: Op<{ readonly axis: number }> = {
  name: 'Gather',
  infer: ([x, indices], { axis }) => {
    if (indices!.dtype !== 'int64') throw new TypeError(`gather() needs int64 indices, got ${indices!.dtype}.`);
    return [{ shape: x!.shape.toSpliced(axis, 1, ...indices!.shape), dtype: x!.dtype }];
  },
  lower: (emit, inputs, { axis }) => emit.node('Gather', inputs, { axis }),
  grad: ([dy], { inputs: [x, indices], attrs: { axis } }) => {
    // Scattering adds along the first axis: the gathered axes are moved there before, and moved back after.
    const gathered = indices!.shape.map((_, i) => axis + i);
    const toFront = [...gathered, ...dy!.shape.keys()].filter((a, i, all) => all.indexOf(a) === i);
    const front = [axis, ...x!.shape.keys()].filter((a, i, all) => all.indexOf(a) === i);
    const rows = scatterAdd(
      front.map((a) => x!.shape[a]!),
      indices!,
      dy!.transpose(toFront),
    );
    return [rows.transpose(front.map((_, a) => front.indexOf(a))), undefined];
  },
};

/** Rows of `x` (or of another axis) by `indices`: an embedding table's look-up. Indices of one row may repeat. */
export const gather = (x: Tensor, indices: Tensor, axis = 0): Tensor =>
  apply(Gather, [x, indices], { axis: normalizeAxis(axis, x.shape.length) });

const ScatterAdd: Op<{ readonly shape: Shape }> = {
  name: 'ScatterAdd',
  infer: ([indices, updates], { shape }) => {
    if (indices!.dtype !== 'int64') throw new TypeError(`scatterAdd() needs int64 indices, got ${indices!.dtype}.`);
    const expected = [...indices!.shape, ...shape.slice(1)];
    if (String(expected) !== String(updates!.shape))
      throw new RangeError(
        `scatterAdd() into [${shape}] by indices [${indices!.shape}] needs updates of shape [${expected}], got [${updates!.shape}].`,
      );
    return [{ shape, dtype: updates!.dtype }];
  },
  lower: (emit, [indices, updates], { shape }, { inputs: [index, values] }) => {
    const count = size(index!.shape);
    const width = size(shape.slice(1));
    const zeros = emit.node('Expand', [emit.scalar(0, values!.dtype), emit.dims([shape[0]!, width])]);
    const rows = emit.node('Reshape', [indices!, emit.shape([count, 1])]);
    const everywhere = emit.node('Expand', [...rows, emit.dims([count, width])]);
    const flat = emit.node('Reshape', [updates!, emit.shape([count, width])]);
    // ScatterND would lose additions where indices repeat, since its kernel adds from several threads at once.
    const sums = emit.node('ScatterElements', [...zeros, ...everywhere, ...flat], { axis: 0, reduction: 'add' });
    return emit.node('Reshape', [...sums, emit.shape(shape)]);
  },
  grad: ([dy], { inputs: [indices] }) => [undefined, gather(dy!, indices!)],
};
/** Zeros of `shape` to which row `n` of `updates` is added at row `indices[n]`: what `gather` undoes. */
export const scatterAdd = (shape: Shape, indices: Tensor, updates: Tensor): Tensor =>
  apply(ScatterAdd, [indices, updates], { shape });
