import { expect, test } from 'vitest';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import { dmd } from './dmd.ts';
import { marginLoss } from './dmd-losses.ts';
import { goldenError, goldenOf, padded } from './golden/testing.ts';
import { learn, openBatchError, runOneBatch, type OneBatch } from './one-batch/testing.ts';
import { valuesFor, type Modality } from './testing.ts';

const small = { width: 4, heads: 2, layers: 1, selfLayers: 1, kernel: 2 };
const config = dmd.config.parse(small);
type Build = Parameters<typeof runOneBatch>[0];
const build: Build = (scope, inputs) => dmd.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, 2.4] };

test("values, every loss and the gradients are those of the authors' code", async () => {
  const golden = goldenOf('dmd')['regression']!;
  const own = dmd.config.parse({
    ...{ width: 4, heads: 2, layers: 2, kernel: 2 },
    distillation: { homogeneous: { width: 3 }, heterogeneous: { width: 2 } },
  });
  const outcome = await runOneBatch((scope, inputs) => dmd.build(scope, inputs, own), {
    modalities: [
      { name: 'text', time: 3, width: 5 },
      { name: 'audio', time: 5, width: 3 },
      { name: 'vision', time: 4, width: 2 },
    ],
    labels: golden.labels,
  });
  expect(Object.keys(golden.losses)).toEqual(Object.keys(outcome.losses));
  expect(goldenError(outcome, golden)).toBeLessThan(1e-9);
});

test('padding never counts', async () => {
  const given = modalities.map((m) => (m.time > 1 ? padded(m, 4) : m));
  const [a, b] = [await runOneBatch(build, { ...batch, modalities: given }), await runOneBatch(build, batch)];
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
  for (const [name, value] of Object.entries(b.losses)) expect(a.losses[name], name).toBeCloseTo(value, 12);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-9);
});

test('predicts any number of samples by one program', async () => {
  expect(await openBatchError(build, modalities)).toBeLessThan(1e-5);
});

test('every parameter has a gradient; a single sample has finite ones, and no margin', async () => {
  const { gradients, shapes } = await runOneBatch(build, batch);
  expect(Object.keys(gradients).toSorted()).toEqual(Object.keys(shapes).toSorted());
  const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [m.lengths[0]!] }) }));
  const single = await runOneBatch(build, { modalities: alone, labels: [1] });
  expect(single.losses['margin']).toBe(0);
  const values = [...Object.values(single.gradients).flat(), ...Object.values(single.losses)];
  expect(values.every(Number.isFinite)).toBe(true);
});

test('classification, of two modalities and of four', async () => {
  const four = [...modalities, { name: 'motion', time: 2, width: 2 }];
  for (const some of [modalities.slice(1), four]) {
    const task = { kind: 'classification', classes: 3 } as const;
    const { prediction, losses } = await runOneBatch(build, { modalities: some, labels: [2, 0, 0, 2], task });
    expect(prediction).toHaveLength(12);
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
  }
});

test('one modality is refused', async () => {
  await expect(runOneBatch(build, { ...batch, modalities: modalities.slice(0, 1) })).rejects.toThrow(
    'DMD needs at least two modalities, got text.',
  );
});

test.each([false, true])('the margin between labels, as its definition says; classes: %s', async (classes) => {
  const labels = [1, 0, 1, 2];
  const flat = [valuesFor('a', 12), valuesFor('b', 12)];
  const rows = flat.flatMap((x) => labels.map((y, n) => ({ y, x: x.slice(3 * n, 3 * n + 3) })));
  const cosine = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, v, k) => sum + v * b[k]!, 0) / Math.hypot(...a, 1e-4) / Math.hypot(...b, 1e-4);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const anchors = rows.flatMap((i) => {
    const same = rows.filter((j) => j !== i && j.y === i.y);
    const other = rows.filter((k) => k.y !== i.y);
    if (same.length === 0 || other.length === 0) return [];
    const gap = (k: (typeof rows)[number]): number => 0.15 * (classes ? 1 : Math.abs(i.y - k.y));
    return [mean(same.flatMap((j) => other.map((k) => Math.max(0, gap(k) - cosine(i.x, j.x) + cosine(i.x, k.x)))))];
  });
  const features = flat.map((_, i) => input(`x${i}`, [4, 3], 'float64'));
  const value = marginLoss(features, input('y', [4], 'float64'), { margin: 0.15, classes });
  const found = await evaluate({ value }, { x0: flat[0]!, x1: flat[1]!, y: labels });
  expect(found['value']![0]).toBeCloseTo(mean(anchors), 12);
});

test('it learns', async () => {
  const dropout = { text: 0, embedding: 0, attention: 0, output: 0 };
  const own = dmd.config.parse({ ...small, width: 8, kernel: 3, dropout });
  const { mae, meanMae } = await learn((scope, inputs) => dmd.build(scope, inputs, own), { epochs: 8, batchSize: 16 });
  expect(mae).toBeLessThan(0.85 * meanMae);
});
