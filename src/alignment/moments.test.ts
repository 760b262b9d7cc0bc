import { expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { gradients, input, type Tensor } from '../tensor/index.ts';
import { momentLoss, moments } from './moments.ts';

const of = (values: number[], n: number, d: number): Promise<Record<string, number[]>> =>
  evaluate({ ...moments(input('z', [n, d], 'float64')) }, { z: values });

test('mean, covariance over N − 1 and skewness, by hand', async () => {
  const { mean, covariance, skewness } = await of([0, 0, 0, 3, 3, 0], 3, 2);
  expect(mean).toEqual([1, 1]);
  expect(relativeError(covariance!, [3, -1.5, -1.5, 3])).toBeLessThan(1e-12);
  // Deviations −1, −1, 2: mean cube 2 over (mean square 2)^1.5.
  expect(relativeError(skewness!, [Math.SQRT1_2, Math.SQRT1_2])).toBeLessThan(1e-12);
});

test('skewness does not change with scale, and is 0 for what is symmetric', async () => {
  const { skewness } = await of([-1, 5, 0, 6, 1, 19], 3, 2);
  const { skewness: scaled } = await of([-10, 50, 0, 60, 10, 190], 3, 2);
  expect(skewness![0]).toBeCloseTo(0, 12);
  expect(relativeError(scaled!, skewness!)).toBeLessThan(1e-12);
});

test('a constant feature, and a single sample, have covariance and skewness 0', async () => {
  for (const values of [await of([7, 7, 7, 7], 2, 2), await of([1, 2], 1, 2)]) {
    expect(values['covariance']).toEqual([0, 0, 0, 0]);
    expect(values['skewness']).toEqual([0, 0]);
  }
});

test('Eq. 10: squared norms over M(M − 1); the authors: mean squared errors over the pairs', async () => {
  const [x, y, z] = ['x', 'y', 'z'].map((name) => input(name, [2, 2], 'float64')) as [Tensor, Tensor, Tensor];
  const feeds = { x: [0, 0, 2, 0], y: [1, 1, 1, 1], z: [1, 1, 1, 1] };
  // x: mean (1, 0), covariance [[2, 0], [0, 0]]; y = z: mean (1, 1), covariance 0. Two pairs of three differ.
  const values = await evaluate(
    { norms: momentLoss([x, y, z], { form: 'norms' }), means: momentLoss([x, y, z], { form: 'means' }) },
    feeds,
  );
  expect(values['norms']![0]).toBeCloseTo((2 * (1 + 4)) / 6, 12);
  expect(values['means']![0]).toBeCloseTo((2 * (1 / 2 + 4 / 4)) / 3, 12);
});

test.each(['norms', 'means'] as const)('%s: gradients', async (form) => {
  const error = await gradientError(
    (x, y, z) => momentLoss([x, y, z], { form }),
    [
      [4, 3],
      [4, 3],
      [4, 3],
    ],
  );
  expect(error).toBeLessThan(1e-6);
});

test('gradients are finite for constant features and for one sample', async () => {
  for (const n of [1, 4]) {
    const [x, y] = [input('x', [n, 2]), input('y', [n, 2])];
    const grads = gradients(momentLoss([x, y], { form: 'norms' }), [x, y]);
    const values = await evaluate(
      { dx: grads[0]!, dy: grads[1]! },
      { x: Array<number>(2 * n).fill(3), y: testValues(2 * n) },
    );
    expect([...values['dx']!, ...values['dy']!].every(Number.isFinite)).toBe(true);
  }
});
