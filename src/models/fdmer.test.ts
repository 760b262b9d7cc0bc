import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError } from '../runtime/testing.ts';
import { gradients, input } from '../tensor/index.ts';
import { consistency, disparity, fdmer, hsic, reverseGradient } from './fdmer.ts';
import { learn, openBatchError, runOneBatch, type OneBatch } from './one-batch/testing.ts';
import { featuresOf, valuesFor, type Modality } from './testing.ts';

const config = fdmer.config.parse({ width: 4, heads: 2, layers: 1 });
const build: Parameters<typeof runOneBatch>[0] = (scope, inputs) => fdmer.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, 1.2, 3.3, -0.8] };

test('padding never counts', async () => {
  const garbage = modalities.map((m) => ({
    ...m,
    values: featuresOf(m, 4).map((v, i) => {
      const [n, t] = [Math.floor(i / (m.time * m.width)), Math.floor(i / m.width) % m.time];
      return t < (m.lengths?.[n] ?? m.time) ? v : 1e3 * Math.cos(i);
    }),
  }));
  const [a, b] = [await runOneBatch(build, { ...batch, modalities: garbage }), await runOneBatch(build, batch)];
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
  for (const [name, value] of Object.entries(b.losses)) expect(a.losses[name]).toBeCloseTo(value, 12);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-10);
});

test('predicts any number of samples by one program', async () => {
  expect(await openBatchError(build, modalities)).toBeLessThan(1e-5);
});

test('every parameter has a gradient', async () => {
  const { gradients: found, shapes } = await runOneBatch(build, batch);
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(shapes).toSorted());
  for (const [name, values] of Object.entries(found))
    expect(
      values.some((g) => g !== 0),
      name,
    ).toBe(true);
});

test('a single sample has finite losses, none for what only several can show', async () => {
  const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [m.lengths[0]!] }) }));
  const { losses, gradients: found } = await runOneBatch(build, { modalities: alone, labels: [1] });
  expect(losses['disparity']).toBe(0);
  expect(losses['consistency']).toBeCloseTo(0, 12);
  for (const values of [...Object.values(found), Object.values(losses)])
    expect(values.every(Number.isFinite)).toBe(true);
});

describe('other inputs', () => {
  test('classification, of two modalities and of four', async () => {
    const four = [...modalities, { name: 'motion', time: 2, width: 2 }];
    for (const some of [modalities.slice(0, 2), four]) {
      const task = { kind: 'classification', classes: 3 } as const;
      const { prediction, losses } = await runOneBatch(build, { modalities: some, labels: [2, 0, 0, 2], task });
      expect(prediction).toHaveLength(12);
      expect(Object.values(losses).every(Number.isFinite)).toBe(true);
    }
  });

  test('one modality is refused', async () => {
    await expect(runOneBatch(build, { ...batch, modalities: modalities.slice(0, 1) })).rejects.toThrow(
      'two modalities',
    );
  });
});

describe('the pieces', () => {
  const [x, y] = [valuesFor('x', 15), valuesFor('y', 10)];

  test('hsic is tr(K R L R) / (N − 1)²', async () => {
    const n = 5;
    const gram = (v: readonly number[], d: number): number[][] =>
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) =>
          Array.from({ length: d }, (_, k) => v[i * d + k]! * v[j * d + k]!).reduce((a, b) => a + b),
        ),
      );
    const times = (a: number[][], b: number[][]): number[][] =>
      a.map((row) => b[0]!.map((_, j) => row.reduce((sum, v, k) => sum + v * b[k]![j]!, 0)));
    const centring = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j) - 1 / n));
    const product = times(times(gram(x, 3), centring), times(gram(y, 2), centring));
    const trace = product.reduce((sum, row, i) => sum + row[i]!, 0);
    const value = hsic(input('x', [n, 3], 'float64'), input('y', [n, 2], 'float64'));
    expect((await evaluate({ value }, { x, y }))['value']![0]).toBeCloseTo(trace / 16, 12);
  });

  test('hsic of independent factors is zero, and its gradient is right', async () => {
    const grid = { x: [-1, -1, 1, 1], y: [-1, 1, -1, 1] };
    const value = hsic(input('x', [4, 1], 'float64'), input('y', [4, 1], 'float64'));
    expect((await evaluate({ value }, grid))['value']![0]).toBeCloseTo(0, 14);
    expect(
      await gradientError(
        (a, b) => hsic(a, b),
        [
          [5, 3],
          [5, 2],
        ],
      ),
    ).toBeLessThan(1e-7);
  });

  test('consistency does not see lengths and rotations, and its gradient is right', async () => {
    const a = [1, 2, -1, 0.5, 3, -2];
    const turned = a.map((_, i) => 3 * (i % 2 === 0 ? -a[i + 1]! : a[i - 1]!));
    const value = consistency([input('a', [3, 2], 'float64'), input('b', [3, 2], 'float64')]);
    expect((await evaluate({ value }, { a, b: turned }))['value']![0]).toBeCloseTo(0, 12);
    expect(
      await gradientError(
        (p, q) => consistency([p, q]),
        [
          [4, 3],
          [4, 2],
        ],
      ),
    ).toBeLessThan(1e-7);
    const both = (p: Parameters<typeof hsic>[0], q: Parameters<typeof hsic>[0]): typeof p =>
      disparity([p, q], [q.exp(), p]);
    expect(
      await gradientError(both, [
        [4, 3],
        [4, 3],
      ]),
    ).toBeLessThan(1e-6);
  });

  test('a reversed gradient is the negated one', async () => {
    const t = input('t', [2], 'float64');
    const [plain] = gradients(t.square().sum(), [t]);
    const [reversed] = gradients(reverseGradient(t, 0.5).square().sum(), [t]);
    const values = await evaluate({ plain: plain!, reversed: reversed! }, { t: [3, -1] });
    expect(values).toEqual({ plain: [6, -2], reversed: [-3, 1] });
  });

  test('the adversary alone: the discriminator goes down its loss, the common encoder up', async () => {
    const only = (reversal: number): typeof build => {
      const weights = { adversarial: 1, private: 0, consistency: 0, disparity: 0 };
      const own = fdmer.config.parse({ width: 4, heads: 2, layers: 1, reversal, weights });
      return (scope, inputs) => {
        const { losses, ...rest } = fdmer.build(scope, inputs, own);
        return { ...rest, losses: { adversarial: losses['adversarial']! } };
      };
    };
    const [with1, without] = [await runOneBatch(only(1), batch), await runOneBatch(only(0), batch)];
    expect(with1.gradients['discriminator.0.weight']).toEqual(without.gradients['discriminator.0.weight']);
    // A small step of the common encoder along its gradient raises the loss.
    const name = 'common.1.weight';
    const step = with1.gradients[name]!.map((g, i) => valuesFor(name, 16)[i]! - 1e-3 * g);
    const after = await runOneBatch(only(1), { ...batch, parameters: { [name]: step } });
    expect(after.losses['adversarial']!).toBeGreaterThan(with1.losses['adversarial']!);
    expect(without.gradients[name]!.every((g) => g === 0)).toBe(true);
  });
});

test('it learns', async () => {
  const own = fdmer.config.parse({ width: 16, layers: 1, dropout: { input: 0, residual: 0, output: 0 } });
  const { mae, meanMae } = await learn((scope, inputs) => fdmer.build(scope, inputs, own), {
    epochs: 4,
    batchSize: 16,
  });
  expect(mae).toBeLessThan(0.85 * meanMae);
});
