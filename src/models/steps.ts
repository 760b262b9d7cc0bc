/** Sequences of different lengths brought to the steps of one of them. */
import { masked, withValue, type Sequence } from '../nn/index.ts';
import { constant, type Tensor } from '../tensor/index.ts';

/**
 * A sequence `[N, T', D]` in the steps of another, of T: with true lengths l and n, step j is the mean over the time from
 * j l/n to (j + 1) l/n, where a step that is only in part inside counts in part. The mask is the other's. A sequence of as
 * many steps stays as it is.
 */
export function inStepsOf(other: Sequence, sequence: Sequence): Sequence {
  const [from, to] = [sequence.value.shape[1]!, other.value.shape[1]!];
  if (from === to) return sequence;
  const { dtype } = sequence.value;
  const counting = (n: number, shape: readonly number[]): Tensor =>
    constant(
      Array.from({ length: n }, (_, i) => i),
      shape,
      dtype,
    );
  const length = lengthOf(sequence).div(lengthOf(other).max(1));
  const start = counting(to, [1, to, 1]).mul(length);
  const at = counting(from, [1, 1, from]);
  const inside = start.add(length).min(at.add(1)).sub(start.max(at)).max(0);
  return withValue(other, inside.div(length.max(1e-9)).matmul(masked(sequence).value));
}

/** True lengths, `[N, 1, 1]`; of sequences without a mask `[1, 1, 1]`. */
function lengthOf({ value, mask }: Sequence): Tensor {
  if (!mask) return constant([value.shape[1]!], [1, 1, 1], value.dtype);
  return mask.sum([1]).reshape([mask.shape[0]!, 1, 1]);
}
