import { expect, test } from 'vitest';
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { constant, type Tensor } from '../tensor/index.ts';
import { goldenError, goldenOf, type Golden } from './golden/testing.ts';
import { centralMomentDiscrepancy, differenceLoss, misa } from './misa.ts';
import { runOneBatch, type Build, type OneBatch } from './one-batch/testing.ts';
import type { Modality } from './testing.ts';

const build =
  (own: Readonly<Record<string, unknown>> = {}): Build =>
  (scope, inputs) =>
    misa.build(scope, inputs, misa.config.parse({ width: 4, feedForward: 8, ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 3, width: 3, lengths: [3, 2, 1, 3] },
  { name: 'audio', time: 4, width: 2, lengths: [1, 4, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, -0.8] };

test('values, losses and gradients are those of the public code', async () => {
  const golden = goldenOf<Golden>('misa');
  const lengths = [4, 2, 1, 3, 4, 1];
  const outcome = await runOneBatch(build(), {
    modalities: [
      { name: 'text', time: 4, width: 5, lengths },
      { name: 'vision', time: 4, width: 2, lengths },
      { name: 'audio', time: 4, width: 3, lengths },
    ],
    labels: golden.labels,
  });
  expect(Object.keys(golden.gradients)).toEqual(Object.keys(outcome.shapes));
  expect(goldenError(outcome, golden)).toBeLessThan(1e-9);
});

test('the central moment discrepancy, spelled out', async () => {
  const [a, b] = [testValues(10, 3), testValues(10, 4)];
  const column = (x: readonly number[], j: number): number[] => x.filter((_, i) => i % 2 === j);
  const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
  const moment = (x: readonly number[], k: number): number => mean(x.map((v) => (v - mean(x)) ** k));
  const apart = (of: (x: number[]) => number): number =>
    Math.hypot(...[0, 1].map((j) => of(column(a, j)) - of(column(b, j))));
  const expected = apart(mean) + [2, 3, 4].map((k) => apart((x) => moment(x, k))).reduce((s, v) => s + v);
  const x = (values: readonly number[]): Tensor => constant(values, [5, 2], 'float64');
  const { found, none } = await evaluate({
    found: centralMomentDiscrepancy(x(a), x(b), 4),
    none: centralMomentDiscrepancy(x(a), x(a), 4),
  });
  expect(found![0]).toBeCloseTo(expected, 12);
  expect(none![0]).toBeCloseTo(0, 10);
});

test('what is private and what is shared differ most where they are uncorrelated', async () => {
  const x = (values: readonly number[]): Tensor => constant(values, [4, 1], 'float64');
  const [up, down, mixed] = [x([1, 1, -1, -1]), x([-2, -2, 2, 2]), x([1, -1, 1, -1])];
  const { alike, unlike } = await evaluate({
    alike: differenceLoss([up], [down]),
    unlike: differenceLoss([up], [mixed]),
  });
  expect(alike![0]).toBeCloseTo(16, 4);
  expect(unlike![0]).toBeCloseTo(0, 10);
});

test('gradients of the discrepancy, by central differences', async () => {
  const shapes = [
    [4, 2],
    [3, 2],
  ];
  expect(await gradientError((a, b) => centralMomentDiscrepancy(a, b, 5), shapes)).toBeLessThan(1e-6);
});

test('what cannot be built says why', async () => {
  await expect(runOneBatch(build({ heads: 3 }), batch)).rejects.toThrow(
    'model.heads (=3) must divide model.width (=4).',
  );
});
