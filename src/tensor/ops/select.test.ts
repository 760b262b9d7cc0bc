import { describe, expect, test } from 'vitest';
import { checkOp, evaluate } from '../../runtime/testing.ts';
import { constant, gradients, input, where, withGradient } from '../index.ts';

const mask = constant([1, 0, 1], [3], 'bool');

test('where of tensors', () =>
  checkOp(
    (a, b) => where(mask, a, b),
    [[3], [3]],
    (a, b) => [a[0]!, b[1]!, a[2]!],
  ));
test('where stretches its branches', () =>
  checkOp(
    (a, b) => where(mask, a, b),
    [[2, 1], []],
    ([a, b], [c]) => [a!, c!, a!, b!, c!, b!],
  ));
test('where stretches its condition', () =>
  checkOp(
    (a) => where(mask, a, 7),
    [[2, 3]],
    (a) => a.map((x, i) => (i % 3 === 1 ? 7 : x)),
  ));
test('where keeps NaN of the branch not taken out of the value', async () => {
  const x = input('x', [3]);
  expect((await evaluate({ y: where(mask, x, 0) }, { x: [1, NaN, 3] }))['y']).toEqual([1, 0, 3]);
});

test('detach keeps the value and stops the gradient', async () => {
  const x = input('x', [2]);
  const [dx] = gradients(x.mul(x.detach()).sum(), [x]);
  expect((await evaluate({ dx: dx! }, { x: [3, 4] }))['dx']).toEqual([3, 4]);
  expect(gradients(x.detach().sum(), [x])).toEqual([undefined]);
});

describe('withGradient', () => {
  const [x, y] = [input('x', [2]), input('y', [2])];
  const f = withGradient(x.mul(y), [x, y], (dy) => [dy.mul(10), dy.mul(y)]);
  test('keeps the value and replaces the gradient', async () => {
    const [dx, dy] = gradients(f.mul(2).sum(), [x, y]);
    const values = await evaluate({ f, dx: dx!, dy: dy! }, { x: [3, 4], y: [5, 6] });
    expect(values).toEqual({ f: [15, 24], dx: [20, 20], dy: [10, 12] });
  });
  test('lets nothing flow through what computed the value', () => {
    expect(gradients(withGradient(x.mul(y), [x], (dy) => [dy]).sum(), [y])).toEqual([undefined]);
  });
});

test('errors name the dtypes', () => {
  expect(() => where(input('c', [3]), 1, 0)).toThrow('where() needs a bool condition, got float32.');
  expect(() => where(mask, input('a', [3]), input('b', [3], 'float64'))).toThrow(
    'where() needs branches of one dtype, got float32 and float64.',
  );
});
