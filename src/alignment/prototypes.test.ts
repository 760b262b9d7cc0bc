import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { gradients, input, type DType, type Tensor } from '../tensor/index.ts';
import {
  collapsed,
  fitAll,
  fitPrototypes,
  logPosterior,
  type PrototypeOptions,
  type Prototypes,
} from './prototypes.ts';

const paper: PrototypeOptions = {
  count: 3,
  iterations: 5,
  varianceFloor: 1e-4,
  initialization: 'principal-axis',
  gradient: 'all',
};
const outputs = ({ weights, means, variances, posterior, covariances }: Prototypes): Record<string, Tensor> => ({
  weights,
  means,
  variances,
  posterior,
  ...(covariances && { covariances }),
});
const fit = (
  values: readonly number[],
  [n, d]: readonly [number, number],
  options: Partial<PrototypeOptions> = {},
  dtype: DType = 'float64',
): Promise<Record<string, number[]>> =>
  evaluate(outputs(fitPrototypes(input('x', [n, d], dtype), { ...paper, ...options })), { x: values });

/** log Σ_k π^k N(x^n; μ^k, diag σ²^k), summed over samples. */
function logLikelihood(
  x: readonly number[],
  d: number,
  { weights, means, variances }: Record<string, number[]>,
): number {
  let sum = 0;
  for (let n = 0; n < x.length / d; n++) {
    const densities = weights!.map((weight, k) => {
      let log = Math.log(weight);
      for (let i = 0; i < d; i++) {
        const [variance, deviation] = [variances![k * d + i]!, x[n * d + i]! - means![k * d + i]!];
        log -= 0.5 * (Math.log(2 * Math.PI * variance) + deviation ** 2 / variance);
      }
      return log;
    });
    const top = Math.max(...densities);
    sum += top + Math.log(densities.reduce((total, v) => total + Math.exp(v - top), 0));
  }
  return sum;
}

const samples = testValues(40, 3);

describe.each(['principal-axis', 'spaced-samples'] as const)('started by %s', (initialization) => {
  test('posteriors of a sample, and mixing weights, sum to 1', async () => {
    const { posterior, weights } = await fit(samples, [20, 2], { initialization });
    for (let n = 0; n < 20; n++) expect(posterior!.slice(3 * n, 3 * n + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    expect(weights!.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
  });

  test('every EM iteration raises the likelihood', async () => {
    const likelihoods: number[] = [];
    for (let iterations = 1; iterations <= 8; iterations++)
      likelihoods.push(logLikelihood(samples, 2, await fit(samples, [20, 2], { initialization, iterations })));
    likelihoods.slice(1).forEach((value, i) => expect(value).toBeGreaterThanOrEqual(likelihoods[i]! - 1e-9));
  });

  test('two well separated clusters are found', async () => {
    const x = samples.map((v, i) => 0.1 * v + (Math.floor(i / 2) % 3 === 0 ? 10 : -5));
    const { means, weights, posterior } = await fit(x, [20, 2], { initialization, count: 2, iterations: 20 });
    const order = means![0]! > means![2]! ? [0, 1] : [1, 0];
    expect(weights![order[0]!]).toBeCloseTo(7 / 20, 3);
    expect(means![2 * order[0]!]).toBeCloseTo(10, 0);
    expect(means![2 * order[1]!]).toBeCloseTo(-5, 0);
    for (let n = 0; n < 20; n++) expect(posterior![2 * n + order[n % 3 === 0 ? 0 : 1]!]).toBeCloseTo(1, 9);
  });

  test.each([
    ['more prototypes than samples', testValues(4), [2, 2]],
    ['one sample', [0.3, -0.7], [1, 2]],
    ['constant features', Array<number>(10).fill(4), [5, 2]],
    ['samples 1e4 apart', [0, 0, 1e4, -1e4, 2e4, 5, -1e4, 3e4], [4, 2]],
    ['one sample 1e4 away', [0, 0, 0.1, 0.1, 0.2, 0.1, 1e4, 1e4], [4, 2]],
  ] as const)('%s: all finite in float32, gradients too', async (_, values, shape) => {
    const x = input('x', shape);
    const fitted = outputs(fitPrototypes(x, { ...paper, initialization, count: 5, covariance: { shrinkage: 0.1 } }));
    const sums = Object.values(fitted).map((y) => y.mul(y).sum());
    const loss = sums.reduce((a, b) => a.add(b));
    const results = await evaluate({ ...fitted, dx: gradients(loss, [x])[0]! }, { x: values });
    for (const [name, numbers] of Object.entries(results)) expect(numbers.every(Number.isFinite), name).toBe(true);
    expect(Math.min(...results['variances']!)).toBeGreaterThanOrEqual(Math.fround(1e-4));
  });

  test("gradient 'all' by central differences", async () => {
    for (const output of ['means', 'variances', 'weights', 'posterior'] as const) {
      const options = { ...paper, initialization, iterations: 2 };
      expect(await gradientError((x) => fitPrototypes(x, options)[output], [[6, 2]]), output).toBeLessThan(1e-5);
    }
  });
});

describe('the first iteration', () => {
  const d = 2;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const column = (x: readonly number[], i: number): number[] => x.filter((_, at) => at % d === i);
  const varianceOf = (x: readonly number[]): number => sum(x.map((v) => (v - sum(x) / x.length) ** 2)) / x.length;

  /** Means and mixing weights after one E and M step from these means, equal weights and the variances of all samples. */
  function after(x: readonly number[], starts: readonly (readonly number[])[]): { means: number[]; weights: number[] } {
    const n = x.length / d;
    const variances = [0, 1].map((i) => Math.max(varianceOf(column(x, i)), 1e-4));
    const posterior = Array.from({ length: n }, (_, row) => {
      const near = starts.map((start) =>
        Math.exp(-0.5 * sum(start.map((m, i) => (x[row * d + i]! - m) ** 2 / variances[i]!))),
      );
      return near.map((v) => v / sum(near));
    });
    const counts = starts.map((_, k) => sum(posterior.map((row) => row[k]!)));
    const means = starts.flatMap((_, k) =>
      [0, 1].map((i) => sum(column(x, i).map((v, row) => v * posterior[row]![k]!)) / counts[k]!),
    );
    return { means, weights: counts.map((count) => count / n) };
  }

  // Of 6 and 8 samples 3 have a half in the middle, which goes to the even neighbour; of 2, samples repeat.
  test.each([
    [6, 3, [0, 2, 5]],
    [8, 3, [0, 4, 7]],
    [9, 4, [0, 3, 5, 8]],
    [5, 1, [0]],
    [2, 3, [0, 1, 0]],
    [3, 3, [0, 1, 2]],
  ])('of %i samples starts %i means at evenly spaced ones, as in the code of the authors', async (n, count, rows) => {
    const x = testValues(n * d, 5);
    const options = { initialization: 'spaced-samples', iterations: 1, count } as const;
    const { means, weights } = await fit(x, [n, d], options);
    const expected = after(
      x,
      rows.map((row) => x.slice(row * d, row * d + d)),
    );
    expect(relativeError(means!, expected.means)).toBeLessThan(1e-9);
    expect(relativeError(weights!, expected.weights)).toBeLessThan(1e-9);
  });

  // Φ(q) = (k + ½) / K.
  test.each([
    [1, [0]],
    [2, [-0.6744897501960817, 0.6744897501960817]],
    [3, [-0.9674215661017014, 0, 0.9674215661017014]],
    [
      7,
      [
        -1.4652337926855228, -0.7916386077433746, -0.3661063568005698, 0, 0.3661063568005698, 0.7916386077433746,
        1.4652337926855228,
      ],
    ],
  ])('starts %i means at the normal quantiles of the first principal axis', async (count, quantiles) => {
    const x = testValues(24 * d, 9).map((v, i) => (i % d === 0 ? 3 + 1.2 * v : v - 1));
    const turned = x.map((_, i) => (i % d === 0 ? 0.8 * x[i]! - 0.6 * x[i + 1]! : 0.6 * x[i - 1]! + 0.8 * x[i]!));
    const centre = [0, 1].map((i) => sum(column(turned, i)) / 24);
    const centred = turned.map((v, i) => v - centre[i % d]!);
    const unit = (v: readonly number[]): number[] => v.map((a) => a / Math.sqrt(sum(v.map((b) => b * b))));
    const scores = (axis: readonly number[]): number[] =>
      Array.from({ length: 24 }, (_, n) => centred[n * d]! * axis[0]! + centred[n * d + 1]! * axis[1]!);
    let axis = unit([0, 1].map((i) => Math.sqrt(varianceOf(column(turned, i)))));
    for (let i = 0; i < 8; i++) {
      const along = scores(axis);
      axis = unit([0, 1].map((c) => sum(column(centred, c).map((v, n) => v * along[n]!))));
    }
    const spread = Math.sqrt(sum(scores(axis).map((v) => v * v)) / 24 + 1e-4);
    const starts = quantiles.map((q) => centre.map((c, i) => c + q * spread * axis[i]!));
    const { means, weights } = await fit(turned, [24, d], { iterations: 1, count });
    const expected = after(turned, starts);
    expect(relativeError(means!, expected.means)).toBeLessThan(1e-6);
    expect(relativeError(weights!, expected.weights)).toBeLessThan(1e-6);
  });
});

test('the order of samples does not matter to the paper recipe', async () => {
  const shuffled = samples.map((_, i) => samples[2 * ((7 * Math.floor(i / 2) + 3) % 20) + (i % 2)]!);
  const [a, b] = [await fit(samples, [20, 2]), await fit(shuffled, [20, 2])];
  for (const name of ['weights', 'means', 'variances'])
    expect(relativeError(b[name]!, a[name]!), name).toBeLessThan(1e-9);
});

test("gradient 'last': that of the last iteration, the responsibilities it divides by held constant", async () => {
  const before = { ...paper, iterations: 4 };
  const lastIteration = (x: Tensor): Tensor => {
    const responsibilities = fitPrototypes(x.detach(), before).posterior;
    const shares = responsibilities.div(responsibilities.sum([0]));
    const means = shares.matmul(x, { transposeA: true });
    const deviation = x.reshape([6, 1, 2]).sub(means.reshape([1, 3, 2]));
    const spread = shares.reshape([6, 3, 1]).mul(deviation.square()).sum([0]);
    const variances = spread.max(paper.varianceFloor);
    const weights = responsibilities.mean([0]);
    return logPosterior(x, { weights, means, variances }).exp();
  };
  const x = input('x', [6, 2], 'float64');
  const weights = input('w', [6, 3], 'float64');
  const gradientOf = (posterior: Tensor): Tensor => gradients(posterior.mul(weights).sum(), [x])[0]!;
  const last = fitPrototypes(x, { ...paper, gradient: 'last' }).posterior;
  const all = fitPrototypes(x, paper).posterior;
  const { a, b, c, value, same } = await evaluate(
    { a: gradientOf(last), b: gradientOf(lastIteration(x)), c: gradientOf(all), value: last, same: all },
    { x: testValues(12), w: testValues(18, 2) },
  );
  expect(relativeError(a!, b!)).toBeLessThan(1e-9);
  expect(relativeError(a!, c!)).toBeGreaterThan(1e-3);
  expect(value).toEqual(same);
});

describe.each(['principal-axis', 'spaced-samples'] as const)(
  'the share that have collapsed, started by %s',
  (initialization) => {
    const clusters = [0, 0, 0, 4, 4, 4, 8, 8, 8].flatMap((at, n) => [at + 0.1 * Math.sin(n), at + 0.1 * Math.cos(n)]);
    test.each([
      ['none of two wide clusters', samples, [20, 2], 2, 0],
      ['none of one component of many samples', samples, [20, 2], 1, 0],
      ['none where each owns a tight cluster', clusters, [9, 2], 3, 0],
      ['all of the only sample', [0.3, -0.7], [1, 2], 3, 1],
      ['one component of one sample', [0.3, -0.7], [1, 2], 1, 1],
      ['all of as many samples, far apart', [0, 0, 9, 1, -8, 30], [3, 2], 3, 1],
      ['all of fewer samples', [0, 0, 9, 1, -8, 30], [3, 2], 7, 1],
      ['all of samples that are alike', Array<number>(40).fill(4), [20, 2], 7, 1],
      ['all of samples that are of two kinds', Array.from({ length: 40 }, (_, i) => 5 * (i & 2)), [20, 2], 7, 1],
      ['those of them that own a single sample', [...clusters, 90, -90], [10, 2], 2, 1 / 2],
    ] as const)('%s', async (_, values, shape, count, share) => {
      const options = { ...paper, initialization, count, iterations: 20 };
      const x = input('x', shape);
      const results = await evaluate({ share: collapsed(fitPrototypes(x, options), options) }, { x: values });
      expect(results['share']![0]).toBeCloseTo(share, 6);
    });
  },
);

test('the share that has collapsed is of one modality, however many are fitted at once', async () => {
  const options = { ...paper, count: 5 };
  const x = ['varied', 'constant', 'few'].map((name) => input(name, [20, 2]));
  const [varied, constant, few] = fitAll(x, [options, options, { ...options, count: 2 }]).map((mixture) =>
    collapsed(mixture, options),
  );
  const feeds = { varied: testValues(40, 9), constant: Array<number>(40).fill(1), few: samples };
  const results = await evaluate({ varied: varied!, constant: constant!, few: few! }, feeds);
  expect(results).toEqual({ varied: [0], constant: [1], few: [0] });
});

describe('full covariances', () => {
  const full = (shrinkage: number): Partial<PrototypeOptions> => ({ covariance: { shrinkage } });

  test('without shrinkage their diagonal is the variances and the floor', async () => {
    const { variances, covariances } = await fit(samples, [20, 2], full(0));
    const diagonal = variances!.map((_, i) => covariances![4 * Math.floor(i / 2) + 3 * (i % 2)]!);
    expect(
      relativeError(
        diagonal,
        variances!.map((v) => v + 1e-4),
      ),
    ).toBeLessThan(1e-9);
  });

  test('are symmetric, and positive definite however few the samples', async () => {
    const { covariances } = await fit(testValues(12), [2, 6], { ...full(0.1), count: 1 });
    const rows = Array.from({ length: 6 }, (_, i) => covariances!.slice(6 * i, 6 * i + 6));
    rows.forEach((row, i) => row.forEach((v, j) => expect(v).toBeCloseTo(rows[j]![i]!, 12)));
    // Positive pivots of elimination.
    for (let p = 0; p < 6; p++) {
      expect(rows[p]![p]).toBeGreaterThan(1e-5);
      for (let i = p + 1; i < 6; i++) {
        const factor = rows[i]![p]! / rows[p]![p]!;
        rows[i] = rows[i]!.map((v, j) => v - factor * rows[p]![j]!);
      }
    }
  });

  test('shrinkage 1 leaves a multiple of the identity with the same trace', async () => {
    const { variances, covariances } = await fit(samples, [20, 2], { ...full(1), count: 1 });
    const mean = (variances![0]! + variances![1]!) / 2 + 1e-4;
    expect(relativeError(covariances!, [mean, 0, 0, mean])).toBeLessThan(1e-9);
  });

  test('gradient by central differences', async () => {
    const options = { ...paper, ...full(0.2), iterations: 2, count: 2 };
    expect(await gradientError((x) => fitPrototypes(x, options).covariances!, [[5, 2]])).toBeLessThan(1e-5);
  });
});
