import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import type { Matrix } from './matrix.ts';
import { tsne } from './tsne.ts';

/** Three clouds in ten dimensions, one after the other, whose centres are 10 deviations apart. */
function clouds(each: number): Matrix {
  const draws = random(1, 'test');
  const data = Float64Array.from({ length: 3 * each * 10 }, (_, i) => {
    const cloud = Math.floor(i / (each * 10));
    return draws.normal() + (i % 10 === cloud ? 10 : 0);
  });
  return { rows: 3 * each, columns: 10, data };
}

const distance = (plane: Float64Array, i: number, j: number): number =>
  Math.hypot(plane[2 * i]! - plane[2 * j]!, plane[2 * i + 1]! - plane[2 * j + 1]!);

describe('t-SNE', () => {
  test('keeps neighbours: the nearest of each point is of its cloud', () => {
    const each = 30;
    const plane = tsne(clouds(each), { perplexity: 10 });
    for (let i = 0; i < 3 * each; i++) {
      const others = [...Array(3 * each).keys()].filter((j) => j !== i);
      const nearest = others.toSorted((a, b) => distance(plane, i, a) - distance(plane, i, b))[0]!;
      expect(Math.floor(nearest / each)).toBe(Math.floor(i / each));
    }
  });

  test('lowers the divergence of the planes from that of the start', () => {
    const points = clouds(15);
    expect(divergence(points, tsne(points))).toBeLessThan(0.5 * divergence(points, tsne(points, { iterations: 0 })));
  });

  test('has the same plane each time', () => {
    expect(tsne(clouds(8))).toEqual(tsne(clouds(8)));
  });

  test('of points that are all alike, and of three points, has finite places', () => {
    for (const points of [
      { rows: 9, columns: 2, data: new Float64Array(18).fill(3) },
      { rows: 3, columns: 1, data: Float64Array.of(0, 1, 5) },
    ])
      expect(tsne(points).every(Number.isFinite)).toBe(true);
  });
});

/** KL(P ‖ Q) with one bandwidth for all points, which is another P than that which is minimised, and as telling. */
function divergence({ rows, columns, data }: Matrix, plane: Float64Array): number {
  const shares = (of: (i: number, j: number) => number): number[] => {
    const all = [...Array(rows * rows).keys()].map((k) => {
      const [i, j] = [Math.floor(k / rows), k % rows];
      return i === j ? 0 : of(i, j);
    });
    const total = all.reduce((a, b) => a + b, 0);
    return all.map((x) => x / total);
  };
  const p = shares((i, j) => {
    let square = 0;
    for (let d = 0; d < columns; d++) square += (data[i * columns + d]! - data[j * columns + d]!) ** 2;
    return Math.exp(-square / 8);
  });
  const q = shares((i, j) => 1 / (1 + distance(plane, i, j) ** 2));
  return p.reduce((sum, x, k) => sum + (x > 0 ? x * Math.log(x / q[k]!) : 0), 0);
}
