/** Several labels of a sample, as rows of one array `[N, L]`. */

/** How many samples there are; throws a RangeError unless both arrays are `[N, labels]`, with at least one sample. */
export function sampleCountOf(prediction: ArrayLike<number>, truth: ArrayLike<number>, labels: number): number {
  if (labels === 0) throw new RangeError('Cannot score several labels without their names.');
  if (prediction.length !== truth.length || !Number.isInteger(truth.length / labels)) {
    throw new RangeError(
      `Cannot compare ${prediction.length} predictions with ${truth.length} true values of ${labels} labels: ` +
        'both need one per sample and label.',
    );
  }
  if (truth.length === 0) throw new RangeError('Cannot evaluate: there are no samples.');
  return truth.length / labels;
}

/** One label of all samples: column `label` of `[N, labels]`, as `[N]`. */
export const column = (values: ArrayLike<number>, label: number, labels: number): Float64Array =>
  Float64Array.from({ length: values.length / labels }, (_, n) => values[n * labels + label]!);

/** The mean of those that are defined; 0 where none is, as NaN is not JSON. */
export function meanOfDefined(values: readonly (number | undefined)[]): number {
  const defined = values.filter((value) => value !== undefined);
  return defined.length === 0 ? 0 : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
