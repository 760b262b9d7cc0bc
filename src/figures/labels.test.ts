import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { placedLabels, type Labelled, type Placed } from './labels.ts';

const frame = { width: 200, height: 200 };
const label = { radius: 4, width: 36, height: 7 };

const overlap = (a: Placed, b: Placed, { width, height }: Pick<Labelled, 'width' | 'height'>): boolean =>
  Math.abs(a.x - b.x) < width - 1e-9 && Math.abs(a.y - b.y) < height - 1e-9;

describe('names of points', () => {
  test('of fourteen models on a diagonal lie apart, on no point and within the frame', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const draws = random(seed, 'labels');
      const points = Array.from({ length: 14 }, () => {
        const along = 60 + 80 * (draws.integer(1000) / 1000);
        return { x: along, y: 200 - along + 4 * draws.normal(), ...label };
      });
      const placed = placedLabels(points, frame);
      for (const [n, one] of placed.entries()) {
        expect(one.x - label.width / 2).toBeGreaterThanOrEqual(0);
        expect(one.x + label.width / 2).toBeLessThanOrEqual(frame.width);
        expect(one.y - label.height / 2).toBeGreaterThanOrEqual(0);
        expect(one.y + label.height / 2).toBeLessThanOrEqual(frame.height);
        for (const other of placed.slice(n + 1)) expect(overlap(one, other, label)).toBe(false);
        for (const { x, y, radius } of points)
          expect(
            overlap(one, { x, y, far: false }, { width: label.width / 2 + radius, height: label.height / 2 + radius }),
          ).toBe(false);
      }
    }
  });

  test('lie beside their point where there is room, and a line leads to those that do not', () => {
    expect(placedLabels([{ x: 100, y: 100, ...label }], frame)[0]).toEqual({ x: 123, y: 100, far: false });
    const same = Array.from({ length: 8 }, () => ({ x: 100, y: 100, ...label }));
    const placed = placedLabels(same, frame);
    expect(placed[0]!.far).toBe(false);
    expect(placed.filter(({ far }) => far).length).toBeGreaterThan(0);
  });

  test('at the right rim stand on the left of their point', () => {
    expect(placedLabels([{ x: 190, y: 100, ...label }], frame)[0]!.x).toBeLessThan(190);
  });
});
