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
