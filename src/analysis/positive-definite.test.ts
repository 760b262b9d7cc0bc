import { expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { timesTransposed, type Matrix } from './matrix.ts';
import { solve } from './positive-definite.ts';

const drawn = (rows: number, columns: number, name: string): Matrix => {
  const stream = random(1, name);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => stream.normal()) };
};

test.each([1, 3, 64, 65, 131, 200])('(A + penalty·I) z = y for A of size %i, over the edges of blocks', (size) => {
  const root = drawn(size, size, 'root');
  const a = timesTransposed(root, root);
  const y = drawn(2, size, 'right');
  const z = solve(a, 0.7, y);
  const back = timesTransposed(z, a);
  for (const [i, value] of back.data.entries()) expect(value + 0.7 * z.data[i]!).toBeCloseTo(y.data[i]!, 8);
});

test('a matrix of rank one is solved up to its penalty', () => {
  const ones = { rows: 70, columns: 70, data: new Float64Array(4900).fill(1) };
  const { data } = solve(ones, 1e-3, { rows: 1, columns: 70, data: new Float64Array(70).fill(1) });
  for (const z of data) expect(z).toBeCloseTo(1 / 70.001, 9);
});
