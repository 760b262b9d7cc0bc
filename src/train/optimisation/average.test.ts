import { expect, test } from 'vitest';
import { moveAverage } from './average.ts';

test('early on the average follows fast, whatever the decay', () => {
  const average = { w: Float32Array.of(0, 10) };
  moveAverage(average, { w: Float32Array.of(1, 0) }, 0.99, 1);
  expect([...average.w]).toEqual([Math.fround(0.9), 1]);
});

test('later it moves by 1 - decay a step', () => {
  const average = { w: Float32Array.of(0) };
  moveAverage(average, { w: Float32Array.of(1) }, 0.75, 1000);
  expect(average.w[0]).toBe(0.25);
});
