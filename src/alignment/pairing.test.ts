import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { pairingLoss, type PairingOptions } from './pairing.ts';

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  constant(rows.flat(), [rows.length, rows[0]!.length], 'float64');
const lossOf = async (common: readonly Tensor[], options: Partial<PairingOptions> = {}): Promise<number> =>
  (await evaluate({ loss: pairingLoss(common, { temperature: 0.1, ...options }) }))['loss']![0]!;

/** The definition, in plain JavaScript, of two modalities of which all samples count. */
function byHand(x: readonly (readonly number[])[], y: readonly (readonly number[])[], temperature: number): number {
  const unit = (v: readonly number[]): number[] => v.map((e) => e / Math.hypot(...v));
  const s = x.map((a) => y.map((b) => unit(a).reduce((sum, e, k) => sum + e * unit(b)[k]!, 0) / temperature));
  const logShare = (n: number, of: (l: number) => number): number =>
    of(n) - Math.log(x.reduce((sum, _, l) => sum + Math.exp(of(l)), 0));
  const terms = x.map((_, n) => logShare(n, (l) => s[n]![l]!) + logShare(n, (l) => s[l]![n]!));
  return -terms.reduce((a, b) => a + b) / (2 * x.length);
}
const rowsOf = (seed: number, n = 5, d = 3): number[][] =>
  Array.from({ length: n }, (_, i) => testValues(d, 10 * seed + i));

test('is the symmetric InfoNCE loss', async () => {
  const [x, y] = [rowsOf(1), rowsOf(2)];
  expect(await lossOf([matrix(x), matrix(y)], { temperature: 0.3 })).toBeCloseTo(byHand(x, y, 0.3), 10);
});

test('is near 0 where each sample is alike in both and unlike all others, and log N where all are alike', async () => {
  const apart = [
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 3],
  ];
  expect(await lossOf([matrix(apart), matrix(apart)])).toBeLessThan(1e-3);
  expect(await lossOf([matrix(apart), matrix([apart[1]!, apart[2]!, apart[0]!])])).toBeGreaterThan(5);
  const same = apart.map(() => [1, 1, 1]);
  expect(await lossOf([matrix(same), matrix(same)])).toBeCloseTo(Math.log(3), 10);
});

test('is the mean over pairs of modalities', async () => {
  const all = [rowsOf(1), rowsOf(2), rowsOf(3)];
  const pairs = [byHand(all[0]!, all[1]!, 0.1), byHand(all[0]!, all[2]!, 0.1), byHand(all[1]!, all[2]!, 0.1)];
  expect(await lossOf(all.map(matrix))).toBeCloseTo(pairs.reduce((a, b) => a + b) / 3, 10);
});

test('gradient', async () => {
  const error = await gradientError(
    (x, y, z) => pairingLoss([x, y, z], { temperature: 0.5 }),
    [
      [4, 3],
      [4, 3],
      [4, 3],
    ],
  );
  expect(error).toBeLessThan(1e-6);
});

describe('samples that lack a modality', () => {
  test('leave the loss that of the others, whatever stands in their place', async () => {
    const [x, y] = [rowsOf(1), rowsOf(2)];
    const has = constant([1, 1, 0, 1, 0], [5], 'float64');
    const kept = [0, 1, 3];
    const without = byHand(
      kept.map((n) => x[n]!),
      kept.map((n) => y[n]!),
      0.1,
    );
    expect(await lossOf([matrix(x), matrix(y)], { present: [undefined, has] })).toBeCloseTo(without, 10);
  });

  test('cost nothing where no sample has both modalities', async () => {
    const present = [constant([1, 0, 0, 0, 0], [5], 'float64'), constant([0, 1, 1, 1, 1], [5], 'float64')];
    expect(await lossOf([matrix(rowsOf(1)), matrix(rowsOf(2))], { present })).toBe(0);
  });
});

test('a sample that stands in the batch twice is not told from itself', async () => {
  const [x, y] = [rowsOf(1, 3), rowsOf(2, 3)];
  const rows = constant([7, 8, 9, 8], [4], 'int64');
  const twice = (m: number[][]): Tensor => matrix([...m, m[1]!]);
  // The repeated sample counts twice in the mean, and each time among the two others alone.
  const single = (n: number): number => {
    const unit = (v: readonly number[]): number[] => v.map((e) => e / Math.hypot(...v));
    const s = (a: number, b: number): number =>
      Math.exp(unit(x[a]!).reduce((sum, e, k) => sum + e * unit(y[b]!)[k]!, 0) / 0.1);
    const others = [0, 1, 2].filter((l) => l !== n);
    const count = (l: number): number => (n !== 1 && l === 1 ? 2 : 1);
    const sum = (of: (l: number) => number): number => others.reduce((t, l) => t + count(l) * of(l), s(n, n));
    return -0.5 * (Math.log(s(n, n) / sum((l) => s(n, l))) + Math.log(s(n, n) / sum((l) => s(l, n))));
  };
  const expected = (single(0) + 2 * single(1) + single(2)) / 4;
  expect(await lossOf([twice(x), twice(y)], { rows })).toBeCloseTo(expected, 10);
});

test('a batch of one, and features of zero, give finite values and gradients', async () => {
  expect(await lossOf([matrix([[1, 2]]), matrix([[3, -4]])])).toBe(0);
  const [x, y] = [input('x', [3, 2]), input('y', [3, 2])];
  const loss = pairingLoss([x, y], { temperature: 0.1 });
  const [dx] = gradients(loss, [x]);
  const results = await evaluate({ loss, dx: dx! }, { x: Array(6).fill(0), y: testValues(6) });
  expect(results['loss']![0]).toBeCloseTo(Math.log(3), 5);
  expect(results['dx']!.every(Number.isFinite)).toBe(true);
});
