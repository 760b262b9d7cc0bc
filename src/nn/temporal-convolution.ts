import { constant } from '../tensor/index.ts';
import { byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';
import { masked, withValue, type Sequence } from './sequence.ts';

export interface TemporalConvolution {
  readonly kernel?: number;
  /** 'same' keeps the time steps; 'valid' keeps only windows that lie inside. Default 'same'. */
  readonly padding?: 'same' | 'valid';
}

/** 1-D convolution over time without bias: `[N, T, D]` to `[N, T', out]`; padding stays zero. */
export function temporalConvolution(
  scope: Scope,
  sequence: Sequence,
  out: number,
  { kernel = 1, padding = 'same' }: TemporalConvolution = {},
): Sequence {
  const width = sequence.value.shape[2]!;
  const weight = scope.param('weight', [out, width, kernel], byFanIn(width * kernel));
  const value = sequence.value.conv1d(weight, { padding });
  const { mask } = sequence;
  if (!mask) return withValue(sequence, value);
  return masked({ ...sequence, value, mask: padding === 'same' || kernel === 1 ? mask : validMask(mask, kernel) });
}

/** Windows inside the true length; the first always counts, so that a sequence shorter than the kernel keeps one step. */
function validMask(mask: NonNullable<Sequence['mask']>, kernel: number): NonNullable<Sequence['mask']> {
  const steps = mask.shape[1]! - kernel + 1;
  const first = constant([1, ...Array<number>(steps - 1).fill(0)], [1, steps], mask.dtype);
  return mask.slice(1, kernel - 1, mask.shape[1]!).max(first);
}
