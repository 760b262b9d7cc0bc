import { expect, test } from 'vitest';
import { gradients, input } from '../tensor/index.ts';
import { dropout, reluDropout } from './dropout.ts';
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

test('of a ReLU: the same values and gradients as one after the other', async () => {
  const feeds = { x: [-1, 2, 3, 0, 5, -6], 'dropout.a': [2, 0, 2, 2, 2, 0], 'dropout.b': [2, 0, 2, 2, 2, 0] };
  const { one, two, done, dtwo } = await runLayer(
    (scope, x) => {
      const input = x('x', [6]);
      const [one, two] = [reluDropout(scope, 'a', input, 0.5), dropout(scope, 'b', input.relu(), 0.5)];
      const [done, dtwo] = [one, two].map((y) => gradients(y.square().sum(), [input])[0]!);
      return { one, two, done: done!, dtwo: dtwo! };
    },
    feeds,
    { training: true },
  );
  expect(one).toEqual([0, 0, 6, 0, 10, 0]);
  expect([one, done]).toEqual([two, dtwo]);
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
