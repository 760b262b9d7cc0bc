import type { Tensor } from '../tensor/index.ts';
import type { Scope } from './scope.ts';

/** Zeroes entries of `x` with probability `rate` while training and scales up the rest (Srivastava et al., 2014). */
export function dropout(scope: Scope, name: string, x: Tensor, rate: number): Tensor {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`Dropout "${name}" needs a rate within 0 <= rate < 1, got ${rate}.`);
  return scope.training && rate > 0 ? x.mul(scope.dropoutMask(name, x.shape, rate)) : x;
}
