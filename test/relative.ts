/** ‖a − b‖ / ‖b‖. */
export const relativeDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const norm = (of: (i: number) => number): number =>
    Math.hypot(...Array.from({ length: Math.max(a.length, b.length) }, (_, i) => of(i)));
  return norm((i) => a[i]! - b[i]!) / norm((i) => b[i]!);
};
