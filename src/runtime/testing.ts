/** Helpers of the tests of symbolic code: run a graph once, and check gradients by central differences. */
import { gradients, input, size, type DType, type Shape, type Tensor } from '../tensor/index.ts';
import { compile, type Values } from './node.ts';

export const numbers = (values: Values): number[] => Array.from(values, Number);

const toValues = (data: ArrayLike<number>, dtype: DType): Values => {
  if (dtype === 'float32') return Float32Array.from(data);
  if (dtype === 'float64') return Float64Array.from(data);
  return dtype === 'int64' ? BigInt64Array.from(Array.from(data, BigInt)) : Uint8Array.from(data);
};

/** The values of `outputs` for the given inputs (by name, in row-major order). */
export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, ArrayLike<number>>> = {},
): Promise<Record<string, number[]>> {
  const program = await compile(outputs, { threads: 1 });
  const given: Record<string, Values> = {};
  for (const [name, { dtype }] of program.inputs) given[name] = toValues(feeds[name] ?? [], dtype);
  const results = await program.run(given);
  await program.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, numbers(values)]));
}

/** max |a − b| / max(max |b|, 1e-6), the error of the golden fixtures. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let largest = 1e-6;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (!(d <= difference)) difference = d;
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / largest;
}

/** A small repeatable source of test values in [low, high). */
export function testValues(n: number, seed = 1, low = -1, high = 1): number[] {
  let state = seed * 2654435761;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return low + ((high - low) * ((state ^ (state >>> 13)) >>> 0)) / 2 ** 32;
  });
}

/**
 * Holds an op to its definition: `expected` in plain JavaScript in float64 (to 1e-12) and float32 (to 1e-5), and
 * its gradients to central differences (to 1e-6). Throws what is off.
 */
export async function checkOp(
  f: (...inputs: Tensor[]) => Tensor,
  shapes: readonly Shape[],
  expected: (...inputs: number[][]) => readonly number[],
  check: GradientCheck & { readonly gradient?: boolean } = {},
): Promise<void> {
  const data = valuesOf(shapes, check);
  const wide = shapes.map((shape, i) => input(`x${i}`, shape, 'float64'));
  const results = await evaluate(
    { wide: f(...wide), narrow: f(...wide.map((x) => x.cast('float32'))) },
    Object.fromEntries(data.map((x, i) => [`x${i}`, x])),
  );
  const reference = expected(...data);
  const errors = [
    ['value', relativeError(results['wide']!, reference), 1e-12],
    ['float32 value', relativeError(results['narrow']!, reference), 1e-5],
    ['gradient', check.gradient === false ? 0 : await gradientError(f, shapes, check), 1e-6],
  ] as const;
  for (const [what, error, limit] of errors)
    if (!(error < limit))
      throw new Error(`The ${what} is off by ${error}: got ${results['wide']}, expected ${reference}.`);
}

const valuesOf = (shapes: readonly Shape[], { values, range = [-1, 1] }: GradientCheck): number[][] =>
  shapes.map((shape, i) => [...(values?.[i] ?? testValues(size(shape), i + 1, ...range))]);

export interface GradientCheck {
  readonly dtype?: 'float32' | 'float64';
  /** Values by input; default: `testValues` within `range`. */
  readonly values?: readonly (readonly number[])[];
  readonly range?: readonly [number, number];
  readonly step?: number;
}

/**
 * The largest relative error between symbolic gradients of Σ w·f(x…) (w fixed, uneven) and central differences,
 * over every input. Both are computed in a float64 graph; with dtype float32, the symbolic one in float32.
 */
export async function gradientError(
  f: (...inputs: Tensor[]) => Tensor,
  shapes: readonly Shape[],
  { dtype = 'float64', step = 1e-5, ...points }: GradientCheck = {},
): Promise<number> {
  const data = valuesOf(shapes, points);
  const scalar = (kind: 'float32' | 'float64'): { inputs: Tensor[]; loss: Tensor } => {
    const inputs = shapes.map((shape, i) => input(`x${i}`, shape, kind));
    const y = f(...inputs);
    const weights = input('weights', y.shape, kind);
    return { inputs, loss: y.mul(weights).sum() };
  };
  const reference = scalar('float64');
  const weights = testValues(size(f(...reference.inputs).shape), 99, 0.5, 1.5);
  const feeds = (point: readonly (readonly number[])[]): Record<string, readonly number[]> => ({
    weights,
    ...Object.fromEntries(point.map((x, i) => [`x${i}`, x])),
  });

  const symbolic = scalar(dtype);
  const grads = gradients(symbolic.loss, symbolic.inputs);
  const computed = await evaluate(
    Object.fromEntries(grads.flatMap((g, i) => (g ? [[`g${i}`, g] as const] : []))),
    feeds(data),
  );

  const program = await compile({ loss: reference.loss }, { threads: 1 });
  const lossAt = async (point: readonly (readonly number[])[]): Promise<number> => {
    const given = Object.fromEntries(
      Object.entries(feeds(point))
        .filter(([name]) => program.inputs.has(name))
        .map(([name, x]) => [name, Float64Array.from(x)]),
    );
    return Number((await program.run(given))['loss']![0]);
  };
  let worst = 0;
  for (const [i, x] of data.entries()) {
    const expected: number[] = [];
    for (let j = 0; j < x.length; j++) {
      const moved = (by: number): number[][] =>
        data.map((v, k) => v.map((value, l) => (k === i && l === j ? value + by : value)));
      expected.push(((await lossAt(moved(step))) - (await lossAt(moved(-step)))) / (2 * step));
    }
    const zero = expected.every((g) => Math.abs(g) < 1e-12);
    if (!computed[`g${i}`] && zero) continue;
    worst = Math.max(worst, relativeError(computed[`g${i}`] ?? expected.map(() => NaN), expected));
  }
  await program.dispose();
  return worst;
}
