import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { gradients, input, type DType } from '../tensor/index.ts';
import { mmd, mmdLoss, squaredDistances, type MmdOptions } from './mmd.ts';

const { mmd: golden } = JSON.parse(readFileSync('test/fixtures/transport/golden.json', 'utf8')) as {
  mmd: { X: number[][]; Y: number[][]; sigma: number; biased: number; unbiased: number };
};

async function value(x: number[][], y: number[][], options: MmdOptions, dtype: DType = 'float64'): Promise<number> {
  const [a, b] = [input('x', [x.length, 2], dtype), input('y', [y.length, 2], dtype)];
  const { v } = await evaluate({ v: mmd(a, b, options) }, { x: x.flat(), y: y.flat() });
  return v![0]!;
}
const { X, Y } = golden;

test.each(['biased', 'unbiased'] as const)('the %s golden number, in float64 and float32', async (estimator) => {
  const options = { bandwidth: golden.sigma, estimator };
  expect(relativeError([await value(X, Y, options)], [golden[estimator]])).toBeLessThan(1e-12);
  expect(relativeError([await value(X, Y, options, 'float32')], [golden[estimator]])).toBeLessThan(1e-5);
});

test('the biased estimate is 0 for equal samples, positive for others, and symmetric', async () => {
  const options = { bandwidth: 1, estimator: 'biased' } as const;
  expect(await value(X, X, options)).toBe(0);
  expect(await value(X, Y, options)).toBeGreaterThan(0);
  expect(await value(Y, X, options)).toBeCloseTo(await value(X, Y, options), 12);
});

test('several bandwidths are averaged', async () => {
  const at = (bandwidth: number | number[]): Promise<number> => value(X, Y, { bandwidth, estimator: 'biased' });
  expect(await at([0.5, 1, 4])).toBeCloseTo(((await at(0.5)) + (await at(1)) + (await at(4))) / 3, 12);
});

describe('the median heuristic', () => {
  const by = async (x: number[][], y: number[][]): Promise<number> => {
    const all = [...x, ...y];
    const distances = all.flatMap((a, i) => all.slice(i + 1).map((b) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!)));
    const bandwidth = distances.sort((a, b) => a - b)[Math.floor((distances.length - 1) / 2)]!;
    return value(x, y, { bandwidth, estimator: 'biased' });
  };
  test('takes σ as the median distance of two different samples', async () => {
    for (const [x, y] of [
      [X, Y],
      [[[0, 1]], [[2, 3]]],
      [
        [[0, 1]],
        [
          [2, 3],
          [2, 5],
          [1, 1],
        ],
      ],
    ] as [number[][], number[][]][])
      expect(await value(x, y, { bandwidth: 'median', estimator: 'biased' })).toBeCloseTo(await by(x, y), 12);
  });

  test('does not change with the scale of the latents', async () => {
    const scaled = (rows: number[][]): number[][] => rows.map((row) => row.map((v) => 100 * v));
    const options = { bandwidth: 'median', estimator: 'unbiased' } as const;
    expect(await value(scaled(X), scaled(Y), options)).toBeCloseTo(await value(X, Y, options), 12);
  });

  test('keeps values and gradients bounded where all samples have collapsed', async () => {
    const [x, y] = [input('x', [4, 2]), input('y', [4, 2])];
    const loss = mmd(x, y, { bandwidth: 'median', estimator: 'biased' });
    const [dx] = gradients(loss, [x]);
    const near = testValues(8).map((v) => 1 + 1e-7 * v);
    const values = await evaluate({ loss, dx: dx! }, { x: Array<number>(8).fill(1), y: near });
    expect(Math.abs(values['loss']![0]!)).toBeLessThanOrEqual(2);
    expect(Math.max(...values['dx']!.map(Math.abs))).toBeLessThan(1e3);
  });
});

test.each(['biased', 'unbiased'] as const)('%s: one sample against one is finite', async (estimator) => {
  const v = await value([[0, 0]], [[1, 0]], { bandwidth: 1, estimator });
  expect(v).toBeCloseTo((estimator === 'biased' ? 2 : 0) - 2 * Math.exp(-0.5), 12);
});

test.each(['biased', 'unbiased'] as const)('%s: gradients', async (estimator) => {
  const error = await gradientError(
    (x, y, z) => mmdLoss([x, y, z], { bandwidth: [0.7, 2], estimator }),
    [
      [3, 2],
      [3, 2],
      [3, 2],
    ],
  );
  expect(error).toBeLessThan(1e-6);
});

test('Eq. 11: the mean over pairs of modalities', async () => {
  const [x, y, z] = ['x', 'y', 'z'].map((name) => input(name, [3, 2], 'float64'));
  const options = { bandwidth: 1, estimator: 'biased' } as const;
  const feeds = { x: testValues(6), y: testValues(6, 2), z: testValues(6, 3) };
  const pairs = { xy: mmd(x!, y!, options), xz: mmd(x!, z!, options), yz: mmd(y!, z!, options) };
  const { loss, xy, xz, yz } = await evaluate({ loss: mmdLoss([x!, y!, z!], options), ...pairs }, feeds);
  expect(loss![0]).toBeCloseTo((xy![0]! + xz![0]! + yz![0]!) / 3, 12);
});

test('squared distances are never negative, however large the features', async () => {
  const x = input('x', [5, 3]);
  const { d } = await evaluate({ d: squaredDistances(x, x) }, { x: testValues(15).map((v) => 1e4 + v) });
  expect(d!.every((v) => v >= 0)).toBe(true);
});
