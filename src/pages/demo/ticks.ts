/** Marks of a scale, at numbers that people count by. */

/** Some five multiples of 1, 2 or 5 times a power of ten, from the lowest to the highest, all within these. */
export function ticksOf([low, high]: readonly [number, number], count = 6): readonly number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Where a value lies on a scale, from 0 to 1; one beyond its ends, at that end. */
export const placeOn = ([low, high]: readonly [number, number], value: number): number =>
  high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
