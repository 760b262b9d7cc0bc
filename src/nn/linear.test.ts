import { expect, test } from 'vitest';
import { input } from '../tensor/index.ts';
import { linear } from './linear.ts';
import { initializersOf, layerGradientError, runLayer } from './testing.ts';

test('y = x Wᵀ + b over the last axis', async () => {
  const { y, bare } = await runLayer(
    (scope, x) => ({
      y: linear(scope.at('a'), x('x', [1, 2, 2]), 3),
      bare: linear(scope.at('b'), x('x', [1, 2, 2]), 1, { bias: false }),
    }),
    { x: [1, 2, 3, 4], 'a.weight': [1, 0, 0, 1, 1, -1], 'a.bias': [10, 20, 30], 'b.weight': [2, 3] },
  );
  expect(y).toEqual([11, 22, 29, 13, 24, 29]);
  expect(bare).toEqual([8, 18]);
});

test('gradients of input, weight and bias', async () => {
  expect(await layerGradientError((scope, x) => linear(scope, x, 3), [[2, 2, 4]])).toBeLessThan(1e-6);
});

test('weight and bias start within ±1/√in', () => {
  const bound = 1 / Math.sqrt(16);
  expect(initializersOf((scope) => linear(scope, input('x', [2, 16]), 3))).toEqual({
    weight: { kind: 'uniform', bound },
    bias: { kind: 'uniform', bound },
  });
});
