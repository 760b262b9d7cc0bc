import { expect, test } from 'vitest';
import { evaluate } from '../../runtime/testing.ts';
import { constant, full, input } from '../index.ts';

test('constants of every dtype', async () => {
  const values = await evaluate({
    float32: constant([0.5, -0], [2]),
    float64: constant([0.1], [1], 'float64'),
    int64: constant([-3, 2 ** 40], [2], 'int64'),
    bool: constant([1, 0], [2], 'bool'),
  });
  expect(values).toEqual({ float32: [0.5, -0], float64: [0.1], int64: [-3, 2 ** 40], bool: [1, 0] });
});

test('full is one stored value', async () => {
  const y = full([2, 3], 7);
  expect(y.node.inputs[0]!.shape).toEqual([]);
  expect((await evaluate({ y }))['y']).toEqual([7, 7, 7, 7, 7, 7]);
});

test('a tensor prints its op, shape and dtype', () => {
  expect(String(input('x', [2, 3]))).toBe('Tensor(Input, [2,3], float32)');
});

test('errors', () => {
  expect(() => constant([1, 2], [3])).toThrow('constant() of shape [3] needs 3 values, got 2.');
  expect(() => constant([1, 0.5], [2], 'int64')).toThrow(
    'constant() of int64 needs whole numbers, got 0.5 at position 1; use .cast().',
  );
  expect(() => input('x', [2, -1])).toThrow('input("x") has shape [2,-1]; dimensions are whole numbers.');
});
