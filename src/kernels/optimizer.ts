import { blockLength, commonWorkspace, homeOf } from './memory.ts';

/** The numbers of a step of Adam beside its arrays; assembly/kernels.ts has the equations. */
export interface AdamStep {
  readonly factor: number;
  readonly l2: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly correction: number;
  readonly epsilon: number;
  readonly rate: number;
  readonly shrink: number;
  /** Moments whose absolute value is smaller than this become 0 after the step; with 0, none do. */
  readonly least: number;
}

/** The kernels take a multiple of so many elements. */
const stride = 8;
const whole = (count: number): number => Math.ceil(count / stride) * stride;

/**
 * Elements `start` to `end`. All of an array is the array itself: a view of a small one costs more than computing on
 * it.
 */
const part = (x: Float32Array, start: number, end: number): Float32Array =>
  start === 0 && end === x.length ? x : x.subarray(start, end);

/** Σ x² in float64, added in an order that depends on the length alone. */
export function sumOfSquares(x: Float32Array): number {
  const { kernels, scratch } = commonWorkspace();
  const [block] = scratch;
  let sum = 0;
  for (let start = 0; start < x.length; start += blockLength) {
    const end = Math.min(start + blockLength, x.length);
    block.set(part(x, start, end));
    block.fill(0, end - start, whole(end - start));
    sum += kernels.sumOfSquares(block.byteOffset, whole(end - start));
  }
  return sum;
}

/**
 * A step of Adam (float32) for one parameter: changes `parameter`, `mean` and `variance`, all as long as the gradient.
 */
export function adam(
  parameter: Float32Array,
  gradient: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  { factor, l2, beta1, beta2, correction, epsilon, rate, shrink, least }: AdamStep,
): void {
  const home = homeOf(mean) === homeOf(variance) ? homeOf(mean) : undefined;
  const { kernels, scratch } = home ?? commonWorkspace();
  const [p, g, m, v] = scratch;
  for (let start = 0; start < parameter.length; start += blockLength) {
    const end = Math.min(start + blockLength, parameter.length);
    const count = end - start;
    // Moments are changed in place, except in a last block that is not whole: another array may lie after it.
    const inPlace = home !== undefined && count === whole(count);
    p.set(part(parameter, start, end));
    g.set(part(gradient, start, end));
    if (!inPlace) {
      m.set(part(mean, start, end));
      v.set(part(variance, start, end));
    }
    const meanAt = inPlace ? addressOf(mean, start) : m.byteOffset;
    const varianceAt = inPlace ? addressOf(variance, start) : v.byteOffset;
    kernels.adam(
      p.byteOffset,
      g.byteOffset,
      meanAt,
      varianceAt,
      whole(count),
      factor,
      l2,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      correction,
      epsilon,
      rate,
      shrink,
    );
    if (least > 0) {
      kernels.flush(meanAt, whole(count), least);
      kernels.flush(varianceAt, whole(count), least);
    }
    parameter.set(part(p, 0, count), start);
    if (!inPlace) {
      mean.set(part(m, 0, count), start);
      variance.set(part(v, 0, count), start);
    }
  }
}

const addressOf = (x: Float32Array, element: number): number => x.byteOffset + element * Float32Array.BYTES_PER_ELEMENT;

/** mean ← mean + rate (value − mean), in place. */
export function approach(mean: Float32Array, value: Float32Array, rate: number): void {
  const { kernels, scratch } = commonWorkspace();
  const [m, v] = scratch;
  for (let start = 0; start < mean.length; start += blockLength) {
    const end = Math.min(start + blockLength, mean.length);
    m.set(part(mean, start, end));
    v.set(part(value, start, end));
    kernels.approach(m.byteOffset, v.byteOffset, whole(end - start), rate);
    mean.set(part(m, 0, end - start), start);
  }
}
