import { expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { goldenError, goldenOf, padded } from './golden/testing.ts';
import { mult } from './mult.ts';
import { runOneBatch, type Build, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

const small = { width: 4, heads: 2, layers: 2, selfLayers: 1, kernel: 2 };
const config = mult.config.parse(small);
const build: Build = (scope, inputs) => mult.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, -0.8] };

test.each(['regression', 'classification'] as const)(
  "values and gradients are those of the authors' code: %s",
  async (kind) => {
    const golden = goldenOf('mult')[kind]!;
    const widths = { text: 5, audio: 4, vision: 3 };
    const own = mult.config.parse({ width: 6, heads: 2, layers: 2, selfLayers: 3, kernel: 1 });
    const outcome = await runOneBatch((scope, inputs) => mult.build(scope, inputs, own), {
      modalities: Object.entries(widths).map(([name, width], i) => ({ name, width, time: golden.times![i]! })),
      labels: golden.labels,
      task: kind === 'regression' ? { kind } : { kind, classes: 3 },
    });
    expect(goldenError(outcome, golden)).toBeLessThan(1e-9);
  },
);

test('padding never counts under a kernel that no sequence is shorter than', async () => {
  const long = modalities.slice(0, 2);
  const [a, b] = [
    await runOneBatch(build, { ...batch, modalities: long.map((m) => padded(m, 4)) }),
    await runOneBatch(build, { ...batch, modalities: long }),
  ];
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
});

test('what cannot be built says why', async () => {
  const own = mult.config.parse({ ...small, heads: 3 });
  await expect(runOneBatch((scope, inputs) => mult.build(scope, inputs, own), batch)).rejects.toThrow(
    'model.heads (=3) must divide model.width (=4).',
  );
  const named = mult.config.parse({ ...small, kernel: { text: 3 } });
  await expect(runOneBatch((scope, inputs) => mult.build(scope, inputs, named), batch)).rejects.toThrow(
    'model.kernel names text but not the modality "audio"; add it, or "other".',
  );
});
