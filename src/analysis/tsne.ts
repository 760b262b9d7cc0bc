/**
 * t-SNE (van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 2008), exact: a plane in which the neighbours of a point
 * are those that it has among all features.
 *
 *   p_{j|i} ∝ exp(−‖x_i − x_j‖² / 2σ_i²),   p_ij = (p_{j|i} + p_{i|j}) / 2N,   q_ij ∝ (1 + ‖y_i − y_j‖²)^{−1}
 *   min_y KL(P ‖ Q),   ∂/∂y_i = 4 Σ_j (p_ij − q_ij) (y_i − y_j) (1 + ‖y_i − y_j‖²)^{−1}
 *
 * It begins with the principal plane, as Kobak and Berens (2019) recommend, and so takes no random numbers: the same points
 * give the same plane. Its settings are otherwise those of scikit-learn.
 */
import type { Matrix } from './matrix.ts';
import { principalPlane } from './principal-components.ts';

export interface TsneOptions {
  /** How many neighbours a point has, more or less. Default: 30, or a third of the points where these are few. */
  readonly perplexity?: number;
  /** Steps of gradient descent. Default: 750, of which in the first 250 attraction is 12 times as strong. */
  readonly iterations?: number;
}

const [exaggeration, exaggerated] = [12, 250];

/** Projects points `[N, D]` on a plane, `[N, 2]` row-major. The time grows with N²: some seconds for 1,000 points. */
export function tsne(points: Matrix, { perplexity = 30, iterations = 750 }: TsneOptions = {}): Float64Array {
  const { rows: count } = points;
  const similar = similarities(points, Math.min(perplexity, (count - 1) / 3));
  const start = principalPlane(points).points;
  const deviation = Math.sqrt(start.reduce((sum, x, i) => sum + (i % 2 === 0 ? x * x : 0), 0) / count) || 1;
  const plane = start.map((x) => (1e-4 * x) / deviation);
  const rate = Math.max(count / exaggeration / 4, 50);
  const speed = new Float64Array(plane.length);
  const gains = new Float64Array(plane.length).fill(1);
  for (let step = 0; step < iterations; step++) {
    const slope = gradient(plane, similar, step < exaggerated ? exaggeration : 1);
    const momentum = step < exaggerated ? 0.5 : 0.8;
    for (let i = 0; i < plane.length; i++) {
      gains[i] = slope[i]! > 0 === speed[i]! > 0 ? Math.max(0.8 * gains[i]!, 0.01) : gains[i]! + 0.2;
      speed[i] = momentum * speed[i]! - rate * gains[i]! * slope[i]!;
      plane[i]! += speed[i]!;
    }
  }
  return plane;
}

/** P, `[N, N]`: each point's bandwidth is such that 2 to the entropy of its neighbours is the perplexity. */
function similarities({ rows: count, columns, data }: Matrix, perplexity: number): Float64Array {
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let d = 0; d < columns; d++) square += (data[i * columns + d]! - data[j * columns + d]!) ** 2;
      distances[i * count + j] = distances[j * count + i] = square;
    }
  const target = Math.log(perplexity);
  const conditional = new Float64Array(count * count);
  for (let i = 0; i < count; i++) fillNeighbours(conditional, distances, { i, count, target });
  const similar = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++)
      similar[i * count + j] = (conditional[i * count + j]! + conditional[j * count + i]!) / (2 * count);
  return similar;
}

/** Row `i` of p_{j|i}, by bisection of the precision 1/2σ². */
function fillNeighbours(
  conditional: Float64Array,
  distances: Float64Array,
  { i, count, target }: { readonly i: number; readonly count: number; readonly target: number },
): void {
  const of = (j: number): number => distances[i * count + j]!;
  let nearest = Infinity;
  for (let j = 0; j < count; j++) if (j !== i) nearest = Math.min(nearest, of(j));
  let [low, precision, high] = [0, 1, Infinity];
  for (let turn = 0; turn < 100; turn++) {
    let [sum, weighted] = [0, 0];
    for (let j = 0; j < count; j++) {
      // Less the nearest, so that not all of them underflow.
      const p = j === i ? 0 : Math.exp(-precision * (of(j) - nearest));
      conditional[i * count + j] = p;
      sum += p;
      weighted += p * (of(j) - nearest);
    }
    for (let j = 0; j < count; j++) conditional[i * count + j]! /= sum;
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    if (Math.abs(entropy - target) < 1e-5) return;
    if (entropy > target) [low, precision] = [precision, high === Infinity ? 2 * precision : (precision + high) / 2];
    else [high, precision] = [precision, (low + precision) / 2];
  }
}

/** The gradient by the plane, `[N, 2]`, with attraction so many times as strong. */
function gradient(plane: Float64Array, similar: Float64Array, attraction: number): Float64Array {
  const count = plane.length / 2;
  let total = 0;
  const [pull, push] = [new Float64Array(plane.length), new Float64Array(plane.length)];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [plane[2 * i]! - plane[2 * j]!, plane[2 * i + 1]! - plane[2 * j + 1]!];
      const near = 1 / (1 + x * x + y * y);
      total += 2 * near;
      const [pulled, pushed] = [attraction * similar[i * count + j]! * near, near * near];
      pull[2 * i]! += pulled * x;
      pull[2 * i + 1]! += pulled * y;
      pull[2 * j]! -= pulled * x;
      pull[2 * j + 1]! -= pulled * y;
      push[2 * i]! += pushed * x;
      push[2 * i + 1]! += pushed * y;
      push[2 * j]! -= pushed * x;
      push[2 * j + 1]! -= pushed * y;
    }
  return pull.map((x, i) => 4 * (x - push[i]! / total));
}
