import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { constant } from '../tensor/index.ts';
import { goldenError, goldenOf, type Golden } from './golden/testing.ts';
import { discrepancyFromNormal, mfm } from './mfm.ts';
import { runOneBatch, type Build } from './one-batch/testing.ts';

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
