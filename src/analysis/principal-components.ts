/** Principal components: the directions in which points differ most. */
import { transposed, timesTransposed, type Matrix } from './matrix.ts';

export interface Projection {
  /** `[N, 2]`, row-major: each point by the two directions, from the mean of all. */
  readonly points: Float64Array;
  /** Which share of the variance each direction has. */
  readonly shares: readonly [number, number];
  /** Of length 1, `[D]` each. */
  readonly directions: readonly [Float64Array, Float64Array];
  /** The mean of all `[D]`. */
  readonly centre: Float64Array;
}

/**
 * Projects points `[N, D]` on their first two principal components, by iteration of a plane. The larger entries of a direction
 * are positive in their sum of cubes, so that the picture is not turned from one call to the next.
 */
export function principalPlane({ rows, columns, data }: Matrix, { iterations = 500 } = {}): Projection {
  const centred = new Float64Array(data.length);
  const centre = new Float64Array(columns);
  for (let d = 0; d < columns; d++) {
    for (let n = 0; n < rows; n++) centre[d]! += data[n * columns + d]! / rows;
    for (let n = 0; n < rows; n++) centred[n * columns + d] = data[n * columns + d]! - centre[d]!;
  }
  const across = transposed({ rows, columns, data: centred });
  const covariance = timesTransposed(across, across);
  const total = Array.from({ length: columns }, (_, d) => covariance.data[d * columns + d]!).reduce((a, b) => a + b, 0);
  const times = (direction: Float64Array): Float64Array =>
    timesTransposed({ rows: 1, columns, data: direction }, covariance).data;
  // Any start will do that is not at right angles to the plane.
  let first = unit(Float64Array.from({ length: columns }, (_, d) => 1 + (d % 7) / 7));
  let second = unit(Float64Array.from({ length: columns }, (_, d) => Math.cos(d + 1)));
  for (let i = 0; i < iterations; i++) {
    first = unit(times(first));
    second = unit(without(times(second), first));
  }
  const directions = [upright(first), upright(second)] as const;
  const points = timesTransposed(
    { rows, columns, data: centred },
    { rows: 2, columns, data: Float64Array.from(directions.flatMap((each) => [...each])) },
  ).data;
  const share = (direction: Float64Array): number => (total > 0 ? dotOf(times(direction), direction) / total : 0);
  return { points, shares: [share(first), share(second)], directions, centre };
}

const dotOf = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

function unit(x: Float64Array): Float64Array {
  const length = Math.hypot(...x);
  return length > 0 ? x.map((each) => each / length) : x;
}

/** The part of x at right angles to a direction of length 1. */
function without(x: Float64Array, direction: Float64Array): Float64Array {
  const along = dotOf(x, direction);
  return x.map((each, i) => each - along * direction[i]!);
}

const upright = (direction: Float64Array): Float64Array =>
  direction.reduce((sum, x) => sum + x ** 3, 0) < 0 ? direction.map((x) => 0 - x) : direction;
