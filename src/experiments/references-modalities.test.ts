import { expect, test } from 'vitest';
import type { Samples, Task } from '../data/dataset.ts';
import { random } from '../data/random.ts';
import { evaluate } from '../metrics/metric.ts';
import { bestModality, lateFusion, shareGrid } from './references-modalities.ts';
import { ridge } from './references.ts';

const regression: Task = { kind: 'regression', range: [-3, 3] };
const emotions: Task = { kind: 'classification', classes: ['sad', 'happy'] };

/** One step per modality: the label is the first feature of `a` plus half that of `b`; `noise` has nothing to do with it. */
function made(count: number, seed: number, task: Task = regression): Samples {
  const source = random(seed);
  const array = (): { shape: number[]; data: Float32Array } => ({
    shape: [count, 1, 2],
    data: Float32Array.from({ length: count * 2 }, () => source.normal()),
  });
  const features = { noise: array(), a: array(), b: array() };
  const value = (n: number): number => features.a.data[2 * n]! + 0.5 * features.b.data[2 * n]!;
  const once = new Int32Array(count).fill(1);
  return {
    ids: Array.from({ length: count }, String),
    features,
    lengths: { noise: once, a: once, b: once },
    labels: Float32Array.from({ length: count }, (_, n) =>
      task.kind === 'regression' ? value(n) : Number(value(n) > 0),
    ),
  };
}

test('the best modality is found on validation', () => {
  const found = bestModality(made(200, 1), made(80, 2), regression);
  expect(found.describe).toBe('ridge on a alone, the best of noise, a, b on validation');
  expect(found.parameters).toBe(3);
  const rest = made(50, 3);
  const { mae } = evaluate('regression', found.predict(rest), rest.labels!);
  // What is left is half a standard normal.
  expect(mae).toBeGreaterThan(0.3);
  expect(mae).toBeLessThan(0.5);
});

test('late fusion weighs modalities by validation, and is no worse there than the best of them', () => {
  const [train, valid] = [made(200, 1), made(80, 2)];
  const [fused, best] = [lateFusion(train, valid, regression), bestModality(train, valid, regression)];
  const on = (reference: typeof fused): number =>
    evaluate('regression', reference.predict(valid), valid.labels!)['mae']!;
  expect(on(fused)).toBeLessThanOrEqual(on(best));
  expect(fused.describe).toMatch(
    /^average of a ridge per modality: noise 0\.\d\d, a 0\.\d\d, b 0\.\d\d by validation$/,
  );
  expect(fused.parameters).toBe(12);
});

test('one modality leaves nothing to choose', () => {
  const one = (samples: Samples): Samples => ({ ...samples, features: { a: samples.features['a']! } });
  const [train, valid, rest] = [one(made(60, 1)), one(made(30, 2)), one(made(9, 3))];
  const expected = ridge(train, valid, regression).predict(rest);
  expect(lateFusion(train, valid, regression).predict(rest)).toEqual(expected);
  expect(bestModality(train, valid, regression).predict(rest)).toEqual(expected);
});

test('classes have a score each', () => {
  const [train, valid, rest] = [made(200, 1, emotions), made(80, 2, emotions), made(60, 3, emotions)];
  for (const reference of [bestModality(train, valid, emotions), lateFusion(train, valid, emotions)]) {
    const scores = reference.predict(rest);
    expect(scores).toHaveLength(120);
    expect(evaluate('classification', scores, rest.labels!, emotions.classes)['wacc']).toBeGreaterThan(0.7);
  }
});

test('shares are at least 0, sum to 1 and hold every modality alone, however many there are', () => {
  for (const count of [1, 2, 3, 4, 6, 9]) {
    const grid = shareGrid(count);
    expect(grid.length).toBeLessThanOrEqual(1500);
    for (const shares of grid) {
      expect(shares).toHaveLength(count);
      expect(shares.every((share) => share >= 0)).toBe(true);
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    expect(grid.filter((shares) => shares.includes(1))).toHaveLength(count);
  }
  expect(shareGrid(3)).toHaveLength(231);
});
