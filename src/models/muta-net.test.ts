import { expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import type { Network } from '../train/index.ts';
import { mutaNet } from './muta-net.ts';
import { runOneBatch, type OneBatch } from './one-batch/testing.ts';
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

test('the contrastive losses pull on both kinds of relations, and are 0 where no two labels are alike', async () => {
  const [one, two] = [await runOneBatch(build({ gamma: 0 }), batch), await runOneBatch(build({ gamma: 1 }), batch)];
  expect(one.losses['contrastive']).toBe(0);
  expect(two.losses['contrastive']).toBeGreaterThan(0);
  for (const name of ['projection.text.weight', 'inter.vision.layers.0.feed_forward.1.weight'])
    expect(relativeError(two.gradients[name]!, one.gradients[name]!), name).toBeGreaterThan(1e-3);
  const apart = await runOneBatch(build(), { ...batch, labels: [-3, -2, -1, 0, 1, 2] });
  expect(apart.losses['contrastive']).toBeCloseTo(0, 12);
});
