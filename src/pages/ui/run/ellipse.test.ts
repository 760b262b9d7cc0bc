import { expect, test } from 'vitest';
import { ellipseOf } from './ellipse.ts';

const same = { x: (value: number): number => value, y: (value: number): number => value };

test('points lie at a distance of 1 by the covariance', () => {
  const [xx, yy, xy] = [400, 900, 300];
  const determinant = xx * yy - xy * xy;
  for (const point of ellipseOf([50, -20], [xx, yy, xy], same).split(' ')) {
    const [x, y] = point.split(',').map(Number) as [number, number];
    const [dx, dy] = [x - 50, y + 20];
    expect((yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant).toBeCloseTo(1, 1);
  }
});

test('a Gaussian without a width is a point', () => {
  expect(new Set(ellipseOf([1, 2], [0, 0, 0], same).split(' '))).toEqual(new Set(['1.0,2.0']));
});
