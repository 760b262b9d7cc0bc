import { concat, constant, type Tensor } from '../tensor/index.ts';

/** Features over time with their true lengths: `value` `[N, T, D]`, `mask` `[N, T]`, 1 for a true step and 0 for padding. */
export interface Sequence {
  readonly value: Tensor;
  /** Absent where every step is true. */
  readonly mask?: Tensor;
  /** The modality whose steps these are, for explanations; absent where they are of several, or of none. */
  readonly modality?: string;
}

/** The sequence with its padding at zero. */
export const masked = (sequence: Sequence): Sequence => {
  const { value, mask } = sequence;
  return mask ? { ...sequence, value: value.mul(mask.reshape([...mask.shape, 1])) } : sequence;
};

/** The same mask over other values of the same time steps. */
export const withValue = (sequence: Sequence, value: Tensor): Sequence => ({ ...sequence, value });

/** The same values, with every step taken for a true one. */
export const withoutMask = ({ value, modality }: Sequence): Sequence => ({
  value,
  ...(modality !== undefined && { modality }),
});

/** Mean over the true time steps: `[N, D]`. */
export function pool({ value, mask }: Sequence): Tensor {
  if (!mask) return value.shape[1] === 1 ? value.reshape([value.shape[0]!, value.shape[2]!]) : value.mean([1]);
  const share = mask.div(mask.sum([1], true).max(1));
  return value.mul(share.reshape([...share.shape, 1])).sum([1]);
}

/** The last true time step: `[N, D]`; zeros where there is none. */
export function lastStep({ value, mask }: Sequence): Tensor {
  const [batch, steps, width] = value.shape as [number, number, number];
  if (!mask) return value.slice(1, steps - 1, steps).reshape([batch, width]);
  // The last true step is the one with a single true step from itself on.
  const onwards = Array.from({ length: steps * steps }, (_, i) => Number(Math.floor(i / steps) >= i % steps));
  const left = mask.matmul(constant(onwards, [steps, steps], mask.dtype));
  const last = mask.mul(left.equal(1).cast(mask.dtype));
  return value.mul(last.reshape([batch, steps, 1])).sum([1]);
}

/** Several sequences after one another in time: `[N, ΣT, D]`. */
export function joinInTime(parts: readonly Sequence[]): Sequence {
  const value = concat(
    parts.map((part) => part.value),
    1,
  );
  if (parts.every(({ mask }) => !mask)) return { value };
  return {
    value,
    mask: concat(
      parts.map((part) => part.mask ?? ones(part.value)),
      1,
    ),
  };
}

/** A mask of ones for `[N, T, D]`, made from the values themselves: the batch axis may be symbolic. */
const ones = (value: Tensor): Tensor => value.slice(2, 0, 1).reshape(value.shape.slice(0, 2)).mul(0).add(1);
