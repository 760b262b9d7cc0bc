import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant } from '../tensor/index.ts';
import { goldenError, goldenOf, padded, type Golden } from './golden/testing.ts';
import { discrepancyFromNormal, mfm } from './mfm.ts';
import { learn, openBatchError, runOneBatch, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

type Build = Parameters<typeof runOneBatch>[0];
const layer = (width: number): { width: number } => ({ width });
const small = {
  hidden: 2,
  memory: 3,
  attention: layer(4),
  candidate: layer(3),
  retain: layer(2),
  update: layer(5),
  latent: 3,
  labelLatent: 3,
  factor: 2,
  labelFactor: 3,
};
const build =
  (own: Readonly<Record<string, unknown>> = {}): Build =>
  (scope, inputs) =>
    mfm.build(scope, inputs, mfm.config.parse({ ...small, ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 3, width: 3, lengths: [3, 2, 1, 3] },
  { name: 'audio', time: 6, width: 2, lengths: [1, 6, 3, 2] },
  { name: 'vision', time: 2, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, -0.8] };

test('values, losses and gradients are those of the public code', async () => {
  const golden = goldenOf<Golden>('mfm');
  const own = {
    hidden: { text: 3, audio: 2, vision: 4 },
    latent: { text: 3, audio: 4, vision: 2 },
    factor: { text: 2, audio: 3, vision: 2 },
  };
  const outcome = await runOneBatch(build(own), {
    modalities: [
      { name: 'text', time: 4, width: 3 },
      { name: 'audio', time: 4, width: 2 },
      { name: 'vision', time: 4, width: 4 },
    ],
    labels: golden.labels,
  });
  expect(Object.keys(golden.gradients).toSorted()).toEqual(Object.keys(outcome.shapes).toSorted());
  expect(goldenError(outcome, golden)).toBeLessThan(1e-9);
});

test.each([0, 2])('padding never counts: whatever stands there, and with %i more steps of it', async (more) => {
  const a = await runOneBatch(build(), { ...batch, modalities: modalities.map((m) => padded(m, 4, more)) });
  const b = await runOneBatch(build(), batch);
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(1e-12);
  for (const [name, value] of Object.entries(b.losses)) expect(a.losses[name], name).toBeCloseTo(value, 10);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(1e-9);
});

test('predicts any number of samples by one program', async () => {
  expect(await openBatchError(build(), modalities)).toBeLessThan(1e-5);
});

describe('every parameter has a gradient, and all is finite', () => {
  const long = modalities.map(({ name, width }) => ({ name, width, time: 2 }));
  test.each<[string, OneBatch]>([
    ['in a batch', { modalities: long, labels: [1, -1, 2] }],
    ['of one sample', { modalities: long, labels: [1] }],
    ['of two modalities', { modalities: long.slice(1), labels: [1, -1, 2] }],
    ['of four', { modalities: [...long, { name: 'touch', time: 7, width: 2 }], labels: [1, -1, 2] }],
    ['of classes', { modalities: long, labels: [0, 2, 0], task: { kind: 'classification', classes: 3 } }],
    [
      'of constant features',
      { modalities: long.map((m) => ({ ...m, values: Array<number>(6 * m.width).fill(1) })), labels: [1, -1, 2] },
    ],
  ])('%s', async (_, given) => {
    const { prediction, losses, gradients, shapes } = await runOneBatch(build(), given);
    expect([...prediction, ...Object.values(losses)].every(Number.isFinite)).toBe(true);
    for (const name of Object.keys(shapes)) expect(gradients[name]?.every(Number.isFinite), name).toBe(true);
  });

  test('of one step each; there is no state before it', async () => {
    const single = long.map((m) => ({ ...m, time: 1 }));
    const { losses, gradients, shapes } = await runOneBatch(build(), { modalities: single, labels: [1, -1, 2] });
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
    const without = Object.keys(shapes).filter((name) => !gradients[name]);
    expect(without.every((name) => /weight_hh|^fusion.retain/.test(name))).toBe(true);
  });
});

describe('the discrepancy from N(0, I)', () => {
  test('is the expectation over normal rows', async () => {
    const rows = testValues(6, 5, -2, 2);
    const { found } = await evaluate({ found: discrepancyFromNormal(constant(rows, [3, 2], 'float64')) });
    // The kernel is a product over features: each expectation is one over a line.
    const line = Array.from({ length: 2401 }, (_, i) => -12 + i / 100);
    const normal = (g: number): number => Math.exp(-(g ** 2) / 2) / Math.sqrt(2 * Math.PI) / 100;
    const kernel = (a: number): number => Math.exp(-(a ** 2) / 4);
    const near = (z: number): number => line.reduce((sum, g) => sum + normal(g) * kernel(g - z), 0);
    const pair = (n: number): [number, number] => [rows[2 * n]!, rows[2 * n + 1]!];
    const samples = [0, 1, 2].map(pair);
    const within = samples.flatMap(([a, b]) => samples.map(([c, d]) => kernel(a - c) * kernel(b - d)));
    const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
    const normals = line.reduce((sum, g) => sum + normal(g) * near(g), 0) ** 2;
    const expected = mean(within) + normals - 2 * mean(samples.map(([a, b]) => near(a) * near(b)));
    expect(found![0]).toBeCloseTo(expected, 10);
  });

  test('has the right gradient', async () => {
    expect(await gradientError(discrepancyFromNormal, [[4, 3]])).toBeLessThan(1e-6);
  });
});

test('one modality is too few', async () => {
  await expect(runOneBatch(build(), { ...batch, modalities: modalities.slice(0, 1) })).rejects.toThrow(
    'MFM needs at least two modalities, got text.',
  );
});

test('it learns', async () => {
  const own = {
    ...{ hidden: 8, memory: 8, attention: layer(8), candidate: layer(8), retain: layer(8), update: layer(8) },
    ...{ latent: 8, labelLatent: 16, factor: 4, labelFactor: 16, weights: { prior: 1 } },
    dropout: { factor: 0, labelFactor: 0 },
  };
  const { mae, meanMae } = await learn(build(own), { epochs: 10, batchSize: 16, learningRate: 5e-3 });
  expect(mae).toBeLessThan(0.9 * meanMae);
});
