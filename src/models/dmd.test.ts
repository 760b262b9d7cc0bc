import { expect, test } from 'vitest';
import { evaluate } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import { dmd } from './dmd.ts';
import { marginLoss } from './dmd-losses.ts';
import { goldenError, goldenOf } from './golden/testing.ts';
import { runOneBatch, type Build } from './one-batch/testing.ts';
import { valuesFor, type Modality } from './testing.ts';

const small = { width: 4, heads: 2, layers: 1, selfLayers: 1, kernel: 2 };
const config = dmd.config.parse(small);
const build: Build = (scope, inputs) => dmd.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
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

test('a single sample has no margin', async () => {
  const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [m.lengths[0]!] }) }));
  const { losses } = await runOneBatch(build, { modalities: alone, labels: [1] });
  expect(losses['margin']).toBe(0);
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
