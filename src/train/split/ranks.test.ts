/** A training that is divided over ranks learns what one process learns. Ranks here share a process; `test/cluster` has MPI. */
import { describe, expect, test } from 'vitest';
import type { Samples } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { models, type ModelName } from '../../models/index.ts';
import { ranksOfOneProcess } from '../../parallel/testing.ts';
import { linear, pool } from '../../nn/index.ts';
import { oneRank, type Ranks } from '../../parallel/ranks.ts';
import { compile } from '../../runtime/node.ts';
import { scatterAdd, type Tensor } from '../../tensor/index.ts';
import type { InputSpec, Network } from '../network.ts';
import type { StateDict } from '../state-dict.ts';
import { trainConfig } from '../train-config.ts';
import type { TrainOptions } from '../train-options.ts';
import { train } from '../trainer.ts';

const features = [
  { name: 'text', time: 3, width: 5, masked: true },
  { name: 'audio', time: 4, width: 3, masked: true, optional: true },
  { name: 'vision', time: 2, width: 4, masked: false },
] as const;
const spec: InputSpec = { task: { kind: 'regression' }, features };

/** Samples whose labels are in their text; every fifth lacks audio. */
function samplesOf(count: number, split: string): Samples {
  const source = random(5, split);
  const arrays = features.map(({ name, time, width }) => {
    const data = Float32Array.from({ length: count * time * width }, () => source.normal());
    return [name, { shape: [count, time, width], data }] as const;
  });
  const text = arrays[0]![1].data;
  return {
    ids: Array.from({ length: count }, (_, n) => String(n)),
    features: Object.fromEntries(arrays),
    lengths: Object.fromEntries(
      features.map(({ name, time }) => [
        name,
        Int32Array.from({ length: count }, (_, n) =>
          name === 'audio' && n % 5 === 0 ? 0 : name === 'vision' ? time : 1 + (n % time),
        ),
      ]),
    ),
    labels: Float32Array.from({ length: count }, (_, n) => 3 * Math.tanh(text[15 * n]!)),
  };
}

function networkOf(name: ModelName, recipe: string | undefined, own: object = {}): Network {
  const model = models[name];
  const recipes: Readonly<Record<string, { readonly model?: object }>> = 'recipes' in model ? model.recipes : {};
  const config = model.config.parse({ ...(recipe !== undefined && recipes[recipe]?.model), ...own });
  return { name, build: (scope, inputs) => model.build(scope, inputs, config as never) };
}

const optionsOf = (network: Network, config: object, ranks: Ranks): TrainOptions => ({
  ...{ compile, network, spec, seed: 3, ranks },
  train: samplesOf(48, 'train'),
  valid: samplesOf(70, 'valid'),
  config: trainConfig.parse({
    ...{ epochs: 2, batchSize: 12, average: 0.9, patience: null, threads: 1, modalityDropout: 0.2 },
    ...config,
  }),
  selection: { metric: 'mae', better: 'lower' },
  evaluate: (prediction, { labels }) => ({
    mae: prediction.reduce((sum, p, n) => sum + Math.abs(p - labels![n]!), 0) / prediction.length,
  }),
});

interface Trained {
  readonly parameters: StateDict;
  readonly running: StateDict;
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly diagnostics: readonly Readonly<Record<string, number>>[];
  readonly valid: readonly number[];
}

async function trained(options: TrainOptions): Promise<Trained> {
  const losses: Readonly<Record<string, number>>[] = [];
  const diagnostics: Readonly<Record<string, number>>[] = [];
  const valid: number[] = [];
  for await (const event of train(options)) {
    if (event.type === 'step') {
      losses.push(event.losses);
      diagnostics.push(event.diagnostics);
    }
    if (event.type === 'epoch') valid.push(event.valid['mae']!);
    if (event.type === 'end')
      return { parameters: event.state.parameters, running: event.state.running, losses, diagnostics, valid };
  }
  throw new Error('training did not end');
}

const over = (network: Network, config: object, size: number): Promise<Trained[]> =>
  Promise.all(
    (size === 1 ? [oneRank] : ranksOfOneProcess(size)).map((ranks) => trained(optionsOf(network, config, ranks))),
  );

/**
 * The largest difference of weights, as a share of the largest weight, but for biases of attention's keys: a softmax does not
 * change with them, so that their gradient is rounding alone, of which Adam makes steps of usual size.
 */
function difference(a: StateDict, b: StateDict): number {
  expect(Object.keys(b)).toEqual(Object.keys(a));
  let [largest, apart] = [0, 0];
  for (const [name, values] of Object.entries(a))
    for (const [i, value] of values.entries()) {
      largest = Math.max(largest, Math.abs(value));
      const isKeyBias = name.endsWith('in_proj_bias') && Math.floor((3 * i) / values.length) === 1;
      if (!isKeyBias) apart = Math.max(apart, Math.abs(value - b[name]![i]!));
    }
  return apart / largest;
}

const small = { width: 8, heads: 2, layers: 1 };
const everything = {
  weights: { reconstruction: 0.1, independence: 0.1, pairing: 0.1 },
  dropout: { output: 0.3, input: 0.1, attention: 0.2, residual: 0.1, embedding: 0.1 },
};

describe('losses of the whole batch', () => {
  test.each([
    ['decoupled', 2, 25, {}],
    ['decoupled', 4, 2, {}],
    ['paper', 3, 5, everything],
  ] as const)('of the recipe %s on %i ranks: the weights of one after %i epochs', async (recipe, size, epochs, own) => {
    const network = networkOf('decalign', recipe, { ...small, ...own });
    const [one] = await over(network, { epochs }, 1);
    const [first, ...others] = await over(network, { epochs }, size);
    expect(one!.losses).toHaveLength(4 * epochs);
    expect(difference(one!.parameters, first!.parameters)).toBeLessThan(1e-5);
    expect(Object.keys(first!.losses[0]!)).toEqual(Object.keys(one!.losses[0]!));
    // Each rank predicts a share of the validation split.
    for (const [epoch, value] of one!.valid.entries()) expect(first!.valid[epoch]).toBeCloseTo(value, 4);
    for (const [name, value] of Object.entries(one!.losses.at(-1)!))
      expect(first!.losses.at(-1)![name]).toBeCloseTo(value, 4);
    for (const other of others) expect(other).toEqual(first);
  });

  test('beside losses of single samples, which count by the share of a rank', async () => {
    const network: Network = {
      name: 'mixed',
      build(scope, { features, labels }) {
        const pooled = pool(features['text']!);
        const prediction = linear(scope, pooled, 1).reshape([pooled.shape[0]!]);
        if (!labels) return { prediction, losses: {}, diagnostics: {}, representations: {} };
        const spread = (x: Tensor): { losses: { spread: Tensor }; diagnostics: { mean: Tensor } } => ({
          losses: { spread: x.sub(x.mean()).square().mean() },
          diagnostics: { mean: x.mean() },
        });
        const { losses, diagnostics } = spread(prediction);
        const task = prediction.sub(labels).square().mean();
        return {
          ...{ prediction, representations: {} },
          losses: { task, ...losses },
          diagnostics: { ...diagnostics, labels: labels.mean() },
          wholeBatch: { reads: { prediction }, build: (read) => spread(read['prediction']!) },
        };
      },
    };
    // Five samples on three ranks are 1, 2 and 2.
    const config = { batchSize: 5, lastBatch: 'drop' };
    const [one] = await over(network, config, 1);
    const [first, ...others] = await over(network, config, 3);
    expect(difference(one!.parameters, first!.parameters)).toBeLessThan(1e-5);
    for (const [name, value] of Object.entries(one!.losses.at(-1)!))
      expect(first!.losses.at(-1)![name]).toBeCloseTo(value, 5);
    for (const [name, value] of Object.entries(one!.diagnostics.at(-1)!))
      expect(first!.diagnostics.at(-1)![name]).toBeCloseTo(value, 5);
    for (const other of others) expect(other).toEqual(first);
  });

  test('of a network that names none are those of each rank, which is told', async () => {
    const warned = async (config: object): Promise<(string | undefined)[]> => {
      const network = networkOf('aobert', undefined, {});
      const told: (string | undefined)[] = [];
      await Promise.all(
        ranksOfOneProcess(2).map(async (ranks) => {
          for await (const event of train(optionsOf(network, { epochs: 1, ...config }, ranks))) {
            if (event.type === 'warning' && ranks.rank === 0) told.push(event.about);
          }
        }),
      );
      return told;
    };
    expect(await warned({})).toEqual(['parallel']);
    expect(await warned({ parallel: 'local' })).toEqual([]);
  });

  test('ranks of which one has no sample of a batch', async () => {
    const network = networkOf('decalign', 'decoupled', small);
    const [one] = await over(network, { batchSize: 2, epochs: 1 }, 1);
    const [first, ...others] = await over(network, { batchSize: 2, epochs: 1 }, 3);
    expect(difference(one!.parameters, first!.parameters)).toBeLessThan(1e-5);
    for (const other of others) expect(other).toEqual(first);
  });

  test.each([
    ['decoupled', {}, {}],
    ['paper', everything, { parallel: 'local' }],
  ] as const)('of the recipe %s in four parts: the same bits on any number of ranks', async (recipe, own, parallel) => {
    const network = networkOf('decalign', recipe, { ...small, ...own });
    const config = { epochs: 3, parts: 4, ...parallel };
    const [one] = await over(network, config, 1);
    for (const size of [2, 3, 4, 5])
      for (const each of await over(network, config, size)) expect({ size, ...each }).toEqual({ size, ...one });
    // Ranks compute as many parts as there are of them, unless that is said.
    const [two] = await over(network, { ...config, parts: undefined }, 2);
    expect(two).toEqual((await over(network, { ...config, parts: 2 }, 1))[0]);
    expect(two).not.toEqual(one);
  });

  test('accumulated batches with train.parallel=batch are one batch', async () => {
    const network = networkOf('decalign', 'decoupled', {
      ...small,
      dropout: { output: 0, input: 0, attention: 0, relu: 0, residual: 0, embedding: 0 },
    });
    const config = { epochs: 3, modalityDropout: 0 };
    const [whole] = await over(network, config, 1);
    const divided = { ...config, batchSize: 4, accumulate: 3 };
    const [gathered] = await over(network, { ...divided, parallel: 'batch' }, 1);
    expect(difference(whole!.parameters, gathered!.parameters)).toBeLessThan(1e-5);
    expect(gathered!.losses.at(-1)!['pairing']).toBeCloseTo(whole!.losses.at(-1)!['pairing']!, 4);
    const [local] = await over(network, divided, 1);
    expect(difference(whole!.parameters, local!.parameters)).toBeGreaterThan(1e-3);
  });
});

describe('losses of each rank alone', () => {
  test('are those of smaller batches whose gradients one process averages', async () => {
    const network = networkOf('decalign', 'paper', { ...small, ...everything });
    const [accumulated] = await over(network, { batchSize: 6, accumulate: 2 }, 1);
    const [first, second] = await over(network, { parallel: 'local' }, 2);
    expect(difference(accumulated!.parameters, first!.parameters)).toBeLessThan(1e-5);
    expect(second).toEqual(first);
  });

  test('running states become the mean of what ranks make of them; those of single samples what each makes of its own', async () => {
    const network: Network = {
      name: 'counting',
      build(scope, { features, labels, progress }) {
        const pooled = pool(features['text']!);
        const prediction = linear(scope, pooled, 1).reshape([pooled.shape[0]!]);
        if (!labels || !progress) return { prediction, losses: {}, diagnostics: {}, representations: {} };
        const seen = scope.state('seen', [progress.samples], 0, { perSample: true });
        scope.setState('seen', seen.add(scatterAdd([progress.samples], progress.rows, labels)));
        scope.state('level', []);
        scope.setState('level', labels.mean());
        const losses = { task: prediction.sub(labels).square().mean() };
        return { prediction, losses, diagnostics: {}, representations: {} };
      },
    };
    const [one] = await over(network, {}, 1);
    const [first, ...others] = await over(network, {}, 3);
    expect(Math.max(...one!.running['state.seen']!)).toBeGreaterThan(0.1);
    for (const [name, values] of Object.entries(one!.running))
      for (const [i, value] of values.entries()) expect(first!.running[name]![i]).toBeCloseTo(value, 5);
    for (const other of others) expect(other).toEqual(first);
  });
});
