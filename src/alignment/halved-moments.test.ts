import { describe, expect, test } from 'vitest';
import { evaluate, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { halvedMomentLoss } from './halved-moments.ts';
import { momentLoss } from './moments.ts';

/** Sums of three uniform values: nearly normal, `[n, d]`. */
const draws = (n: number, d: number, seed: number, scale = 1, shift = 0): number[] => {
  const parts = [0, 1, 2].map((k) => testValues(n * d, 3 * seed + k + 1));
  return Array.from({ length: n * d }, (_, i) => shift + scale * parts.reduce((sum, part) => sum + part[i]!, 0));
};
const tensor = (values: readonly number[], d: number): Tensor =>
  constant([...values], [values.length / d, d], 'float64');
const lossOf = async (x: number[], y: number[], d: number): Promise<number> =>
  (await evaluate({ loss: halvedMomentLoss([tensor(x, d), tensor(y, d)]) }))['loss']![0]!;

test('is 0 in the mean for two samples of one distribution, where Eq. 10 is far above', async () => {
  const [n, d] = [32, 4];
  const pairs = Array.from({ length: 60 }, (_, k) => [
    tensor(draws(n, d, 2 * k), d),
    tensor(draws(n, d, 2 * k + 1), d),
  ]);
  const outputs = await evaluate(
    Object.fromEntries(
      pairs.flatMap((z, k) => [
        [`halves ${k}`, halvedMomentLoss(z)],
        [`whole ${k}`, momentLoss(z, { form: 'means' })],
      ]),
    ),
  );
  const mean = (kind: string): number => pairs.reduce((sum, _, k) => sum + outputs[`${kind} ${k}`]![0]!, 0) / 60;
  expect(Math.abs(mean('halves'))).toBeLessThan(0.03);
  expect(mean('whole')).toBeGreaterThan(0.2);
});

test('is above 0 where means, or spreads, differ', async () => {
  expect(await lossOf(draws(200, 2, 1), draws(200, 2, 2, 1, 3), 2)).toBeGreaterThan(1);
  expect(await lossOf(draws(200, 2, 1), draws(200, 2, 2, 4), 2)).toBeGreaterThan(0.3);
});

test('does not change with the scale of the latents', async () => {
  const [x, y] = [draws(20, 3, 1), draws(20, 3, 2, 1.5, 1)];
  const scaled = (values: number[]): number[] => values.map((v) => 1000 * v + 5);
  expect(await lossOf(scaled(x), scaled(y), 3)).toBeCloseTo(await lossOf(x, y, 3), 8);
});

test('its gradient draws two samples together', async () => {
  const x = input('x', [40, 2], 'float64');
  const loss = halvedMomentLoss([x, tensor(draws(40, 2, 2, 1, 3), 2)]);
  const values = draws(40, 2, 1);
  const at = { x: values };
  const { before, dx } = await evaluate({ before: loss, dx: gradients(loss, [x])[0]! }, at);
  const { after } = await evaluate({ after: loss }, { x: values.map((v, i) => v - 5 * dx![i]!) });
  expect(after![0]).toBeLessThan(0.9 * before![0]!);
});

describe('is finite', () => {
  test.each([
    ['for a batch of one', [1, 2], [3, 4]],
    ['for constant features', Array<number>(8).fill(1), Array<number>(8).fill(1)],
    ['for three samples', testValues(6, 1), testValues(6, 2)],
  ])('%s', async (_, x, y) => {
    expect(Number.isFinite(await lossOf(x, y, 2))).toBe(true);
  });
});

test('what stands in the place of absent samples changes nothing', async () => {
  const present = [undefined, constant([1, 0, 1, 1, 1, 0, 1, 1], [8], 'float64')];
  const x = tensor(draws(8, 2, 1), 2);
  const y = input('y', [8, 2], 'float64');
  const values = draws(8, 2, 2);
  const moved = values.map((v, i) => ([1, 5].includes(Math.floor(i / 2)) ? 99 : v));
  const loss = halvedMomentLoss([x, y], present);
  const [a, b] = [await evaluate({ loss }, { y: values }), await evaluate({ loss }, { y: moved })];
  expect(a['loss']![0]).toBeCloseTo(b['loss']![0]!, 10);
});
