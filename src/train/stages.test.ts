/** What models may ask of the trainer beyond a loss: states, parameter groups, large steps in small batches, stages. */
import { expect, test } from 'vitest';
import type { Samples } from '../data/dataset.ts';
import type { ModelInputs } from '../models/index.ts';
import { linear, type Scope } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { scatterAdd, type Tensor } from '../tensor/index.ts';
import { parametersOf, type InputSpec, type Network } from './network.ts';
import { trainConfig } from './train-config.ts';
import type { TrainEvent } from './train-event.ts';
import type { TrainOptions } from './train-options.ts';
import { train } from './trainer.ts';

const spec: InputSpec = { task: { kind: 'regression' }, features: [{ name: 'x', time: 1, width: 2, masked: false }] };
const count = 12;
const samples: Samples = {
  ids: Array.from({ length: count }, (_, n) => String(n)),
  features: { x: { shape: [count, 1, 2], data: Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(i + 1)) } },
  lengths: { x: new Int32Array(count).fill(1) },
  labels: Float32Array.from({ length: count }, (_, n) => Math.cos(n)),
};

type Losses = (scope: Scope, prediction: Tensor, inputs: ModelInputs & { labels: Tensor }) => Record<string, Tensor>;

/** A line through the samples, and what else is to be minimised. */
const networkOf = (more: Losses, own: Partial<Network> = {}): Network => ({
  name: 'line',
  build(scope, inputs) {
    const { value } = inputs.features['x']!;
    const [batch] = value.shape as [number];
    const prediction = linear(scope.at('head'), value.reshape([batch, 2]), 1).reshape([batch]);
    const { labels } = inputs;
    const losses = labels
      ? { task: prediction.sub(labels).square().mean(), ...more(scope, prediction, { ...inputs, labels }) }
      : {};
    return { prediction, losses, diagnostics: {}, representations: {} };
  },
  ...own,
});

async function run(network: Network, config: object, more: Partial<TrainOptions> = {}): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  const still = { weightDecay: 0, average: 0, patience: null, clip: null, threads: 1, learningRate: 0.01 };
  const options: TrainOptions = {
    ...{ compile, network, spec, train: samples, valid: samples, seed: 1 },
    config: trainConfig.parse({
      ...{ epochs: 3, batchSize: 4, ...still },
      schedule: { kind: 'constant', warmup: 0 },
      ...config,
    }),
    selection: { metric: 'mae', better: 'lower' },
    evaluate: (prediction) => ({ mae: Math.abs(prediction[0]!) }),
    ...more,
  };
  for await (const event of train(options)) all.push(event);
  return all;
}
const endOf = (all: readonly TrainEvent[]): Extract<TrainEvent, { type: 'end' }> =>
  all.find((event): event is Extract<TrainEvent, { type: 'end' }> => event.type === 'end')!;

/** Counts how often each sample of the training split was seen, and in which epoch last. */
const counting = networkOf((scope, _, { progress }) => {
  if (!progress) return {};
  const { rows, epoch, samples: all } = progress;
  const seen = scope.state('seen', [all]);
  const ones = rows.cast('float32').mul(0).add(1);
  scope.setState('seen', seen.add(scatterAdd([all], rows, ones)));
  scope.state('epoch', [], 7);
  scope.setState('epoch', epoch);
  return {};
});

test('a state is what the step before made of it', async () => {
  const { state } = endOf(await run(counting, {}));
  expect([...state.running['state.seen']!]).toEqual(Array<number>(count).fill(3));
  expect([...state.running['state.epoch']!]).toEqual([3]);
});

test('states go on where a checkpoint left them', async () => {
  const whole = endOf(await run(counting, { epochs: 3 }));
  const { state } = endOf(await run(counting, { epochs: 1 }));
  expect(endOf(await run(counting, { epochs: 3 }, { from: structuredClone(state) }))).toEqual(whole);
});

test('groups of parameters learn at their own rate, frozen ones not at all', async () => {
  const grouped = (learningRate: number, frozen = false): Network =>
    networkOf((scope, prediction, { labels }) => {
      const own = linear(
        scope.grouped({ learningRate, frozen }).at('own'),
        prediction.reshape([...prediction.shape, 1]),
        1,
      );
      return { own: own.reshape(prediction.shape).sub(labels).abs().mean() };
    });
  // A stage makes the parameters known that only losses have.
  const stages = [{ name: 'whole', epochs: 1 }];
  const [slow, fast, frozen] = [grouped(0.01), grouped(1), grouped(1, true)].map((network) => ({ ...network, stages }));
  const moved = async (network: Network): Promise<number> => {
    const first = endOf(await run(network, { epochs: 1, learningRate: 1e-30 })).state.parameters['own.weight']!;
    const last = endOf(await run(network, { epochs: 1 })).state.parameters['own.weight']!;
    return Math.abs(last[0]! - first[0]!);
  };
  const far = await moved(fast!);
  expect(far).toBeGreaterThan(1e-3);
  expect((await moved(slow!)) / far).toBeCloseTo(0.01, 2);
  expect(await moved(frozen!)).toBe(0);
  expect(parametersOf(frozen!, spec).get('own.weight')!.group).toEqual({ learningRate: 1, frozen: true });
});

test('several batches make the step that one large batch makes: parameters, losses, and the norm that is clipped', async () => {
  const line = networkOf((_, prediction) => ({ size: prediction.square().mean() }), {});
  const steps = async (config: object): Promise<Extract<TrainEvent, { type: 'step' }>[]> =>
    (await run(line, { clip: 0.5, ...config })).filter((event) => event.type === 'step');
  const [large, small] = [await steps({ batchSize: 12 }), await steps({ batchSize: 4, accumulate: 3 })];
  expect(small.map(({ step }) => step)).toEqual(large.map(({ step }) => step));
  for (const [i, { losses, gradientNorm, state }] of large.entries()) {
    expect(gradientNorm).toBeGreaterThan(0.5);
    // Adam takes the same steps by gradients of any scale: the norm tells a sum from a mean.
    expect(small[i]!.gradientNorm).toBeCloseTo(gradientNorm, 5);
    for (const [name, value] of Object.entries(losses)) expect(small[i]!.losses[name], name).toBeCloseTo(value, 5);
    for (const [name, values] of Object.entries(state.parameters))
      small[i]!.state.parameters[name]!.forEach((x, k) => expect(x).toBeCloseTo(values[k]!, 5));
  }
});

test('stages come first, with losses and parameters of their own, and none of their epochs is the best', async () => {
  const staged = networkOf(
    (scope, prediction, { progress }) =>
      progress?.stage === 'warm'
        ? {
            size: linear(scope.at('warm'), prediction.reshape([...prediction.shape, 1]), 1)
              .square()
              .mean(),
          }
        : {},
    { stages: [{ name: 'warm', epochs: 2 }] },
  );
  const all = await run(staged, { epochs: 2 });
  expect(all[0]).toMatchObject({ epochs: 4, parameters: 5 });
  const epochs = all.filter((event) => event.type === 'epoch');
  expect(epochs.map(({ losses }) => Object.keys(losses))).toEqual([
    ['task', 'size', 'total'],
    ['task', 'size', 'total'],
    ['task', 'total'],
    ['task', 'total'],
  ]);
  expect(epochs.map(({ best }) => best).slice(0, 3)).toEqual([false, false, true]);
});

test('the graph that is told is that of the usual epochs, whatever a stage before them adds or lacks', async () => {
  const staged = networkOf((_, prediction, { progress }): Record<string, Tensor> =>
    progress?.stage === 'warm' ? { size: prediction.square().mean() } : {},
  );
  const nodesOf = async (network: Network): Promise<number> => {
    const [start] = await run(network, { epochs: 1 });
    return start?.type === 'start' ? start.nodes : NaN;
  };
  const usual = await nodesOf(staged);
  expect(usual).toBeGreaterThan(0);
  expect(await nodesOf({ ...staged, stages: [{ name: 'warm', epochs: 1 }] })).toBe(usual);
});

test('a schedule of the learning rate goes on over stages, or begins anew after those that have their own', async () => {
  const rates = async (
    config: object,
    stages: Network['stages'] = [],
    schedule: object = { kind: 'cosine', warmup: 1 },
  ): Promise<readonly number[]> =>
    (
      await run(
        networkOf(() => ({}), { stages }),
        { ...config, schedule },
      )
    )
      .filter((event) => event.type === 'step')
      .map(({ learningRate }) => learningRate);
  const joined = { name: 'joined', epochs: 1 };
  const warm = { name: 'warm', epochs: 2, ownSchedule: true };
  expect(await rates({ epochs: 3 }, [joined])).toEqual(await rates({ epochs: 4 }));
  expect(await rates({ epochs: 3 }, [warm])).toEqual([
    ...(await rates({ epochs: 2 })),
    ...(await rates({ epochs: 3 })),
  ]);
  expect(await rates({ epochs: 3 }, [joined, warm, joined])).toEqual([
    ...(await rates({ epochs: 3 })),
    ...(await rates({ epochs: 4 })),
  ]);
  // Parameters that hardly move do no better on validation: each epoch that counts, but the first, lowers the rate.
  const still = { learningRate: 1e-30, epochs: 3 };
  const lowered = await rates(still, [warm], { kind: 'plateau', warmup: 0, patience: 0 });
  expect(lowered.map((rate) => Math.round(Math.log10(rate)))).toEqual([...Array<number>(12).fill(-30), -31, -31, -31]);
});
