import type { Scope } from '../../nn/index.ts';
import { size, type Shape } from '../../tensor/index.ts';

/** A mask that is fed: how many numbers it has, and how the generator makes them. */
export interface DropoutSpec {
  readonly name: string;
  readonly length: number;
  readonly rate: number;
  /** Set where the mask is that of some samples of a larger batch, by which its numbers are drawn. */
  readonly part?: MaskPart;
}

/** How the samples lie in a mask: in each of `before` runs, a sample has `perSample` numbers after one another. */
export interface MaskPart {
  readonly before: number;
  readonly perSample: number;
}

/** The dropout sites of a network that was built for `batch` samples. */
export const dropoutSpecs = (scope: Scope): DropoutSpec[] =>
  [...scope.dropouts].map(([name, { mask, rate }]) => ({ name, length: size(mask.shape), rate }));

/**
 * The sites of a network built for `part` samples of a batch of `whole`, for which it was built as well: the axis of a mask
 * along which the two differ is that of the samples. A mask without such an axis is one for all.
 */
export const partialDropoutSpecs = (own: Scope, all: Scope, part: number): DropoutSpec[] =>
  dropoutSpecs(own).map((spec) => {
    const [mine, theirs] = [own, all].map((scope) => scope.dropouts.get(spec.name)!.mask.shape) as [Shape, Shape];
    const axis = mine.findIndex((n, i) => n !== theirs[i]);
    if (axis < 0) return spec;
    const before = size(mine.slice(0, axis));
    return { ...spec, part: { before, perSample: spec.length / before / part } };
  });
