import { describe, expect, test } from 'vitest';
import { checkOp } from '../../runtime/testing.ts';
import { input } from '../index.ts';

const [samples, time, width, out] = [2, 5, 2, 3];

/** y[n,t,o] = Σ x[n, t + k − before, d] · weight[o,d,k], where x is zero outside its time. */
function reference(x: readonly number[], weight: readonly number[], kernel: number, padding: string): number[] {
  const before = padding === 'same' ? Math.floor((kernel - 1) / 2) : 0;
  const steps = padding === 'same' ? time : time - kernel + 1;
  const at = (n: number, t: number, d: number): number => (t < 0 || t >= time ? 0 : x[(n * time + t) * width + d]!);
  return Array.from({ length: samples * steps * out }, (_, i) => {
    const [n, t, o] = [Math.floor(i / (steps * out)), Math.floor(i / out) % steps, i % out];
    let y = 0;
    for (let d = 0; d < width; d++)
      for (let k = 0; k < kernel; k++) y += at(n, t + k - before, d) * weight[(o * width + d) * kernel + k]!;
    return y;
  });
}

describe.each([1, 2, 3, 5])('conv1d with kernel %d', (kernel) => {
  test.each(['valid', 'same'] as const)('%s', (padding) =>
    checkOp(
      (x, weight) => x.conv1d(weight, { padding }),
      [
        [samples, time, width],
        [out, width, kernel],
      ],
      (x, w) => reference(x, w, kernel, padding),
    ),
  );
});

test('errors name both shapes', () => {
  const x = input('x', [2, 3, 4]);
  expect(() => x.conv1d(input('w', [5, 3, 1]))).toThrow(
    'conv1d() needs [N,T,D] and [out,D,kernel], got [2,3,4] and [5,3,1].',
  );
  expect(() => x.conv1d(input('w', [5, 4, 4]))).toThrow(
    "conv1d() with kernel 4 needs at least 4 time steps, got [2,3,4]; use padding 'same'.",
  );
});
