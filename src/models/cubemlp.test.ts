import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import { Scope } from '../nn/index.ts';
import type { Network } from '../train/network.ts';
import { cubeMlp } from './cubemlp.ts';
import { learn, openBatchError, runOneBatch, withGarbage, type Numbers, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

type Own = Readonly<Record<string, unknown>>;
const small = {
  width: 4,
  steps: 6,
  blocks: [
    { steps: 4, channels: 4 },
    { steps: 2, channels: 3 },
  ],
};
const build =
  (own: Own = {}): Network['build'] =>
  (scope, inputs) =>
    cubeMlp.build(scope, inputs, cubeMlp.config.parse({ ...small, ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3, 4] },
  { name: 'audio', time: 1, width: 2 },
  { name: 'vision', time: 3, width: 4, lengths: [1, 3, 3, 2, 2] },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8];
const batch: OneBatch = { modalities, labels };

test('as the public code', async () => {
  const golden = JSON.parse(readFileSync('test/fixtures/models/cubemlp.json', 'utf8')) as {
    readonly labels: readonly number[];
    readonly prediction: readonly number[];
    readonly loss: number;
    readonly gradients: Numbers;
  };
  const aligned = modalities.map(({ name, width }) => ({ name, time: 3, width }));
  const got = await runOneBatch(build(), { modalities: aligned, labels: golden.labels });
  expect(Object.keys(got.shapes).toSorted()).toEqual(Object.keys(golden.gradients).toSorted());
  expect(relativeError(got.prediction, golden.prediction)).toBeLessThan(1e-10);
  expect(relativeError([got.losses['task']!], [golden.loss])).toBeLessThan(1e-10);
  for (const [name, values] of Object.entries(golden.gradients))
    expect(relativeError(got.gradients[name]!, values), name).toBeLessThan(1e-8);
});

test('padding never counts', async () => {
  const dirty = { ...batch, modalities: withGarbage(modalities, 5) };
  const [a, b] = [await runOneBatch(build(), dirty), await runOneBatch(build(), batch)];
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-9);
});

test('one prediction program serves any number of samples', async () => {
  const own = modalities.map((m) => (m.lengths ? { ...m, lengths: m.lengths.slice(0, 4) } : m));
  expect(await openBatchError(build(), own)).toBeLessThan(1e-5);
});

describe('every parameter has a gradient and every loss is finite', () => {
  const four = [...modalities, { name: 'touch', time: 2, width: 2 }];
  const instants = modalities.map(({ name, width }) => ({ name, time: 1, width }));
  test.each<[string, OneBatch, Own]>([
    ['in a batch of one step each', { modalities: instants, labels: [1.5] }, { steps: null }],
    ['two modalities, no text', { modalities: modalities.slice(1), labels }, {}],
    [
      'four modalities, made three',
      { modalities: four, labels },
      { blocks: [{ steps: 3, modalities: 3, channels: 5 }] },
    ],
    ['classes', { modalities, labels: [0, 1, 1, 0, 3], task: { kind: 'classification', classes: 4 } }, { steps: 2 }],
    ['a head with a hidden layer', { modalities, labels }, { blocks: [{ steps: 2, channels: 50 }] }],
  ])('%s', async (_, given, own) => {
    const { losses, gradients, shapes } = await runOneBatch(build(own), given);
    for (const value of Object.values(losses)) expect(value).toSatisfy(Number.isFinite);
    // A sequence of one step has nothing to remember.
    const still = given.modalities.filter(({ time }) => time === 1).map((m) => m.name);
    const idle = new RegExp(`^encoder\\.(${still.join('|')})\\.gru\\.weight_hh`);
    for (const name of Object.keys(shapes)) {
      if (idle.test(name)) continue;
      expect(gradients, name).toHaveProperty([name]);
      expect(gradients[name]!.every(Number.isFinite), name).toBe(true);
    }
  });
});

test('one modality is too few', () => {
  const inputs = { features: { text: { value: input('x', [2, 1, 2]) } }, task: { kind: 'regression' } } as const;
  expect(() => build()(new Scope(), inputs)).toThrow('CubeMLP needs at least two modalities, got text.');
});

test('it learns', async () => {
  const blocks = [
    { steps: 10, channels: 16 },
    { steps: 5, channels: 8 },
  ];
  const own = { width: 16, steps: null, recurrentLayers: 1, blocks };
  const { mae, meanMae } = await learn(build(own), { epochs: 6, learningRate: 1e-2 });
  expect(mae).toBeLessThan(0.85 * meanMae);
});
