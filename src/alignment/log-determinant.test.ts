import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type DType, type Tensor } from '../tensor/index.ts';
import { logDeterminant } from './log-determinant.ts';

/** B Bᵀ + I/10 of `[..., d, d]`, and with it every symmetric change of B a symmetric one of A. */
function positive(b: Tensor): Tensor {
  const d = b.shape.at(-1)!;
  const eye = Array.from({ length: d * d }, (_, i) => 0.1 * Number(i % (d + 1) === 0));
  return b.matmul(b, { transposeB: true }).add(constant(eye, [d, d], b.dtype));
}

async function computed(a: readonly number[], d: number, dtype: DType): Promise<{ value: number; inverse: number[] }> {
  const x = input('a', [d, d], dtype);
  const y = logDeterminant(x);
  const { value, inverse } = await evaluate({ value: y, inverse: gradients(y, [x])[0]! }, { a });
  return { value: value![0]!, inverse: inverse! };
}

describe.each([
  ['float64', 1e-12],
  ['float32', 1e-5],
] as const)('in %s', (dtype, limit) => {
  test('the log-determinant of a diagonal matrix is the sum of logarithms, its gradient the inverse', async () => {
    const { value, inverse } = await computed([4, 0, 0, 0, 0.5, 0, 0, 0, 1e-3], 3, dtype);
    expect(Math.abs(value - Math.log(4 * 0.5 * 1e-3))).toBeLessThan(limit);
    expect(relativeError(inverse, [0.25, 0, 0, 0, 2, 0, 0, 0, 1000])).toBeLessThan(limit);
  });

  test('that of a full matrix is the logarithm of its determinant', async () => {
    // det = 4 · 3 · 2 + 2 · (1 · 0.5 · -1) − 4 · 0.5² − 3 · 1 − 2 · 1, by Sarrus.
    const [a, b, c, p, q, r] = [4, 3, 2, 1, -1, 0.5];
    const { value } = await computed([a, p, q, p, b, r, q, r, c], 3, dtype);
    expect(value).toBeCloseTo(Math.log(a * b * c + 2 * p * q * r - a * r * r - b * q * q - c * p * p), 5);
  });
});

test('gradient, for a batch of matrices kept symmetric', async () => {
  expect(await gradientError((x) => logDeterminant(positive(x)), [[2, 5, 5]])).toBeLessThan(1e-6);
});

test('correlations as ill-conditioned as a ridge of 1e-3 allows keep four digits in float32', async () => {
  // Sixteen features of which any two are all but equal: eigenvalues 16.001 and fifteen of 0.001.
  const d = 16;
  const a = Array.from({ length: d * d }, (_, i) => 1 + (i % (d + 1) === 0 ? 1e-3 : 0));
  const { value, inverse } = await computed(a, d, 'float32');
  expect(Math.abs(value / (Math.log(16.001) + 15 * Math.log(1e-3)) - 1)).toBeLessThan(1e-4);
  const exact = a.map((_, i) => (i % (d + 1) === 0 ? 1000 : 0) - 1000 / 16.001);
  expect(relativeError(inverse, exact)).toBeLessThan(2e-3);
});

test('singular matrices give finite values and gradients', async () => {
  for (const a of [Array<number>(9).fill(0), Array<number>(9).fill(1)]) {
    const { value, inverse } = await computed(a, 3, 'float32');
    expect(Number.isFinite(value)).toBe(true);
    expect(inverse.every(Number.isFinite)).toBe(true);
  }
});

test('keeps leading axes', async () => {
  const x = input('x', [2, 3, 2, 2], 'float64');
  const y = logDeterminant(positive(x));
  expect(y.shape).toEqual([2, 3]);
  const { all, last } = await evaluate(
    { all: y, last: logDeterminant(positive(x).reshape([6, 2, 2]).slice(0, 5, 6)) },
    { x: testValues(24) },
  );
  expect(all![5]).toBeCloseTo(last![0]!, 12);
});
