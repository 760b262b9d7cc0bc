import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import type { Network } from '../train/index.ts';
import { cubeMlp } from './cubemlp.ts';
import { runOneBatch, type Numbers } from './one-batch/testing.ts';
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

describe('other settings: every parameter has a gradient and every loss is finite', () => {
  const four = [...modalities, { name: 'touch', time: 2, width: 2 }];
  test.each<[string, Modality[], Own]>([
    ['steps as they come', modalities.map(({ name, width }) => ({ name, time: 3, width })), { steps: null }],
    ['four modalities, made three', four, { blocks: [{ steps: 3, modalities: 3, channels: 5 }] }],
    ['a head with a hidden layer', modalities, { blocks: [{ steps: 2, channels: 50 }] }],
  ])('%s', async (_, given, own) => {
    const { losses, gradients, shapes } = await runOneBatch(build(own), { modalities: given, labels });
    for (const value of Object.values(losses)) expect(value).toSatisfy(Number.isFinite);
    // A sequence of one step has nothing to remember.
    const still = given.filter(({ time }) => time === 1).map(({ name }) => `encoder.${name}.gru.weight_hh`);
    for (const name of Object.keys(shapes).filter((of) => !still.some((start) => of.startsWith(start)))) {
      expect(gradients, name).toHaveProperty([name]);
      expect(gradients[name]!.every(Number.isFinite), name).toBe(true);
    }
  });
});
