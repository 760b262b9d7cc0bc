import { expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { addPositions } from './positional-embedding.ts';
import { runLayer } from './testing.ts';

test('sin and cos of t / 10000^(2i/D), added to every sample', async () => {
  const x = Array.from({ length: 12 }, (_, i) => i);
  const { y } = await runLayer((_, given) => ({ y: addPositions(given('x', [2, 2, 3])) }), { x });
  const positions = [0, 1, 0, Math.sin(1), Math.cos(1), Math.sin(1 / 10000 ** (2 / 3))];
  expect(
    relativeError(
      y!,
      x.map((v, i) => v + positions[i % 6]!),
    ),
  ).toBeLessThan(1e-12);
});

test('in halves: sines, then cosines, of t + 1; of an odd width the last feature has none', async () => {
  const { y } = await runLayer((_, given) => ({ y: addPositions(given('x', [1, 2, 5]), 'halves') }), {
    x: Array<number>(10).fill(0),
  });
  const at = (t: number): number[] => [Math.sin(t), Math.sin(t / 1e4), Math.cos(t), Math.cos(t / 1e4), 0];
  expect(relativeError(y!, [...at(1), ...at(2)])).toBeLessThan(1e-12);
});
