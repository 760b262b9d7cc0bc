/** A range of figures. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The middle 95 % of figures; undefined where there is none. */
export function middleOf(figures: readonly number[]): Interval | undefined {
  if (figures.length === 0) return undefined;
  const sorted = Float64Array.from(figures).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}
