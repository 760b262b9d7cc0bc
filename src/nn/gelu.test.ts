import { expect, test } from 'vitest';
import { gradientError, evaluate } from '../runtime/testing.ts';
import { constant } from '../tensor/index.ts';
import { gelu, geluTanh } from './gelu.ts';

const at = [-3, -1, -0.5, 0, 0.5, 1, 3];

// From tables of the normal distribution function: Φ(0.5), Φ(1), Φ(3).
test('x Φ(x)', async () => {
  const { y } = await evaluate({ y: gelu(constant(at, [7], 'float64').add(constant([0], [1], 'float64'))) });
  const phi = [
    0.0013498980316301, 0.15865525393145707, 0.3085375387259869, 0.5, 0.6914624612740131, 0.8413447460685429,
  ];
  [...phi, 0.9986501019683699].forEach((share, i) => expect(y![i]).toBeCloseTo(at[i]! * share, 12));
});

test('the form with tanh is within 0.0005 of it', async () => {
  const x = constant(at, [7], 'float64');
  const { exact, tanh } = await evaluate({ exact: gelu(x), tanh: geluTanh(x) });
  exact!.forEach((value, i) => expect(Math.abs(value - tanh![i]!)).toBeLessThan(5e-4));
  expect(tanh![5]).toBeCloseTo(0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715)), 12);
});

test.each([
  ['exact', gelu],
  ['tanh', geluTanh],
])('the gradient of the %s form', async (_, f) => {
  expect(await gradientError((x) => f(x), [[3, 4]], { range: [-3, 3] })).toBeLessThan(1e-6);
});
