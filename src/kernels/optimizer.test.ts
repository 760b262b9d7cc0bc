import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate } from './memory.ts';
import { adam, approach, sumOfSquares, type AdamStep } from './optimizer.ts';

const f = Math.fround;

/** The equations of assembly/kernels.ts one element at a time, each operation rounded to float32. */
function adamByElement(x: Arrays, { least, ...step }: AdamStep): void {
  const { parameter, gradient, mean, variance } = x;
  const factor = f(step.factor);
  const [l2, shrink, rate] = [f(step.l2), f(step.shrink), f(step.rate)];
  const [beta1, beta2] = [f(step.beta1), f(step.beta2)];
  const [rest1, rest2] = [f(1 - step.beta1), f(1 - step.beta2)];
  const [correction, epsilon] = [f(step.correction), f(step.epsilon)];
  const flushed = (value: number): number => (Math.abs(value) < least ? 0 : value);
  for (let i = 0; i < parameter.length; i++) {
    const p = parameter[i]!;
    const g = f(f(factor * gradient[i]!) + f(l2 * p));
    const m = f(f(beta1 * mean[i]!) + f(rest1 * g));
    const v = f(f(beta2 * variance[i]!) + f(f(rest2 * g) * g));
    const pace = f(rate / f(f(correction * f(Math.sqrt(v))) + epsilon));
    mean[i] = flushed(m);
    variance[i] = flushed(v);
    parameter[i] = f(f(shrink * p) - f(pace * m));
  }
}

const names = ['parameter', 'gradient', 'mean', 'variance'] as const;
type Arrays = Readonly<Record<(typeof names)[number], Float32Array>>;

/** Values of all sizes, from a seed: what Adam meets after long training, and what breaks it. */
function arraysOf(length: number, seed: number): Arrays {
  let state = seed;
  const uniform = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const values = (positive: boolean): Float32Array =>
    Float32Array.from({ length }, () => (positive ? 1 : Math.sign(uniform() - 0.5)) * 10 ** (uniform() * 40 - 38));
  return { parameter: values(false), gradient: values(false), mean: values(false), variance: values(true) };
}

const copyOf = (x: Arrays): Arrays => ({
  parameter: x.parameter.slice(),
  gradient: x.gradient.slice(),
  mean: x.mean.slice(),
  variance: x.variance.slice(),
});

/** The same values in arrays of `allocate`. */
function allocated(x: Arrays): Arrays {
  const [parameter, gradient, mean, variance] = allocate(names.map((name) => x[name].length));
  const placed = { parameter: parameter!, gradient: gradient!, mean: mean!, variance: variance! };
  for (const name of names) placed[name].set(x[name]);
  return placed;
}

/** The first element in which two lots of arrays differ, bit for bit; much faster than toEqual. */
const difference = (a: Arrays, b: Arrays): string | undefined =>
  names.flatMap((name) => {
    const at = a[name].findIndex((x, i) => !Object.is(x, b[name][i]));
    return at < 0 ? [] : [`${name}[${at}]: ${a[name][at]!} instead of ${b[name][at]!}`];
  })[0];

const typical: AdamStep = {
  factor: 0.7,
  l2: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  correction: 3,
  epsilon: 1e-8,
  rate: 1e-3,
  shrink: 0.999,
  least: 0,
};

describe('adam', () => {
  test.each([0, 2 ** -100])('is its equations, element by element, with least %f', (least) => {
    fc.assert(
      fc.property(fc.nat(100), fc.integer(), (length, seed) => {
        const step = { ...typical, least };
        const expected = arraysOf(length, seed);
        const [ordinary, placed] = [copyOf(expected), allocated(expected)];
        adamByElement(expected, step);
        adam(ordinary.parameter, ordinary.gradient, ordinary.mean, ordinary.variance, step);
        adam(placed.parameter, placed.gradient, placed.mean, placed.variance, step);
        expect(difference(ordinary, expected)).toBeUndefined();
        expect(difference(placed, expected)).toBeUndefined();
      }),
    );
  });

  test.each([16_384, 16_385, 40_000])('goes on over blocks: %i elements', (length) => {
    const expected = arraysOf(length, length);
    const [ordinary, placed] = [copyOf(expected), allocated(expected)];
    adamByElement(expected, typical);
    adam(ordinary.parameter, ordinary.gradient, ordinary.mean, ordinary.variance, typical);
    adam(placed.parameter, placed.gradient, placed.mean, placed.variance, typical);
    expect(difference(ordinary, expected)).toBeUndefined();
    expect(difference(placed, expected)).toBeUndefined();
  });

  test('changes nothing beside the arrays', () => {
    const around = allocate([40, 40]);
    for (const array of around) array.fill(5);
    const [mean, variance] = around.map((array) => array.subarray(8, 21));
    adam(new Float32Array(13).fill(1), new Float32Array(13).fill(1), mean!, variance!, typical);
    for (const array of around)
      expect(Array.from(array, (x, i) => (x === 5 ? -1 : i)).filter((i) => i >= 0)).toEqual(
        Array.from({ length: 13 }, (_, i) => 8 + i),
      );
  });

  test('passes NaN and infinities on, to their elements alone', () => {
    const x = allocated(arraysOf(9, 1));
    x.gradient.set([1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 1, 1, 1, Number.NEGATIVE_INFINITY]);
    adam(x.parameter, x.gradient, x.mean, x.variance, { ...typical, least: 2 ** -100 });
    const broken = [1, 3, 8];
    expect(Array.from(x.parameter, (p, i) => (Number.isFinite(p) ? -1 : i)).filter((i) => i >= 0)).toEqual(broken);
    expect(Array.from(x.mean, (m, i) => (Number.isFinite(m) ? -1 : i)).filter((i) => i >= 0)).toEqual(broken);
  });
});

describe('sumOfSquares', () => {
  test('adds in float64', () => {
    expect(sumOfSquares(Float32Array.of(3, 4))).toBe(25);
    expect(sumOfSquares(new Float32Array())).toBe(0);
    // Both beyond float32: too large as a square, and too small beside the other.
    expect(sumOfSquares(Float32Array.of(2 ** 70, 2 ** 46))).toBe(2 ** 140 + 2 ** 92);
    expect(sumOfSquares(Float32Array.of(2 ** -149))).toBe(2 ** -298);
  });

  test.each([1, 7, 8, 9, 16_384, 16_391, 50_000])('adds all of %i elements and no others', (length) => {
    // Whatever an earlier, longer array left behind must not count.
    sumOfSquares(new Float32Array(60_000).fill(100));
    const x = Float32Array.from({ length }, (_, i) => (i % 13) - 6);
    expect(sumOfSquares(x)).toBe(x.reduce((sum, value) => sum + value ** 2, 0));
  });

  test('is not a number where an element is none', () => {
    expect(sumOfSquares(new Float32Array(20).fill(Number.NaN, 17, 18))).toBeNaN();
    expect(sumOfSquares(new Float32Array(20).fill(Number.NEGATIVE_INFINITY, 17, 18))).toBe(Number.POSITIVE_INFINITY);
  });
});

test.each([0, 1, 9, 16_384, 40_001])('approach moves %i elements by the rate', (length) => {
  const { mean, parameter: value } = arraysOf(length, 5);
  const expected = mean.map((m, i) => m + f(f(0.3) * f(value[i]! - m)));
  approach(mean, value, 0.3);
  expect(mean.findIndex((m, i) => !Object.is(m, expected[i]))).toBe(-1);
});
