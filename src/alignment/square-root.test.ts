import { expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type DType } from '../tensor/index.ts';
import { squareRoot, trace } from './square-root.ts';

/** Q diag(values) Qᵀ for a rotation Q of R³. */
function symmetric(values: readonly [number, number, number]): number[] {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const q = [
    [c, -s * c, s * s],
    [s, c * c, -s * c],
    [0, s, c],
  ];
  return q.flatMap((a) => q.map((b) => values.reduce((sum, v, k) => sum + v * a[k]! * b[k]!, 0)));
}

async function squared(a: number[], dtype: DType): Promise<{ root: number[]; back: number[] }> {
  const x = input('a', [3, 3], dtype);
  const root = squareRoot(x);
  return (await evaluate({ root, back: root.matmul(root) }, { a })) as { root: number[]; back: number[] };
}

test.each([
  ['float64', [4, 1, 9], 1e-12],
  ['float64', [1e-3, 1, 1e3], 1e-9],
  ['float64', [1e6, 2e6, 3e6], 1e-12],
  ['float32', [4, 1, 9], 2e-6],
  ['float32', [1e-2, 1, 1e2], 1e-4],
] as const)('in %s the root of eigenvalues %s squares back', async (dtype, values, limit) => {
  const { root, back } = await squared(symmetric(values), dtype);
  expect(relativeError(back, symmetric(values))).toBeLessThan(limit);
  const exact = symmetric(values.map(Math.sqrt) as [number, number, number]);
  expect(relativeError(root, exact)).toBeLessThan(10 * limit);
});

test('a zero matrix has root 0, and a singular one a finite root, with finite gradients', async () => {
  for (const a of [Array<number>(9).fill(0), symmetric([4, 1, 0])]) {
    const x = input('a', [3, 3]);
    const root = squareRoot(x);
    const results = await evaluate({ root, dx: gradients(trace(root), [x])[0]! }, { a });
    const exact = symmetric(a.every((v) => v === 0) ? [0, 0, 0] : [2, 1, 0]);
    results['root']!.forEach((v, i) => expect(v).toBeCloseTo(exact[i]!, 3));
    expect(results['dx']!.every(Number.isFinite)).toBe(true);
  }
});

test('gradient, for a batch of matrices kept symmetric', async () => {
  const error = await gradientError(
    (x) => squareRoot(x.matmul(x, { transposeB: true }).add(constant([1, 0, 0, 1], [2, 2], x.dtype))),
    [[2, 2, 2]],
  );
  expect(error).toBeLessThan(1e-6);
});

test('trace: the sum of each diagonal', async () => {
  const { y } = await evaluate({ y: trace(input('x', [2, 2, 2], 'float64')) }, { x: [1, 9, 9, 2, 3, 9, 9, 4] });
  expect(y).toEqual([3, 7]);
  expect(await gradientError((x) => trace(x), [[2, 3, 3]], { values: [testValues(18)] })).toBeLessThan(1e-6);
});
