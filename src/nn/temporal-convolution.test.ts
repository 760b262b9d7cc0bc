import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError, testValues } from '../runtime/testing.ts';
import { input, type Tensor } from '../tensor/index.ts';
import { Scope } from './scope.ts';
import { temporalConvolution } from './temporal-convolution.ts';
import { initializersOf, layerGradientError, runLayer } from './testing.ts';

const torch = JSON.parse(readFileSync('test/fixtures/nn/torch.json', 'utf8')) as {
  convolution: Record<'x' | 'weight' | 'valid' | 'same', number[]>;
};

describe.each(['valid', 'same'] as const)('padding %s', (padding) => {
  test('agrees with PyTorch for an even kernel', async () => {
    const { x, weight } = torch.convolution;
    const { y } = await runLayer(
      (scope, given) => ({
        y: temporalConvolution(scope, { value: given('x', [2, 6, 2]) }, 3, { kernel: 4, padding }).value,
      }),
      { x, weight },
    );
    expect(relativeError(y!, torch.convolution[padding])).toBeLessThan(1e-9);
  });

  test.each([1, 2, 3])('gradients with kernel %i', async (kernel) => {
    const build = (scope: Scope, x: Tensor | undefined): Tensor =>
      temporalConvolution(scope, { value: x! }, 2, { kernel, padding }).value;
    expect(await layerGradientError(build, [[2, 4, 3]])).toBeLessThan(1e-6);
  });

  test('steps beyond the true length come out as zero and never count', async () => {
    const run = (x: number[]): Promise<Record<string, number[]>> =>
      runLayer(
        (scope, given) => {
          const mask = given('mask', [3, 5]);
          const clean = given('x', [3, 5, 2]).mul(mask.reshape([3, 5, 1]));
          const out = temporalConvolution(scope, { value: clean, mask }, 2, { kernel: 3, padding });
          return { value: out.value, mask: out.mask! };
        },
        { x, mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0] },
      );
    const x = testValues(30);
    const garbage = x.map((v, i) => ([18, 19].includes(i) || i >= 22 ? 1e3 * v : v));
    const [a, b] = [await run(x), await run(garbage)];
    expect(a).toEqual(b);
    // Windows inside the true length; a sequence shorter than the kernel keeps its first.
    const expected = padding === 'valid' ? [1, 1, 1, 1, 1, 0, 1, 0, 0] : [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0];
    expect(a['mask']).toEqual(expected);
    a['value']!.forEach((v, i) => expect(v === 0).toBe(expected[Math.floor(i / 2)] === 0));
  });
});

test('starts within ±1/√(in · kernel)', () => {
  const build = (scope: Scope): unknown =>
    temporalConvolution(scope, { value: input('x', [1, 9, 4]) }, 3, { kernel: 4 });
  expect(initializersOf(build)).toEqual({ weight: { kind: 'uniform', bound: 0.25 } });
});

test('a kernel longer than the sequence is an error that says so', () => {
  const build = (): unknown =>
    temporalConvolution(new Scope(), { value: input('x', [1, 3, 4]) }, 3, { kernel: 4, padding: 'valid' });
  expect(build).toThrow(/kernel.*4.*3|3.*kernel.*4/);
});
