import { describe, expect, test } from 'vitest';
import { evaluate, gradientError } from '../runtime/testing.ts';
import { gradients, input } from '../tensor/index.ts';
import { consistency, disparity, fdmer, hsic, reverseGradient } from './fdmer.ts';
import { runOneBatch, type Build, type OneBatch } from './one-batch/testing.ts';
import { valuesFor, type Modality } from './testing.ts';

const config = fdmer.config.parse({ width: 4, heads: 2, layers: 1 });
const build: Build = (scope, inputs) => fdmer.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, 1.2, 3.3, -0.8] };

test('a single sample has no loss for what only several can show', async () => {
  const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [m.lengths[0]!] }) }));
  const { losses } = await runOneBatch(build, { modalities: alone, labels: [1] });
  expect(losses['disparity']).toBe(0);
  expect(losses['consistency']).toBeCloseTo(0, 12);
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
