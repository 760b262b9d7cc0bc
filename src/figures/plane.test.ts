import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { planeOf, projections } from './plane.ts';

/** Two clouds of 20 points in five dimensions, far apart. */
function clouds(): { readonly rows: number; readonly columns: number; readonly data: Float64Array } {
  const draws = random(1, 'test');
  const data = Float64Array.from({ length: 200 }, (_, i) => draws.normal() + (i < 100 ? 0 : 20));
  return { rows: 40, columns: 5, data };
}

describe.each(projections)('%s', (projection) => {
  test('has the same plane each time', async () => {
    const [first, second] = [await planeOf(clouds(), projection), await planeOf(clouds(), projection)];
    expect(first.points).toHaveLength(80);
    expect(first).toEqual(second);
  });

  test('keeps two clouds apart: the nearest of each point is of its own', async () => {
    const { points } = await planeOf(clouds(), projection);
    for (let i = 0; i < 40; i++) {
      const distance = (j: number): number =>
        Math.hypot(points[2 * i]! - points[2 * j]!, points[2 * i + 1]! - points[2 * j + 1]!);
      const others = [...Array(40).keys()].filter((j) => j !== i).toSorted((a, b) => distance(a) - distance(b));
      expect(others[0]! < 20).toBe(i < 20);
    }
  });
});
