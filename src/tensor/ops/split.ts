import { applyAll, type Op } from '../op.ts';
import { normalizeAxis } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { full } from './leaves.ts';
import { concat } from './movement.ts';

export const Split: Op<{ readonly axis: number; readonly sizes: readonly number[] }> = {
  name: 'Split',
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((a, b) => a + b, 0);
    if (total !== x!.shape[axis])
      throw new RangeError(`Cannot split axis ${axis} of [${x!.shape}] into ${sizes.join(' + ')} = ${total}.`);
    return sizes.map((n) => ({ shape: x!.shape.with(axis, n), dtype: x!.dtype }));
  },
  lower: (emit, [x], { axis, sizes }) =>
    emit.node('Split', [x!, emit.ints(sizes)], { axis }, { outputs: sizes.length }),
  grad: (dys, { attrs: { axis }, outputs }) => [
    concat(
      outputs.map(({ shape, dtype }, i) => dys[i] ?? full(shape, 0, dtype)),
      axis,
    ),
  ],
};
/** Parts of the given sizes along one axis, in order: what `concat` undoes. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] {
  const attrs = { axis: normalizeAxis(axis, x.shape.length), sizes };
  const types = Split.infer([x], attrs);
  return types.length === 1 ? [x] : applyAll(Split, [x], attrs);
}
