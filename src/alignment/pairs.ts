import type { Tensor } from '../tensor/index.ts';

/** All (i, j) with i < j below `count`. */
export const unorderedPairs = (count: number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: count - i - 1 }, (_, j) => [i, i + 1 + j] as const),
  ).flat();

/** All (i, j) with i ≠ j below `count`. */
export const orderedPairs = (count: number): (readonly [number, number])[] =>
  Array.from({ length: count * count }, (_, n) => [Math.floor(n / count), n % count] as const).filter(
    ([i, j]) => i !== j,
  );

/** The sum of at least one tensor. */
export function sumOf(terms: readonly Tensor[]): Tensor {
  const [first, ...rest] = terms;
  if (!first) throw new RangeError('A sum needs at least one term.');
  return rest.reduce((sum, term) => sum.add(term), first);
}
