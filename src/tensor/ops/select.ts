import { apply, type Op } from '../op.ts';
import { broadcast } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { constant } from './leaves.ts';

const Where: Op<void> = {
  name: 'Where',
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool') throw new TypeError(`where() needs a bool condition, got ${condition!.dtype}.`);
    if (a!.dtype !== b!.dtype)
      throw new TypeError(`where() needs branches of one dtype, got ${a!.dtype} and ${b!.dtype}.`);
    return [{ shape: broadcast(condition!.shape, broadcast(a!.shape, b!.shape)), dtype: a!.dtype }];
  },
  lower: (emit, inputs) => emit.node('Where', inputs),
  grad: ([dy], { inputs: [condition] }) => [undefined, where(condition!, dy!, 0), where(condition!, 0, dy!)],
};
/** `a` where the condition holds, else `b`; one of them must be a tensor. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32';
  const [x, y] = [a, b].map((value) => (typeof value === 'number' ? constant([value], [], dtype) : value));
  return apply(Where, [condition, x!, y!], undefined);
}

const Detach: Op<void> = {
  name: 'Detach',
  infer: ([x]) => [x!],
  lower: (_emit, inputs) => inputs,
  grad: () => [undefined],
};
/** The same value, but no gradient flows through it. It costs nothing at run time. */
export const detach = (x: Tensor): Tensor => apply(Detach, [x], undefined);

const WithGradient: Op<{ readonly gradient: (dy: Tensor) => readonly Tensor[] }> = {
  name: 'WithGradient',
  infer: ([y]) => [y!],
  lower: (_emit, [y]) => [y!],
  grad: ([dy], { attrs: { gradient } }) => [undefined, ...gradient(dy!)],
};
/**
 * `y` as a function of `xs` whose gradient is known in closed form: `gradient` of dy, one for each x. Nothing flows
 * through the ops that computed `y`.
 */
export const withGradient = (y: Tensor, xs: readonly Tensor[], gradient: (dy: Tensor) => readonly Tensor[]): Tensor =>
  apply(WithGradient, [y, ...xs], { gradient });
