/** What each model's losses see of a batch that is divided over ranks: docs/ranks.md has the table. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Samples } from '../src/data/dataset.ts';
import { random } from '../src/data/random.ts';
import { models, titleOf, type ModelName } from '../src/models/index.ts';
import type { Scope } from '../src/nn/index.ts';
import { oneRank, type Ranks } from '../src/parallel/ranks.ts';
import { ranksOfOneProcess } from '../src/parallel/testing.ts';
import { compile } from '../src/runtime/node.ts';
import type { InputSpec, Network } from '../src/train/index.ts';
import { train } from '../src/train/index.ts';
import { trainConfig } from '../src/train/train-config.ts';

const features = [
  { name: 'text', time: 3, width: 5, masked: true },
  { name: 'audio', time: 4, width: 3, masked: true },
  { name: 'vision', time: 2, width: 4, masked: true },
] as const;
const spec: InputSpec = { task: { kind: 'regression' }, features };

function samplesOf(count: number): Samples {
  const source = random(5, 'samples');
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => source.normal());
  return {
    ids: Array.from({ length: count }, (_, n) => String(n)),
    features: Object.fromEntries(
      features.map(({ name, time, width }) => [
        name,
        { shape: [count, time, width], data: draw(count * time * width) },
      ]),
    ),
    lengths: Object.fromEntries(features.map(({ name, time }) => [name, new Int32Array(count).fill(time)])),
    labels: draw(count),
  };
}

/** A model as it is by default, without dropout. */
function networkOf(name: ModelName): Network {
  const model = models[name];
  const settings = model.config.parse({});
  const withoutDropout = (scope: Scope): Scope => Object.defineProperty(scope, 'training', { value: false });
  return { name, build: (scope, inputs) => model.build(withoutDropout(scope), inputs, settings as never) };
}

/** The losses of the first step, on each rank. */
const firstLosses = (network: Network, size: number): Promise<Readonly<Record<string, number>>[]> =>
  Promise.all(
    (size === 1 ? [oneRank] : ranksOfOneProcess(size)).map(async (ranks: Ranks) => {
      const samples = samplesOf(12);
      const options = { compile, network, spec, seed: 3, ranks, train: samples, valid: samples };
      const config = trainConfig.parse({ epochs: 1, batchSize: 12, threads: 1 });
      const selection = { metric: 'none', better: 'lower' } as const;
      for await (const event of train({ ...options, config, selection, evaluate: () => ({ none: 0 }) }))
        if (event.type === 'step') return event.losses;
      throw new Error('no step was taken');
    }),
  );

const page = readFileSync(new URL('../docs/ranks.md', import.meta.url), 'utf8');
/** The models in a row of the table, which says this of them. */
const rowOf = (words: string): string[] =>
  page
    .split('\n')
    .find((line) => line.startsWith('| ') && line.includes(words))!
    .split('|')[1]!
    .split(',')
    .map((title) => title.trim());
const rows = {
  gathered: rowOf('names what is gathered'),
  means: rowOf('losses are means over samples'),
  local: rowOf('see those of a rank'),
};

test('the table has every model once', () => {
  const titles = Object.keys(models).map((name) => titleOf(name));
  expect(Object.values(rows).flat().sort()).toEqual(titles.sort());
});

test.each(Object.keys(models) as ModelName[])('%s', async (name) => {
  const network = networkOf(name);
  const [one] = await firstLosses(network, 1);
  const [two, other] = await firstLosses(network, 2);
  expect(other).toEqual(two);
  const isSame = Object.entries(one!).every(
    ([loss, value]) => Math.abs(value - two![loss]!) < 1e-5 * (1 + Math.abs(value)),
  );
  const row = Object.entries(rows).find(([, titles]) => titles.includes(titleOf(name)))![0];
  expect(isSame).toBe(row !== 'local');
});
