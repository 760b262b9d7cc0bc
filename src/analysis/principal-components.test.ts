import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { principalPlane } from './principal-components.ts';

/** Points that differ by 3, 2 and 0.1 along the axes, turned by 30 degrees in the first two, around a mean of 5. */
function made(rows: number): { rows: number; columns: number; data: Float64Array } {
  const draws = random(1, 'principal');
  const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const data = Float64Array.from(
    Array.from({ length: rows }, () => {
      const [a, b, c] = [3 * draws.normal(), 2 * draws.normal(), 0.1 * draws.normal()];
      return [5 + cos * a - sin * b, 5 + sin * a + cos * b, 5 + c];
    }).flat(),
  );
  return { rows, columns: 3, data };
}

describe('the principal plane', () => {
  test('has the variance in falling shares', () => {
    const { shares } = principalPlane(made(2000));
    expect(shares[0]).toBeCloseTo(9 / 13.01, 1);
    expect(shares[1]).toBeCloseTo(4 / 13.01, 1);
    expect(shares[0] + shares[1]).toBeGreaterThan(0.998);
  });

  test('keeps the distances of points that lie in it', () => {
    const { rows, columns, data } = made(50);
    const { points } = principalPlane({ rows, columns, data });
    const far = Math.hypot(...[0, 1, 2].map((d) => data[d]! - data[3 + d]!));
    expect(Math.hypot(points[0]! - points[2]!, points[1]! - points[3]!)).toBeCloseTo(far, 1);
  });

  test('is the same where all points are mirrored: directions have one sense', () => {
    const { rows, columns, data } = made(50);
    const again = principalPlane({ rows, columns, data: data.map((x) => 10 - x) });
    const { points } = principalPlane({ rows, columns, data });
    for (const [i, x] of points.entries()) expect(again.points[i]).toBeCloseTo(-x, 6);
  });

  test('of points that are all alike is a single place', () => {
    const { points, shares } = principalPlane({ rows: 4, columns: 3, data: new Float64Array(12).fill(2) });
    expect([...points]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(shares).toEqual([0, 0]);
  });
});
