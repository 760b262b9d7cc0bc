import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gradientError } from '../runtime/testing.ts';
import { constant, gradients, type Tensor } from '../tensor/index.ts';
import {
  binaryCrossEntropy,
  crossEntropy,
  knownLabels,
  meanAbsoluteError,
  meanOfKnown,
  meanSquaredError,
  oneHot,
  signCrossEntropy,
  smoothL1,
} from './losses.ts';
import { runLayer } from './testing.ts';

type Lists = Record<'logits' | 'labels' | 'weights' | 'prediction' | 'target', number[]>;
type Values = Record<'crossEntropy' | 'weighted' | 'smoothL1' | 'smoothL1Half' | 'l1' | 'mse' | 'sign', number>;
const { losses: torch } = JSON.parse(readFileSync('test/fixtures/nn/torch.json', 'utf8')) as { losses: Lists & Values };
const { logits, labels, prediction, target, weights } = torch;

test('agree with PyTorch', async () => {
  const values = await runLayer(
    (_, x) => {
      const [rows, classes, y, label] = [x('logits', [5, 3]), x('labels', [5]), x('prediction', [5]), x('target', [5])];
      return {
        crossEntropy: crossEntropy(rows, classes),
        weighted: crossEntropy(rows, classes, { weights }),
        smoothL1: smoothL1(y, label),
        smoothL1Half: smoothL1(y, label, { beta: 0.5 }),
        l1: meanAbsoluteError(y, label),
        mse: meanSquaredError(y, label),
        sign: signCrossEntropy(y, label),
      };
    },
    { logits, labels, prediction, target },
  );
  for (const [name, [value]] of Object.entries(values)) expect(value, name).toBeCloseTo(torch[name as keyof Values], 9);
});

const classes = (like: Tensor): Tensor => constant(labels, [5], like.dtype);
/** Labels `[5, 3]` of 0 and 1, the last of which is absent. */
const several = (like: Tensor): Tensor =>
  constant([1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, Number.NaN], [5, 3], like.dtype);
const truth = (like: Tensor): Tensor => constant(target, [5], like.dtype);
test.each<[string, (x: Tensor) => Tensor, number[]]>([
  ['cross-entropy', (x) => crossEntropy(x, classes(x)), logits],
  ['weighted cross-entropy', (x) => crossEntropy(x, classes(x), { weights }), logits],
  ['smooth L1', (x) => smoothL1(x, truth(x), { beta: 0.7 }), prediction],
  ['mean absolute error', (x) => meanAbsoluteError(x, truth(x)), prediction],
  ['mean squared error', (x) => meanSquaredError(x, truth(x)), prediction],
  ['sign cross-entropy', (x) => signCrossEntropy(x, truth(x)), prediction],
  ['binary cross-entropy', (x) => binaryCrossEntropy(x, several(x), { weights }), logits],
])('gradient of %s', async (_, loss, values) => {
  const shape = values === logits ? [5, 3] : [5];
  expect(await gradientError((x) => loss(x), [shape], { values: [values] })).toBeLessThan(1e-6);
});

describe('binary cross-entropy', () => {
  const of = async (x: number[], y: number[], own?: number[]): Promise<number> => {
    const { loss } = await runLayer(
      (_, given) => ({
        loss: binaryCrossEntropy(given('x', [2, 2]), given('y', [2, 2]), own ? { weights: own } : {}),
      }),
      { x, y },
    );
    return loss![0]!;
  };
  const x = [0.3, -1.2, 2.5, 0.1];
  const surprise = (y: number, logit: number): number =>
    -Math.log(y === 1 ? 1 / (1 + Math.exp(-logit)) : 1 - 1 / (1 + Math.exp(-logit)));

  test('is the mean surprise of each label, those that are there weighted by their own', async () => {
    const y = [1, 0, 0, 1];
    const each = x.map((logit, i) => surprise(y[i]!, logit));
    expect(await of(x, y)).toBeCloseTo(each.reduce((a, b) => a + b) / 4, 9);
    expect(await of(x, y, [3, 5])).toBeCloseTo((3 * each[0]! + each[1]! + each[2]! + 5 * each[3]!) / 4, 9);
    await expect(of(x, y, [1])).rejects.toThrow('1 label weights were given for 2 labels');
  });

  test('leaves out a label that is absent, and nothing else of the sample', async () => {
    expect(await of(x, [1, NaN, 0, 1])).toBeCloseTo(
      (surprise(1, x[0]!) + surprise(0, x[2]!) + surprise(1, x[3]!)) / 3,
      9,
    );
    expect(await of(x, [NaN, NaN, NaN, NaN])).toBe(0);
  });

  test('of logits as large as 1e4 is as large as they are where they are wrong, and 0 where they are right', async () => {
    expect(await of([1e4, -1e4, 1e4, -1e4], [0, 1, 1, 0])).toBeCloseTo(5000, 6);
  });
});

test('the mean of what is known takes absent labels for nothing', async () => {
  const { mean } = await runLayer(
    (_, given) => {
      const { values, known } = knownLabels(given('y', [3, 2]));
      return { mean: meanOfKnown(given('x', [3, 2]).sub(values).abs(), known) };
    },
    { x: [1, 2, 3, 4, 5, 6], y: [2, NaN, NaN, 4, 5, 0] },
  );
  expect(mean![0]).toBeCloseTo((1 + 0 + 0 + 6) / 4, 9);
});

describe('far from the ordinary', () => {
  test('huge logits give finite values and gradients', async () => {
    const results = await runLayer(
      (_, x) => {
        const [rows, y] = [x('rows', [2, 2]), x('y', [3])];
        const [drows] = gradients(crossEntropy(rows, constant([0, 0], [2])), [rows]);
        const sign = signCrossEntropy(y, constant([1, -1, 1], [3]));
        return {
          entropy: crossEntropy(rows, constant([0, 0], [2])),
          drows: drows!,
          sign,
          dy: gradients(sign, [y])[0]!,
        };
      },
      { rows: [1e4, -1e4, -1e4, 1e4], y: [1e4, 1e4, -1e4] },
      { dtype: 'float32' },
    );
    expect(results['entropy']).toEqual([1e4]);
    expect(results['drows']).toEqual([0, 0, -0.5, 0.5]);
    expect(results['sign']![0]).toBeCloseTo(2e4 / 3, 2);
    expect(results['dy']!.every(Number.isFinite)).toBe(true);
  });

  test('the sign loss has gradient σ(0) − [label > 0] at a logit of 0, and is 0 without labels that count', async () => {
    const { dx, none, dnone } = await runLayer(
      (_, x) => {
        const y = x('y', [2]);
        const none = signCrossEntropy(y, constant([0, 0], [2], 'float64'));
        const some = signCrossEntropy(y, constant([1, -1], [2], 'float64'));
        return { dx: gradients(some, [y])[0]!, none, dnone: gradients(none, [y])[0]! };
      },
      { y: [0, 0] },
    );
    expect(dx).toEqual([-0.25, 0.25]);
    expect(none).toEqual([0]);
    expect(dnone!.map(Math.abs)).toEqual([0, 0]);
  });

  test('weights that leave out every class present give 0, not NaN', async () => {
    const { y } = await runLayer(
      (_, x) => ({ y: crossEntropy(x('x', [1, 2]), constant([0], [1], 'float64'), { weights: [0, 1] }) }),
      { x: [1, 2] },
    );
    expect(y!.map(Math.abs)).toEqual([0]);
  });

  test('as many weights as classes', () => {
    const rows = constant([1, 2, 3], [1, 3]);
    expect(() => crossEntropy(rows, constant([0], [1]), { weights: [1, 2] })).toThrow(
      '2 class weights were given for 3 classes.',
    );
  });
});

test('oneHot: rows of an identity matrix', async () => {
  const { y } = await runLayer((_, x) => ({ y: oneHot(x('x', [2]), 3) }), { x: [2, 0] });
  expect(y).toEqual([0, 0, 1, 1, 0, 0]);
});
