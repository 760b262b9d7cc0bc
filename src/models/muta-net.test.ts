import { describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import { Scope } from '../nn/index.ts';
import type { Network } from '../train/network.ts';
import { mutaNet } from './muta-net.ts';
import { learn, openBatchError, runOneBatch, withGarbage, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

type Own = Readonly<Record<string, unknown>>;
const small = { width: 4, heads: 2, intraLayers: 1, interLayers: 1 };
const build =
  (own: Own = {}): Network['build'] =>
  (scope, inputs) =>
    mutaNet.build(scope, inputs, mutaNet.config.parse({ ...small, ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3, 4, 1] },
  { name: 'audio', time: 1, width: 2 },
  { name: 'vision', time: 3, width: 4, lengths: [1, 3, 3, 2, 2, 3] },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8, 0];
const batch: OneBatch = { modalities, labels };

test('padding never counts', async () => {
  const dirty = { ...batch, modalities: withGarbage(modalities, 6) };
  const [a, b] = [await runOneBatch(build(), dirty), await runOneBatch(build(), batch)];
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-9);
});

test('one prediction program serves any number of samples', async () => {
  expect(await openBatchError(build(), modalities)).toBeLessThan(1e-5);
});

test('the contrastive losses pull on both kinds of relations, and are 0 where no two labels are alike', async () => {
  const [one, two] = [await runOneBatch(build({ gamma: 0 }), batch), await runOneBatch(build({ gamma: 1 }), batch)];
  expect(one.losses['contrastive']).toBe(0);
  expect(two.losses['contrastive']).toBeGreaterThan(0);
  for (const name of ['projection.text.weight', 'inter.vision.layers.0.feed_forward.1.weight'])
    expect(relativeError(two.gradients[name]!, one.gradients[name]!), name).toBeGreaterThan(1e-3);
  const apart = await runOneBatch(build(), { ...batch, labels: [-3, -2, -1, 0, 1, 2] });
  expect(apart.losses['contrastive']).toBeCloseTo(0, 12);
});

describe('every parameter has a gradient and every loss is finite', () => {
  const four = [...modalities, { name: 'touch', time: 2, width: 2 }];
  const instants = modalities.map(({ name, width }) => ({ name, time: 1, width }));
  test.each<[string, OneBatch]>([
    ['in a batch of one', { modalities: instants, labels: [1.5] }],
    ['two modalities, no text', { modalities: modalities.slice(1), labels }],
    ['four modalities', { modalities: four, labels }],
    ['classes', { modalities, labels: [0, 1, 1, 0, 3, 0], task: { kind: 'classification', classes: 4 } }],
  ])('%s', async (_, given) => {
    const { losses, gradients, shapes } = await runOneBatch(build(), given);
    for (const value of Object.values(losses)) expect(value).toSatisfy(Number.isFinite);
    for (const name of Object.keys(shapes)) {
      expect(gradients, name).toHaveProperty([name]);
      expect(gradients[name]!.every(Number.isFinite), name).toBe(true);
    }
  });
});

test('what cannot be built says why', () => {
  const inputs = { features: { text: { value: input('x', [2, 1, 2]) } }, task: { kind: 'regression' } } as const;
  expect(() => build()(new Scope(), inputs)).toThrow('MUTA-Net needs at least two modalities, got text.');
});

test('it learns', async () => {
  const { mae, meanMae } = await learn(build({ width: 8 }), { epochs: 6, learningRate: 5e-3 });
  expect(mae).toBeLessThan(0.85 * meanMae);
});
