import type { Tensor } from '../tensor.ts';
import { concat, pad } from './movement.ts';
import { matmul } from './linalg.ts';

/**
 * Convolution over time of `x` `[N, T, D]` with `weight` `[out, D, kernel]` (PyTorch's layout): `[N, T', out]`.
 * 'valid' shortens time to T' = T − kernel + 1; 'same' keeps it, with zeros around.
 */
export function conv1d(x: Tensor, weight: Tensor, { padding = 'valid' }: { padding?: 'valid' | 'same' } = {}): Tensor {
  const [out, width, kernel] = weight.shape;
  if (x.shape.length !== 3 || weight.shape.length !== 3 || x.shape[2] !== width)
    throw new RangeError(`conv1d() needs [N,T,D] and [out,D,kernel], got [${x.shape}] and [${weight.shape}].`);
  const before = Math.floor((kernel! - 1) / 2);
  const padded = padding === 'same' ? pad(x, 1, before, kernel! - 1 - before) : x;
  const steps = padded.shape[1]! - kernel! + 1;
  if (steps < 1)
    throw new RangeError(
      `conv1d() with kernel ${kernel} needs at least ${kernel} time steps, got [${x.shape}]; use padding 'same'.`,
    );
  // The windows of time side by side turn the convolution into one matrix product.
  const windows = Array.from({ length: kernel! }, (_, i) => padded.slice(1, i, i + steps));
  const columns = weight.transpose([0, 2, 1]).reshape([out!, kernel! * width!]);
  return matmul(concat(windows, 2), columns, { transposeB: true });
}
