/** Curves that are smoothed, and several of them over one axis. */

/**
 * The exponential moving average with `weight` in 0..1 for what was before, less its bias toward 0 at the start, as TensorBoard
 * has it. Values that are missing stay so and count for nothing.
 */
export function smoothed(values: readonly (number | null)[], weight: number): readonly (number | null)[] {
  if (weight <= 0) return values;
  let [mean, seen] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    seen = weight * seen + (1 - weight);
    return mean / seen;
  });
}

export interface Curve {
  /** Ascending. */
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** Curves over all places that any of them has, null where one has none. */
export function aligned(curves: readonly Curve[]): {
  readonly x: readonly number[];
  readonly ys: readonly (readonly (number | null)[])[];
} {
  const [longest] = curves.toSorted((a, b) => b.x.length - a.x.length);
  if (!longest) return { x: [], ys: [] };
  // Usually all begin alike, and go on as far as they are trained.
  const isAlike = curves.every(({ x }) => x.every((place, n) => place === longest.x[n]));
  const x = isAlike ? longest.x : [...new Set(curves.flatMap((curve) => curve.x))].sort((a, b) => a - b);
  const ys = curves.map((curve) => {
    if (curve.x.length === x.length) return curve.y;
    if (isAlike) return [...curve.y, ...Array.from({ length: x.length - curve.x.length }, () => null)];
    const at = new Map(curve.x.map((place, n) => [place, curve.y[n]!]));
    return x.map((place) => at.get(place) ?? null);
  });
  return { x, ys };
}

export interface Band extends Curve {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** The mean of curves with their lowest and highest, as far as every one goes: a mean over fewer would jump where one ends. */
export function bandOf(curves: readonly Curve[]): Band {
  const { x, ys } = aligned(curves);
  const whole = x.flatMap((place, n) => {
    const values = ys.flatMap((y) => y[n] ?? []);
    return values.length < ys.length ? [] : [{ place, values }];
  });
  return {
    x: whole.map(({ place }) => place),
    y: whole.map(({ values }) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: whole.map(({ values }) => Math.min(...values)),
    high: whole.map(({ values }) => Math.max(...values)),
  };
}
