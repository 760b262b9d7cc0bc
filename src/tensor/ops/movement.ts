import { apply, type Op } from '../op.ts';
import { broadcast, normalizeAxis, sameShape, size, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

interface To {
  readonly shape: Shape;
}

export const Reshape: Op<To> = {
  name: 'Reshape',
  infer: ([x], { shape }) => {
    if (size(shape) !== size(x!.shape))
      throw new RangeError(`Cannot reshape [${x!.shape}] (${size(x!.shape)} values) to [${shape}] (${size(shape)}).`);
    return [{ shape, dtype: x!.dtype }];
  },
  lower: (emit, [x], { shape }) => emit.node('Reshape', [x!, emit.shape(shape)]),
  grad: ([dy], { inputs: [x] }) => [dy!.reshape(x!.shape)],
};
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(Reshape, [x], { shape });

export const Expand: Op<To> = {
  name: 'Expand',
  infer: ([x], { shape }) => {
    if (!sameShape(broadcast(x!.shape, shape), shape))
      throw new RangeError(`Cannot expand [${x!.shape}] to [${shape}].`);
    return [{ shape, dtype: x!.dtype }];
  },
  lower: (emit, [x], { shape }, { inputs }) => {
    const from = inputs[0]!.shape;
    // An axis that is not stretched is written as 1, which leaves it as it is, whatever its size at run time.
    const target = shape.map((d, i) => (from[i - shape.length + from.length] === d ? 1 : d));
    return emit.node('Expand', [x!, emit.dims(target)]);
  },
  grad: ([dy]) => [dy],
};
export const expand = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(Expand, [x], { shape });

export const Transpose: Op<{ readonly order: readonly number[] }> = {
  name: 'Transpose',
  infer: ([x], { order }) => [{ shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
  lower: (emit, inputs, { order }) => emit.node('Transpose', inputs, { perm: order }),
  grad: ([dy], { attrs: { order } }) => [dy!.transpose(order.map((_, i) => order.indexOf(i)))],
};
/** Reorders axes; with no order given, swaps the last two. */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const rank = x.shape.length;
  if (!order && rank < 2) throw new RangeError(`Cannot transpose [${x.shape}]: it has no last two axes to swap.`);
  const given = order ?? [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const to = given.map((axis) => normalizeAxis(axis, rank));
  if (to.length !== rank || new Set(to).size !== rank)
    throw new RangeError(`Cannot transpose [${x.shape}] by [${given}]: each of the ${rank} axes must be named once.`);
  return to.every((axis, i) => axis === i) ? x : apply(Transpose, [x], { order: to });
}

const Concat: Op<{ readonly axis: number }> = {
  name: 'Concat',
  infer: (xs, { axis }) => {
    const [first] = xs;
    for (const x of xs) {
      if (x.dtype !== first!.dtype)
        throw new TypeError(`concat() needs tensors of one dtype, got ${first!.dtype} and ${x.dtype}; use .cast().`);
      if (x.shape.length !== first!.shape.length || x.shape.some((d, i) => i !== axis && d !== first!.shape[i]))
        throw new RangeError(`Cannot concatenate [${first!.shape}] and [${x.shape}] along axis ${axis}.`);
    }
    const length = xs.reduce((n, x) => n + x.shape[axis]!, 0);
    return [{ shape: first!.shape.map((d, i) => (i === axis ? length : d)), dtype: first!.dtype }];
  },
  lower: (emit, inputs, { axis }) => emit.node('Concat', inputs, { axis }),
  grad: ([dy], { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((x) => slice(dy!, axis, start, (start += x.shape[axis]!)));
  },
};
/** Joins tensors along an axis that exists in all of them. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (!first) throw new RangeError('concat() needs at least one tensor.');
  return tensors.length === 1 ? first : apply(Concat, tensors, { axis: normalizeAxis(axis, first.shape.length) });
}

/** Joins tensors of one shape along a new first axis: `[n, ...shape]`. */
export const stack = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((x) => x.reshape([1, ...x.shape])),
    0,
  );

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}
export const Slice: Op<Range> = {
  name: 'Slice',
  infer: ([x], { axis, start, end }) => {
    if (start < 0 || end > x!.shape[axis]! || start >= end)
      throw new RangeError(`Cannot slice axis ${axis} of [${x!.shape}] from ${start} to ${end}.`);
    return [{ shape: x!.shape.map((d, i) => (i === axis ? end - start : d)), dtype: x!.dtype }];
  },
  lower: (emit, [x], { axis, start, end }) =>
    emit.node('Slice', [x!, emit.ints([start]), emit.ints([end]), emit.ints([axis])]),
  grad: ([dy], { inputs: [x], attrs: { axis, start, end } }) => [pad(dy!, axis, start, x!.shape[axis]! - end)],
};
/** Positions `start` to `end` (not included) of one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  return start === 0 && end === x.shape[at] ? x : apply(Slice, [x], { axis: at, start, end });
}

interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}
const Pad: Op<Padding> = {
  name: 'Pad',
  infer: ([x], { axis, before, after }) => {
    if (before < 0 || after < 0) throw new RangeError(`Cannot pad [${x!.shape}] by ${before} and ${after}.`);
    return [{ shape: x!.shape.map((d, i) => (i === axis ? d + before + after : d)), dtype: x!.dtype }];
  },
  lower: (emit, [x], { axis, before, after }, { inputs }) => {
    const rank = inputs[0]!.shape.length;
    const pads = Array.from({ length: 2 * rank }, (_, i) => (i === axis ? before : i === axis + rank ? after : 0));
    return emit.node('Pad', [x!, emit.ints(pads)]);
  },
  grad: ([dy], { inputs: [x], attrs: { axis, before } }) => [slice(dy!, axis, before, before + x!.shape[axis]!)],
};
/** Puts zeros before and after along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  return before === 0 && after === 0 ? x : apply(Pad, [x], { axis: at, before, after });
}
