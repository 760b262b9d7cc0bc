export type Shape = readonly number[];

export const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/**
 * The shape of an elementwise result by NumPy's rule: shapes are aligned on the right, and axes of length 1 stretch.
 */
export function broadcast(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw new RangeError(`Cannot broadcast [${a}] with [${b}]: axis ${i} is ${x} in one and ${y} in the other.`);
    return x === 1 ? y : x;
  });
}

/** An axis counted from the front; negative ones count from the back. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new RangeError(`Axis ${axis} is out of range for a tensor of rank ${rank}.`);
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, in order and each once; where none are given, all of them. */
export function normalizeAxes(axes: readonly number[] | undefined, rank: number): readonly number[] {
  const all = axes ?? Array.from({ length: rank }, (_, i) => i);
  return [...new Set(all.map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
}
