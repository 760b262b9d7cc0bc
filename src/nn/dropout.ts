import { withGradient, type Tensor } from '../tensor/index.ts';
import type { Scope } from './scope.ts';

/** Zeroes entries of `x` with probability `rate` while training and scales up the rest (Srivastava et al., 2014). */
export function dropout(scope: Scope, name: string, x: Tensor, rate: number): Tensor {
  const mask = dropoutMask(scope, name, x, rate);
  return mask ? x.mul(mask) : x;
}

/** Dropout of relu(x), the gradient of which is read off its result: 0, or the scale of what was kept. */
export function reluDropout(scope: Scope, name: string, x: Tensor, rate: number): Tensor {
  const mask = dropoutMask(scope, name, x, rate);
  if (!mask) return x.relu();
  const y = x.relu().mul(mask);
  return withGradient(y, [x], (dy) => [dy.mul(1 / (1 - rate)).mul(y.positive())]);
}

/** The mask `[...x.shape]` that dropout multiplies `x` by; undefined where nothing is dropped. */
export function dropoutMask(scope: Scope, name: string, x: Tensor, rate: number): Tensor | undefined {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`Dropout "${name}" needs a rate within 0 <= rate < 1, got ${rate}.`);
  return scope.training && rate > 0 ? scope.dropoutMask(name, x.shape, rate) : undefined;
}
