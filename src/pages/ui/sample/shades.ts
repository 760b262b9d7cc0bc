/** How numbers are told as shades: none at 0, all at `full` and beyond. */

export interface Shades {
  readonly low: number;
  readonly high: number;
  /** The size that has all of a colour: the largest; where a few are far beyond 98 of 100, that of these, lest they pale all others. */
  readonly full: number;
}

/** Undefined where there is no number. */
export function shadesOf(values: readonly (number | null)[]): Shades | undefined {
  const known = Float64Array.from(values.filter((value) => value !== null)).sort();
  if (known.length === 0) return undefined;
  const sizes = known.map(Math.abs).sort();
  const [usual, most] = [sizes[Math.floor(0.98 * (sizes.length - 1))]!, sizes.at(-1)!];
  return { low: known[0]!, high: known.at(-1)!, full: (usual > 0 && most > far * usual ? usual : most) || 1 };
}

const far = 1.5;

/** How much of its colour a number has, in 0..1. */
export const shadeOf = (value: number, { full }: Pick<Shades, 'full'>): number => Math.min(1, Math.abs(value) / full);

/** The numbers from the lowest to the highest between which shades change evenly, each with its place between them in 0..1. */
export function turnsOf({ low, high, full }: Shades): readonly { readonly value: number; readonly at: number }[] {
  if (low === high) return [low, high].map((value, at) => ({ value, at }));
  const between = [-full, 0, full].filter((value) => low < value && value < high);
  return [low, ...between, high].map((value) => ({ value, at: (value - low) / (high - low) }));
}
