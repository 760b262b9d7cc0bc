import { expect, test } from 'vitest';
import { input } from '../tensor/index.ts';
import { dropout } from './dropout.ts';
import { Scope } from './scope.ts';
import { runLayer } from './testing.ts';

test('while training, x times a mask that is fed, under a name of its own', async () => {
  const scope = new Scope({ training: true });
  dropout(scope.at('layers', 0), 'hidden', input('x', [2, 2]), 0.25);
  expect([...scope.dropouts].map(([name, { rate, mask }]) => [name, rate, mask.shape])).toEqual([
    ['dropout.layers.0.hidden', 0.25, [2, 2]],
  ]);
  const { y } = await runLayer(
    (inner, x) => ({ y: dropout(inner, 'hidden', x('x', [2, 2]), 0.25) }),
    { x: [1, 2, 3, 4], 'dropout.hidden': [4 / 3, 0, 4 / 3, 0] },
    { training: true },
  );
  expect(y).toEqual([4 / 3, 0, 4, 0]);
});

test('is nothing at rate 0 and in evaluation', () => {
  const x = input('x', [2]);
  const training = new Scope({ training: true });
  expect(dropout(training, 'a', x, 0)).toBe(x);
  expect(training.dropouts.size).toBe(0);
  expect(dropout(new Scope(), 'a', x, 0.5)).toBe(x);
});

test.each([-0.1, 1, NaN])('a rate of %d is an error', (rate) => {
  expect(() => dropout(new Scope(), 'hidden', input('x', [2]), rate)).toThrow(
    `Dropout "hidden" needs a rate within 0 <= rate < 1, got ${rate}.`,
  );
});
