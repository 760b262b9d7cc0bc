import { describe, expect, test } from 'vitest';
import type { Samples } from '../data/dataset.ts';
import { constantly, linear } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { chooseOnValidation } from './choose-on-validation.ts';
import { parametersOf, type Network } from './network.ts';
import { trainConfig } from './train-config.ts';
import type { TrainOptions } from './train-options.ts';
import { train } from './trainer.ts';
import type { TrainingState } from './training-state.ts';

const [x, a, b] = [
  [1, 2, 3],
  [1, 0, -1],
  [0, 2, 1],
];
/** x + u a + v b + rest. */
const predict = (state: Readonly<Record<string, Float32Array>>): Promise<Float32Array> => {
  const [u, v, rest] = ['u', 'v', 'rest'].map((name) => state[name]![0]!);
  return Promise.resolve(Float32Array.from(x, (y, i) => y + u! * a[i]! + v! * b[i]! + rest!));
};
const start = { u: Float32Array.of(9), v: Float32Array.of(9), rest: Float32Array.of(0.25) };
const to =
  (target: readonly number[]) =>
  (prediction: Float32Array): number =>
    prediction.reduce((sum, y, i) => sum + Math.abs(y - target[i]!), 0);

test('finds the best combination wherever the values stood', async () => {
  const grid = { u: [0, -0.5, 0.5], v: [0, 1, 2] };
  const target = x.map((y, i) => y - 0.5 * a[i]! + 2 * b[i]! + 0.25);
  const found = await chooseOnValidation(start, { grid, predict, cost: to(target) });
  expect(found).toEqual({ u: Float32Array.of(-0.5), v: Float32Array.of(2) });
});

test('of equals, the first is kept', async () => {
  const found = await chooseOnValidation(start, { grid: { u: [0, 1], v: [0, 1] }, predict, cost: () => 1 });
  expect(found).toEqual({ u: Float32Array.of(0), v: Float32Array.of(0) });
});

test('without a grid nothing is predicted', async () => {
  const never = (): Promise<never> => Promise.reject(new Error('predicted'));
  expect(await chooseOnValidation(start, { grid: {}, predict: never, cost: () => 0 })).toEqual({});
});

test.each([
  ['has not', [], 'none'],
  ['has with several values', [3], '3'],
])('what the model %s cannot be chosen, and that is told before training', (_, shape, has) => {
  const network: Network = {
    name: 'own',
    chosenOnValidation: { w: [0, 1] },
    build(scope, { features }) {
      const { value } = features['x']!;
      if (shape.length > 0) scope.param('w', shape, constantly(0));
      return { prediction: value.reshape([value.shape[0]!]), losses: {}, diagnostics: {}, representations: {} };
    },
  };
  const features = [{ name: 'x', time: 1, width: 1, masked: false }];
  expect(() => parametersOf(network, { task: { kind: 'regression' }, features })).toThrow(
    `Cannot choose "w" on validation: that takes a parameter of 1 value, and it has ${has}.`,
  );
});

test('a parameter that does not matter at all keeps its first value', async () => {
  const found = await chooseOnValidation(
    { ...start, w: Float32Array.of(3) },
    { grid: { w: [0, 1] }, predict, cost: to([0, 0, 0]) },
  );
  expect(found).toEqual({ w: Float32Array.of(0) });
});

describe('while training', () => {
  const count = 8;
  const samples: Samples = {
    ids: Array.from({ length: count }, (_, n) => String(n)),
    features: { x: { shape: [count, 1, 1], data: Float32Array.from({ length: count }, (_, n) => Math.sin(n)) } },
    lengths: { x: new Int32Array(count).fill(1) },
    labels: Float32Array.from({ length: count }, (_, n) => Math.sin(n)),
  };
  /** Trained without bias, and without the shift that its predictions have. */
  const network: Network = {
    name: 'shifted',
    chosenOnValidation: { shift: [0, 1, 2, 3] },
    build(scope, { features, labels }) {
      const { value } = features['x']!;
      const [batch] = value.shape as [number];
      const line = linear(scope.at('head'), value.reshape([batch, 1]), 1, { bias: false }).reshape([batch]);
      const shift = scope.grouped({ frozen: true }).param('shift', [1], constantly(0));
      const losses = labels ? { task: line.sub(labels).square().mean() } : {};
      return { prediction: line.add(shift), losses, diagnostics: {}, representations: {} };
    },
  };
  const shifted = { ...samples, labels: samples.labels!.map((y) => y + 2) };

  async function run(config: object, from?: TrainingState): Promise<TrainingState> {
    const options: TrainOptions = {
      ...{ compile, network, train: samples, valid: shifted, seed: 1, selection: { metric: 'mae', better: 'lower' } },
      spec: { task: { kind: 'regression' }, features: [{ name: 'x', time: 1, width: 1, masked: false }] },
      config: trainConfig.parse({ epochs: 4, batchSize: 4, threads: 1, patience: null, ...config }),
      evaluate: (prediction, { labels }) => ({
        mae: prediction.reduce((sum, y, n) => sum + Math.abs(y - labels![n]!), 0) / prediction.length,
      }),
      ...(from && { from }),
    };
    for await (const event of train(options)) if (event.type === 'end') return event.state;
    throw new Error('Training has no end.');
  }

  test.each([0, 0.9])('validation chooses the shift, with a moving average of decay %f too', async (average) => {
    const { best, parameters } = await run({ average });
    expect(parameters['shift']).toEqual(Float32Array.of(2));
    expect(best!.parameters['shift']).toEqual(Float32Array.of(2));
  });

  test('resuming comes to the same bits', async () => {
    const half = structuredClone(await run({ epochs: 2, schedule: { kind: 'constant' } }));
    const whole = await run({ epochs: 4, schedule: { kind: 'constant' } });
    expect(await run({ epochs: 4, schedule: { kind: 'constant' } }, half)).toEqual(whole);
  });
});
