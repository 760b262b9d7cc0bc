/** Round numbers of axes. */

/** Some `count` round numbers within a range, which is given from low to high; the range itself where it is a point. */
export function ticks(low: number, high: number, count: number): readonly number[] {
  if (!(high > low)) return [low];
  const step = roundStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // 3 / 10 is the number that is typed so, 3 × 0.1 is not.
  const parts = Math.round(1 / step);
  return Array.from({ length: last - first + 1 }, (_, n) => (step >= 1 ? (first + n) * step : (first + n) / parts));
}

/**
 * Numbers of an axis of powers of ten within a range above 0: 1, 2 and 5 of each power, of more than `most` of these the powers
 * alone, of more than that some of them. Where the range is too narrow for two of them, round numbers.
 */
export function logTicks(low: number, high: number, most: number): readonly number[] {
  const [first, last] = [low, high].map((value) => Math.floor(Math.log10(value))) as [number, number];
  const powers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const within = (shares: readonly number[]): readonly number[] =>
    powers
      .flatMap((power) => shares.map((share) => Number(`${share}e${power}`)))
      .filter((value) => value >= low && value <= high);
  const fine = within([1, 2, 5]);
  if (fine.length < 2) return ticks(low, high, most);
  if (fine.length <= most) return fine;
  const coarse = within([1]);
  const every = Math.ceil(coarse.length / most);
  return coarse.filter((_, n) => n % every === 0);
}

/** 1, 2 or 5 times a power of ten: the least that is no smaller than `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step) + 1e-9);
  const share = step / power;
  return power * (share <= 1 + 1e-9 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

/** Whether a range is a single value, but for rounding. */
export const isPoint = (low: number, high: number): boolean =>
  high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));

/** A range around a single value: a tenth of it to both sides, and a tenth around 0. */
export function around(value: number): readonly [number, number] {
  const margin = Math.abs(value) / 10 || 0.1;
  return [value - margin, value + margin];
}

/** A range around values, wider by a share of itself; around a single value by 1. */
export function rangeOf(values: Iterable<number>, margin = 0.05): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return [0, 1];
  if (low === high) return [low - 1, high + 1];
  const more = (high - low) * margin;
  return [low - more, high + more];
}
