import { describe, expect, test } from 'vitest';
import { likeliest, logistic } from './logistic.ts';
import { normals } from './testing.ts';

const x = normals('x', 3, 300).test;
const noise = normals('noise', 3, 300).test;
const labels = Int32Array.from({ length: 300 }, (_, n) => {
  const scores = [0, 1, 2].map((c) => 2 * x.data[3 * n + c]! + noise.data[3 * n + c]!);
  return scores.indexOf(Math.max(...scores));
});
const share = (predicted: Int32Array, truth: Int32Array): number =>
  predicted.filter((c, n) => c === truth[n]).length / truth.length;

describe('logistic regression', () => {
  test('of one feature and two classes: where the gradient vanishes', () => {
    const few = { rows: 4, columns: 1, data: Float64Array.of(-2, -1, 1, 3) };
    const { data } = logistic(few, [0, 1, 0, 1], 2, { penalty: 0.1, tolerance: 1e-12 });
    const [w, b] = [data[2]! - data[0]!, data[3]! - data[1]!];
    const missed = Array.from(few.data, (value, n) => 1 / (1 + Math.exp(-w * value - b)) - (n % 2));
    // With two rows of weights of opposite sign, the penalty on their difference is half of that on each.
    expect(missed.reduce((sum, m, n) => sum + (m * few.data[n]!) / 4, 0) + 0.05 * w).toBeCloseTo(0, 10);
    expect(missed.reduce((sum, m) => sum + m, 0)).toBeCloseTo(0, 10);
  });

  test('tells classes that features tell, and the largest one where the penalty leaves nothing else', () => {
    expect(share(likeliest(x, logistic(x, labels, 3, { penalty: 1e-3 })), labels)).toBeGreaterThan(0.7);
    const most = Int32Array.from(labels, (c, n) => (n < 200 ? 1 : c));
    const constant = likeliest(x, logistic(x, most, 3, { penalty: 1e6 }));
    expect(constant.every((c) => c === 1)).toBe(true);
  });

  test('classes that are told apart with certainty leave weights finite', () => {
    const apart = Int32Array.from({ length: 300 }, (_, n) => Number(x.data[3 * n]! > 0));
    const { data } = logistic(x, apart, 2, { penalty: 1e-4 });
    expect(data.every(Number.isFinite)).toBe(true);
    expect(share(likeliest(x, { rows: 2, columns: 4, data }), apart)).toBeGreaterThan(0.99);
  });

  test('comes to the same from another start', () => {
    const exact = { penalty: 0.01, tolerance: 1e-10, steps: 500 };
    const cold = logistic(x, labels, 3, exact);
    const warm = logistic(x, labels, 3, { ...exact, start: logistic(x, labels, 3, { penalty: 1 }) });
    for (const [i, w] of cold.data.entries()) if (i % 4 < 3) expect(warm.data[i]).toBeCloseTo(w, 8);
  });

  test('a class that no sample has is never the likeliest', () => {
    const predicted = likeliest(x, logistic(x, labels, 4, { penalty: 1e-3 }));
    expect(predicted.includes(3)).toBe(false);
  });
});
