/** Features brought to mean 0 and variance 1 by what was fitted on other samples. */
import type { Matrix } from './matrix.ts';

/** By feature, `[D]`. */
export interface Moments {
  readonly mean: Float64Array;
  /** 0 for a feature that is constant but for the rounding of float32. */
  readonly deviation: Float64Array;
}

/** Below this share of its size the deviation of a feature is float32's rounding. */
const rounding = 1e-6;

/** Means and (population) deviations of the columns of `[N, D]`. */
export function momentsOf({ rows, columns, data }: Matrix): Moments {
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (let n = 0; n < rows; n++) for (let d = 0; d < columns; d++) mean[d]! += data[n * columns + d]! / rows;
  for (let n = 0; n < rows; n++)
    for (let d = 0; d < columns; d++) deviation[d]! += (data[n * columns + d]! - mean[d]!) ** 2 / rows;
  for (let d = 0; d < columns; d++) {
    const own = Math.sqrt(deviation[d]!);
    deviation[d] = own <= rounding * Math.abs(mean[d]!) ? 0 : own;
  }
  return { mean, deviation };
}

/** (x − mean) / deviation; a constant feature becomes 0. */
export function standardised({ rows, columns, data }: Matrix, { mean, deviation }: Moments): Matrix {
  return {
    ...{ rows, columns },
    data: data.map((x, i) => {
      const d = i % columns;
      return deviation[d] === 0 ? 0 : (x - mean[d]!) / deviation[d]!;
    }),
  };
}
