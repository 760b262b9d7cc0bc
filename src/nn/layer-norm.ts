import type { Tensor } from '../tensor/index.ts';
import { constantly } from './initializers.ts';
import type { Scope } from './scope.ts';

/** Layer normalisation over the last axis with a learned scale and shift (Ba et al., 2016; ε as in PyTorch). */
export function layerNorm(scope: Scope, x: Tensor, { epsilon = 1e-5 } = {}): Tensor {
  const width = x.shape.at(-1)!;
  const [weight, bias] = [scope.param('weight', [width], constantly(1)), scope.param('bias', [width], constantly(0))];
  return x.layerNorm(weight, bias, { epsilon });
}
