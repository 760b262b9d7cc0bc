import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { gradients, input, type Tensor } from '../tensor/index.ts';
import { cosine, decouplingLoss } from './decoupling.ts';

const x = input('x', [2, 2, 2], 'float64');
const y = input('y', [2, 2, 2], 'float64');

test('one cosine per sample over time and width together, within ±1', async () => {
  const cosines = async (a: number[], b: number[]): Promise<number[]> =>
    (await evaluate({ c: cosine(x, y) }, { x: a, y: b }))['c']!;
  const a = testValues(8);
  const close = (values: number[], expected: number[]): void =>
    values.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 12));
  close(
    await cosines(
      a,
      a.map((v) => 3 * v),
    ),
    [1, 1],
  );
  close(
    await cosines(
      a,
      a.map((v, i) => (i < 4 ? -v : 0.1 * v)),
    ),
    [-1, 1],
  );
  close(await cosines([1, 0, 0, 2, 0, 3, 0, 0], [0, 5, 7, 0, 1, 0, 1, 1]), [0, 0]);
  close(await cosines([1, 0, 0, 0, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1, 1, -1]), [Math.SQRT1_2, 0.5]);
});

test('bounded whatever the features', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 16, maxLength: 16 }),
      async (v) => {
        const { c } = await evaluate({ c: cosine(x, y) }, { x: v.slice(0, 8), y: v.slice(8) });
        expect(c!.every((value) => Math.abs(value) <= 1 + 1e-12)).toBe(true);
      },
    ),
    { numRuns: 20 },
  ));

const loss = (form: 'cosine' | 'squared', unique: Tensor[], common: Tensor[]): Tensor =>
  decouplingLoss(unique, common, { form });

test('Eq. 1 sums over modalities; the authors take the mean of the squares', async () => {
  const feeds = { x: [1, 0, 0, 0, 1, 1, 1, 1], y: [1, 1, 0, 0, 1, 1, 1, -1] };
  const values = await evaluate(
    { sum: loss('cosine', [x, y], [y, x]), squared: loss('squared', [x, y], [y, x]) },
    feeds,
  );
  expect(values['sum']![0]).toBeCloseTo(Math.SQRT1_2 + 0.5, 12);
  expect(values['squared']![0]).toBeCloseTo((0.5 + 0.25) / 2, 12);
});

test.each(['cosine', 'squared'] as const)('%s: gradients, modalities of different lengths', async (form) => {
  const error = await gradientError(
    (a, b, c, d) => loss(form, [a, b], [c, d]),
    [
      [2, 2, 3],
      [2, 1, 3],
      [2, 2, 3],
      [2, 1, 3],
    ],
  );
  expect(error).toBeLessThan(1e-6);
});

test('features of zero have cosine 0 and finite gradients, in float32 too', async () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const [a, b] = [input('a', [2, 1, 2], dtype), input('b', [2, 1, 2], dtype)];
    const c = cosine(a, b);
    const [da, db] = gradients(c.sum(), [a, b]);
    const values = await evaluate({ c, da: da!, db: db! }, { a: [0, 0, 0, 0], b: [0, 0, 1, 2] });
    expect(values['c']).toEqual([0, 0]);
    expect([...values['da']!, ...values['db']!].every(Number.isFinite)).toBe(true);
  }
});
