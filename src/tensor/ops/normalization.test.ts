import { expect, test } from 'vitest';
import { checkOp, evaluate, relativeError, testValues } from '../../runtime/testing.ts';
import { gradients, input, type Tensor } from '../index.ts';

test('layerNorm', () =>
  checkOp(
    (x, weight, bias) => x.layerNorm(weight, bias, { epsilon: 1e-3 }),
    [[2, 2, 3], [3], [3]],
    (x, weight, bias) =>
      x.map((value, i) => {
        const row = x.slice(i - (i % 3), i - (i % 3) + 3);
        const mean = row.reduce((a, b) => a + b) / 3;
        const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 3;
        return ((value - mean) / Math.sqrt(variance + 1e-3)) * weight[i % 3]! + bias[i % 3]!;
      }),
  ));

test('the float32 kernel and its gradients agree with the float64 lowering', async () => {
  const wide = [input('x', [4, 3, 8], 'float64'), input('weight', [8], 'float64'), input('bias', [8], 'float64')];
  const outputs = (kind: string, [x, weight, bias]: Tensor[]): [string, Tensor][] => {
    const y = x!.layerNorm(weight!, bias!);
    const loss = y.mul(y.exp()).sum();
    return [y, ...gradients(loss, wide).map((g) => g!)].map((value, i) => [`${kind} ${i}`, value]);
  };
  const values = await evaluate(
    Object.fromEntries([
      ...outputs('wide', wide),
      ...outputs(
        'narrow',
        wide.map((x) => x.cast('float32')),
      ),
    ]),
    { x: testValues(96), weight: testValues(8, 2), bias: testValues(8, 3) },
  );
  for (let i = 0; i < 4; i++) expect(relativeError(values[`narrow ${i}`]!, values[`wide ${i}`]!)).toBeLessThan(1e-4);
});

test('a constant row becomes the bias, with finite gradients', async () => {
  const [x, weight, bias] = [input('x', [1, 4]), input('weight', [4]), input('bias', [4])];
  const y = x.layerNorm(weight, bias);
  const [dx] = gradients(y.square().sum(), [x]);
  const values = await evaluate({ y, dx: dx! }, { x: [7, 7, 7, 7], weight: [1, 1, 1, 1], bias: [1, 2, 3, 4] });
  expect(values['y']).toEqual([1, 2, 3, 4]);
  expect(values['dx']!.every(Number.isFinite)).toBe(true);
});

test('errors name both shapes', () => {
  const x = input('x', [2, 3]);
  expect(() => x.layerNorm(input('w', [2]), input('b', [3]))).toThrow(
    'layerNorm() of [2,3] needs a weight and a bias of shape [3], got [2].',
  );
});
