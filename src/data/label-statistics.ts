/** Statistics of the labels of a regression: their mean and deviation, and boundaries between classes of them. */

/** y becomes (y − mean) / deviation. Both are float32 numbers, as graphs have them. */
export interface LabelStandard {
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
}

/** Labels count as constant where their deviation is no more than so many times the largest of them: rounding of float32. */
const relativeFloor = 2 * 2 ** -23;
/** The smallest deviation that is a float32 of full precision. */
const smallestDeviation = 2 ** -126;

/**
 * Mean and standard deviation of labels `[N]`, those that are no number left out. Labels that are all alike have the
 * deviation 1, so that they become 0; without any label the mean is 0.
 */
export function fitLabels(labels: Float32Array): LabelStandard {
  const known = labels.filter(Number.isFinite);
  const count = Math.max(known.length, 1);
  // Two passes in float64: labels such as years have means hundreds of deviations from zero.
  const mean = known.reduce((sum, y) => sum + y, 0) / count;
  const deviation = Math.sqrt(known.reduce((sum, y) => sum + (y - mean) ** 2, 0) / count);
  const largest = known.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const isConstant = deviation <= relativeFloor * largest || deviation < smallestDeviation;
  return { mean: Math.fround(mean), deviation: isConstant ? 1 : Math.fround(deviation) };
}

/** A label as a graph of float32 standardises it, to the last bit. */
export const standardisedLabel = (y: number, { mean, deviation }: LabelStandard): number =>
  Math.fround(Math.fround(Math.fround(y) - mean) / deviation);

/** Where labels that are clamped to ±limit and rounded to `count` values change from one to the next, in ascending order. */
export const roundedBoundaries = (count: number, limit: number): number[] =>
  Array.from({ length: count - 1 }, (_, k) => limit * ((2 * k + 1) / (count - 1) - 1));

/**
 * Where one class of labels `[N]` ends and the next begins, in ascending order, so that `count` classes hold about as many
 * labels each. A boundary is in the middle between two different labels: that nearest to its quantile, the lower of two that
 * are as near. So labels that are alike are of one class, and there are fewer classes where labels have fewer values: as
 * many as values at most, one of labels that are all alike. Labels that are no number are left out.
 */
export function quantileBoundaries(labels: Float32Array, count: number): number[] {
  const sorted = labels.filter(Number.isFinite).sort();
  const steps = [...sorted.keys()].filter((i) => i > 0 && sorted[i]! > sorted[i - 1]!);
  const nearest = (position: number): number =>
    steps.reduce((best, i) => (Math.abs(i - position) < Math.abs(best - position) ? i : best));
  const chosen = new Set(
    steps.length < count
      ? steps
      : Array.from({ length: count - 1 }, (_, k) => nearest(((k + 1) * sorted.length) / count)),
  );
  return [...chosen].map((i) => {
    const [below, above] = [sorted[i - 1]!, sorted[i]!];
    const middle = Math.fround((below + above) / 2);
    // No float32 is between two neighbours.
    return middle < above ? middle : below;
  });
}
