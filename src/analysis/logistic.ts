/**
 * Multinomial logistic regression with a quadratic penalty,
 *
 *   min_W,b  −1/N Σ_n log softmax(W x_n + b)[y_n] + penalty/2 ‖W‖²
 *
 * by L-BFGS (Liu and Nocedal, 1989) with step lengths that are halved until the objective falls enough (Armijo).
 */
import { dot, timesTransposed, transposed, type Matrix } from './matrix.ts';

export interface LogisticOptions {
  readonly penalty: number;
  /** `[C, D + 1]`, where the search starts. Default: zeros. */
  readonly start?: Matrix;
  /** The largest entry of the gradient that counts as none. Default: 1e-4, from where no prediction changes that matters. */
  readonly tolerance?: number;
  /** Steps at most. Default: 100. */
  readonly steps?: number;
}

/** Steps that the curvature is told from. */
const remembered = 10;
/** The share of the fall that a straight line promises, with which a step is content. */
const enough = 1e-4;
/** The rounding of the objective, relative to it, and the shortest step that is tried. */
const rounding = 1e-14;
const shortest = 1e-10;

/** W and b `[C, D + 1]`, b last, of X `[N, D]` and classes `[N]`, each in 0..C-1. */
export function logistic(
  x: Matrix,
  labels: ArrayLike<number>,
  classes: number,
  { penalty, start, tolerance = 1e-4, steps = 100 }: LogisticOptions,
): Matrix {
  const rows = withOne(x);
  const columns = transposed(rows);
  const shape = { rows: classes, columns: rows.columns };
  const at = (data: Float64Array): Point => objective({ ...shape, data }, { rows, columns, labels, penalty });

  let now = at(start?.data ?? new Float64Array(classes * rows.columns));
  const moves: Move[] = [];
  for (let step = 0; step < steps && now.gradient.some((g) => Math.abs(g) > tolerance); step++) {
    const direction = descent(now.gradient, moves);
    const slope = inner(now.gradient, direction);
    let length = moves.length === 0 ? Math.min(1, 1 / Math.sqrt(inner(now.gradient, now.gradient))) : 1;
    let next = at(along(now.at, direction, length));
    // At the end the objective falls by less than its rounding, and a flatter slope tells that a step was one ahead.
    const isContent = (): boolean =>
      next.value <= now.value + enough * length * slope ||
      (next.value <= now.value + rounding * now.value && Math.abs(inner(next.gradient, direction)) < -slope);
    while (!isContent() && length > shortest) {
      length /= 2;
      next = at(along(now.at, direction, length));
    }
    if (!isContent()) break;
    const [moved, turned] = [along(next.at, now.at, -1), along(next.gradient, now.gradient, -1)];
    const curvature = inner(moved, turned);
    if (curvature > 0) moves.push({ moved, turned, curvature });
    if (moves.length > remembered) moves.shift();
    now = next;
  }
  return { ...shape, data: now.at };
}

/** The likeliest class of each of X `[N, D]`, the first of several. */
export function likeliest(x: Matrix, weights: Matrix): Int32Array {
  const { columns, data } = timesTransposed(withOne(x), weights);
  return Int32Array.from({ length: x.rows }, (_, n) => {
    let best = 0;
    for (let c = 1; c < columns; c++) if (data[n * columns + c]! > data[n * columns + best]!) best = c;
    return best;
  });
}

interface Point {
  readonly at: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

interface Move {
  readonly moved: Float64Array;
  /** The change of the gradient. */
  readonly turned: Float64Array;
  readonly curvature: number;
}

interface Problem {
  /** X with a column of ones `[N, D + 1]`, and its transpose. */
  readonly rows: Matrix;
  readonly columns: Matrix;
  readonly labels: ArrayLike<number>;
  readonly penalty: number;
}

function objective(weights: Matrix, { rows, columns, labels, penalty }: Problem): Point {
  const [count, classes, width] = [rows.rows, weights.rows, weights.columns];
  // Logits, which become the gradients of each sample: softmax less 1 for its class, over N.
  const { data } = timesTransposed(rows, weights);
  let value = 0;
  for (let n = 0; n < count; n++) {
    const own = data.subarray(n * classes, (n + 1) * classes);
    const highest = own.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(own[c]! - highest);
    const log = highest + Math.log(sum);
    value += (log - own[labels[n]!]!) / count;
    for (let c = 0; c < classes; c++) own[c] = (Math.exp(own[c]! - log) - Number(c === labels[n])) / count;
  }
  const gradient = timesTransposed(transposed({ rows: count, columns: classes, data }), columns).data;
  for (const [i, w] of weights.data.entries()) {
    if (i % width === width - 1) continue;
    value += (penalty / 2) * w ** 2;
    gradient[i]! += penalty * w;
  }
  return { at: weights.data, value, gradient };
}

/** −H⁻¹ g, where the last moves tell what H is. */
function descent(gradient: Float64Array, moves: readonly Move[]): Float64Array {
  let direction: Float64Array = gradient.map((g) => -g);
  const shares = moves.toReversed().map(({ moved, turned, curvature }) => {
    const share = inner(moved, direction) / curvature;
    direction = along(direction, turned, -share);
    return share;
  });
  const last = moves.at(-1);
  const scale = last ? last.curvature / inner(last.turned, last.turned) : 1;
  direction = direction.map((d) => d * scale);
  for (const [i, { moved, turned, curvature }] of moves.entries())
    direction = along(direction, moved, shares[moves.length - 1 - i]! - inner(turned, direction) / curvature);
  return direction;
}

const inner = (a: Float64Array, b: Float64Array): number => dot(a, 0, b, 0, a.length);

/** a + length · b. */
const along = (a: Float64Array, b: Float64Array, length: number): Float64Array =>
  a.map((value, i) => value + length * b[i]!);

function withOne({ rows, columns, data }: Matrix): Matrix {
  const wide = new Float64Array(rows * (columns + 1)).fill(1);
  for (let n = 0; n < rows; n++) wide.set(data.subarray(n * columns, (n + 1) * columns), n * (columns + 1));
  return { rows, columns: columns + 1, data: wide };
}
