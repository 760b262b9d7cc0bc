/** What training draws at random: a pure function of the seed and of where training stands, and never the same twice. */
import { expect, test } from 'vitest';
import type { Samples } from '../data/dataset.ts';
import { dropout, linear } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import type { InputSpec, Network } from './network.ts';
import { trainConfig } from './train-config.ts';
import type { TrainOptions } from './train-options.ts';
import { train } from './trainer.ts';

const count = 32;
const names = ['a', 'b'];
const spec: InputSpec = {
  task: { kind: 'regression' },
  features: names.map((name) => ({ name, time: 1, width: 4, masked: false })),
};
const samples: Samples = {
  ids: Array.from({ length: count }, (_, n) => String(n)),
  features: Object.fromEntries(
    names.map((name) => [name, { shape: [count, 1, 4], data: new Float32Array(4 * count).fill(1) }]),
  ),
  lengths: Object.fromEntries(names.map((name) => [name, new Int32Array(count).fill(1)])),
  labels: new Float32Array(count).fill(2),
};

/** The sum of both modalities, with two places where dropout acts. */
const network: Network = {
  name: 'dropped',
  build(scope, { features, labels }) {
    const [a, b] = names.map((name) => {
      const { value } = features[name]!;
      const [batch] = value.shape as [number];
      return linear(scope.at(name), dropout(scope, name, value.reshape([batch, 4]), 0.5), 1).reshape([batch]);
    });
    const prediction = a!.add(b!);
    const losses = labels ? { task: prediction.sub(labels).square().mean() } : {};
    return { prediction, losses, diagnostics: {}, representations: {} };
  },
};

/** What is fed to each run of the training graph, and what the parameters are after the last. */
async function fed(config: object, seed = 1): Promise<{ feeds: Record<string, number[]>[]; last: unknown }> {
  const feeds: Record<string, number[]>[] = [];
  const watching: TrainOptions['compile'] = async (outputs, options) => {
    const program = await compile(outputs, options);
    const run: typeof program.run = (given) => {
      if ('rows' in given)
        feeds.push(Object.fromEntries(Object.entries(given).map(([name, data]) => [name, Array.from(data, Number)])));
      return program.run(given);
    };
    return { ...program, run };
  };
  const still = { weightDecay: 0, average: 0, patience: null, threads: 1, epochs: 3, batchSize: 8 };
  const options: TrainOptions = {
    ...{ compile: watching, network, spec, train: samples, valid: samples, seed },
    config: trainConfig.parse({ ...still, ...config }),
    selection: { metric: 'mae', better: 'lower' },
    evaluate: () => ({ mae: 1 }),
  };
  for await (const event of train(options)) if (event.type === 'end') return { feeds, last: event.state.parameters };
  throw new Error('Training has no end.');
}

const distinct = (values: readonly unknown[]): number => new Set(values.map((value) => JSON.stringify(value))).size;

test.each([1, 2])('every batch has dropout masks of its own at every place, of %i to a step', async (accumulate) => {
  const { feeds } = await fed({ accumulate });
  expect(feeds).toHaveLength(12);
  expect(distinct(feeds.flatMap((each) => names.map((name) => each[`dropout.${name}`])))).toBe(24);
});

test.each([1, 2])('every batch loses modalities of its own, of %i to a step', async (accumulate) => {
  const { feeds } = await fed({ accumulate, modalityDropout: 0.5 });
  expect(distinct(feeds.map((each) => names.map((name) => each[`features.${name}`])))).toBe(12);
});

test('every epoch has an order of its own', async () => {
  const { feeds } = await fed({});
  const epochs = [0, 4, 8].map((first) => feeds.slice(first, first + 4).flatMap((each) => each['rows']!));
  expect(distinct(epochs)).toBe(3);
  for (const rows of epochs) expect(rows.toSorted((x, y) => x - y)).toEqual(samples.ids.map(Number));
});

test('the seed decides all of it: order, masks, missing modalities and initial parameters', async () => {
  const config = { modalityDropout: 0.5 };
  const first = await fed(config);
  expect(await fed(config)).toEqual(first);
  const other = await fed(config, 2);
  for (const name of ['rows', 'dropout.a', 'dropout.b', 'a.weight', 'b.weight'])
    expect(other.feeds[0]![name], name).not.toEqual(first.feeds[0]![name]);
  const missing = ({ feeds }: typeof first): unknown =>
    names.map((name) => feeds.map((each) => each[`features.${name}`]));
  expect(missing(other)).not.toEqual(missing(first));
  expect(other.last).not.toEqual(first.last);
});
