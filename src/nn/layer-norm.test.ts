import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import { layerNorm } from './layer-norm.ts';
import { initializersOf, layerGradientError, runLayer } from './testing.ts';

const torch = JSON.parse(readFileSync('test/fixtures/nn/torch.json', 'utf8')) as {
  layerNorm: Record<'x' | 'weight' | 'bias' | 'value', number[]>;
};

test('agrees with PyTorch', async () => {
  const { x, weight, bias, value } = torch.layerNorm;
  const build = { x, weight, bias };
  const { y } = await runLayer((scope, given) => ({ y: layerNorm(scope, given('x', [2, 4])) }), build);
  expect(relativeError(y!, value)).toBeLessThan(1e-9);
});

test('gradients of input, scale and shift', async () => {
  expect(await layerGradientError((scope, x) => layerNorm(scope, x), [[3, 5]])).toBeLessThan(1e-6);
});

test('starts as the plain normalisation', () => {
  expect(initializersOf((scope) => layerNorm(scope, input('x', [2, 4])))).toEqual({
    weight: { kind: 'constant', value: 1 },
    bias: { kind: 'constant', value: 0 },
  });
});
