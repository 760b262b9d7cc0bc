import { describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { goldenError, goldenOf, padded } from './golden/testing.ts';
import { mult } from './mult.ts';
import { learn, openBatchError, runOneBatch, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

const small = { width: 4, heads: 2, layers: 2, selfLayers: 1, kernel: 2 };
const config = mult.config.parse(small);
type Build = Parameters<typeof runOneBatch>[0];
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

describe('padding never counts', () => {
  test.each([0, 2])('whatever stands in padded steps, and with %i more of them', async (more) => {
    // A kernel that no sequence is shorter than: it would depend on the padding.
    const own = mult.config.parse({ ...small, kernel: 1 });
    const single: Build = (scope, inputs) => mult.build(scope, inputs, own);
    const a = await runOneBatch(single, { ...batch, modalities: modalities.map((m) => padded(m, 4, more)) });
    const b = await runOneBatch(single, batch);
    expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
    for (const [name, values] of Object.entries(b.gradients))
      expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-9);
  });

  test('under a wider kernel', async () => {
    const long = modalities.slice(0, 2);
    const a = await runOneBatch(build, { ...batch, modalities: long.map((m) => padded(m, 4)) });
    expect(
      relativeError(a.prediction, (await runOneBatch(build, { ...batch, modalities: long })).prediction),
    ).toBeLessThan(1e-12);
  });
});

test('predicts any number of samples by one program', async () => {
  expect(await openBatchError(build, modalities)).toBeLessThan(1e-5);
});

test('every parameter has a gradient, a single sample included', async () => {
  const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [m.lengths[0]!] }) }));
  for (const some of [batch, { modalities: alone, labels: [1] }]) {
    const { gradients, shapes, losses } = await runOneBatch(build, some);
    expect(Object.keys(gradients).toSorted()).toEqual(Object.keys(shapes).toSorted());
    expect([...Object.values(gradients).flat(), ...Object.values(losses)].every(Number.isFinite)).toBe(true);
  }
});

test('classification, of two modalities and of four', async () => {
  const four = [...modalities, { name: 'motion', time: 2, width: 2 }];
  for (const some of [modalities.slice(0, 2), four]) {
    const task = { kind: 'classification', classes: 3 } as const;
    const { prediction, losses } = await runOneBatch(build, { modalities: some, labels: [2, 0, 0, 2], task });
    expect(prediction).toHaveLength(12);
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
  }
});

test('what cannot be built says why', async () => {
  await expect(runOneBatch(build, { ...batch, modalities: modalities.slice(0, 1) })).rejects.toThrow(
    'MulT needs at least two modalities, got text.',
  );
  const own = mult.config.parse({ ...small, heads: 3 });
  await expect(runOneBatch((scope, inputs) => mult.build(scope, inputs, own), batch)).rejects.toThrow(
    'model.heads (=3) must divide model.width (=4).',
  );
  const named = mult.config.parse({ ...small, kernel: { text: 3 } });
  await expect(runOneBatch((scope, inputs) => mult.build(scope, inputs, named), batch)).rejects.toThrow(
    'model.kernel names text but not the modality "audio"; add it, or "other".',
  );
});

test('it learns', async () => {
  const own = mult.config.parse({
    width: 8,
    heads: 2,
    layers: 1,
    selfLayers: 1,
    kernel: 3,
    dropout: { text: 0, embedding: 0, attention: 0, output: 0 },
  });
  const { mae, meanMae } = await learn((scope, inputs) => mult.build(scope, inputs, own), { epochs: 8, batchSize: 16 });
  expect(mae).toBeLessThan(0.85 * meanMae);
});
