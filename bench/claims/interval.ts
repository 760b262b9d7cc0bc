/** Means of few figures, and how sure they are. */

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom (tables of the distribution). */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const beyond = 2;

export interface Estimate {
  readonly mean: number;
  /** The 95 % interval of Student's t; undefined for one figure. */
  readonly low?: number;
  readonly high?: number;
}

/** The mean of independent figures and its 95 % interval. */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { mean };
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = (quantiles[n - 2] ?? beyond) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}
