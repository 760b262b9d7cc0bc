import type { Tensor } from '../tensor/index.ts';
import { byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';

/** y = x Wᵀ + b over the last axis, `[..., in]` to `[..., out]`, with PyTorch's layout and initialisation. */
export function linear(scope: Scope, x: Tensor, out: number, { bias = true } = {}): Tensor {
  const features = x.shape.at(-1)!;
  const y = x.matmul(scope.param('weight', [out, features], byFanIn(features)), { transposeB: true });
  return bias ? y.add(scope.param('bias', [out], byFanIn(features))) : y;
}
