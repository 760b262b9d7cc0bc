import { describe, expect, test } from 'vitest';
import { checkOp, evaluate, gradientError } from '../../runtime/testing.ts';
import { concat, input, stack, type Tensor } from '../index.ts';

test('reshape', () =>
  checkOp(
    (x) => x.reshape([3, 2]),
    [[2, 3]],
    (x) => x,
  ));
test('reshape to the same shape is the tensor itself', () => {
  const x = input('x', [2, 3]);
  expect(x.reshape([2, 3])).toBe(x);
});
test('transpose swaps the last two axes', () =>
  checkOp(
    (x) => x.transpose(),
    [[2, 3]],
    (x) => [0, 3, 1, 4, 2, 5].map((i) => x[i]!),
  ));
test('transpose in a given order', () =>
  checkOp(
    (x) => x.transpose([2, 0, 1]),
    [[2, 1, 3]],
    (x) => [0, 3, 1, 4, 2, 5].map((i) => x[i]!),
  ));
test('transpose by axes counted from the back', () =>
  checkOp(
    (x) => x.transpose([0, -1, -2]),
    [[1, 2, 3]],
    (x) => [0, 3, 1, 4, 2, 5].map((i) => x[i]!),
  ));
test('expand a row', () =>
  checkOp(
    (x) => x.expand([2, 3]),
    [[3]],
    (x) => [...x, ...x],
  ));
test('expand a column', () =>
  checkOp(
    (x) => x.expand([2, 2]),
    [[2, 1]],
    (x) => x.flatMap((v) => [v, v]),
  ));
test('expand a scalar', () =>
  checkOp(
    (x) => x.expand([2, 1, 2]),
    [[]],
    (x) => [x, x, x, x].flat(),
  ));
test('concat of rows', () =>
  checkOp(
    (a, b) => concat([a, b], 0),
    [
      [1, 2],
      [2, 2],
    ],
    (a, b) => [...a, ...b],
  ));
test('concat of columns', () =>
  checkOp(
    (a, b) => concat([a, b], -1),
    [
      [2, 1],
      [2, 2],
    ],
    (a, b) => [a[0]!, b[0]!, b[1]!, a[1]!, b[2]!, b[3]!],
  ));
test('concat of a tensor with itself', () =>
  checkOp(
    (a) => concat([a, a], 0),
    [[2]],
    (a) => [...a, ...a],
  ));
test('stack', () =>
  checkOp(
    (a, b) => stack([a, b]),
    [[2], [2]],
    (a, b) => [...a, ...b],
  ));
test('slice of rows', () =>
  checkOp(
    (x) => x.slice(0, 1, 3),
    [[4, 2]],
    (x) => x.slice(2, 6),
  ));
test('slice of columns', () =>
  checkOp(
    (x) => x.slice(-1, 1, 2),
    [[2, 3]],
    (x) => [x[1]!, x[4]!],
  ));
test('slice of everything is the tensor itself', () => {
  const x = input('x', [2, 3]);
  expect(x.slice(1, 0, 3)).toBe(x);
});
test('pad', () =>
  checkOp(
    (x) => x.pad(1, 1, 2),
    [[2, 1]],
    (x) => [0, x[0]!, 0, 0, 0, x[1]!, 0, 0],
  ));

describe('split', () => {
  const x = input('x', [2, 5]);
  test('cuts an axis into parts, which concat joins again', async () => {
    const [a, b] = x.split(1, [2, 3]) as [Tensor, Tensor];
    const values = await evaluate({ a, b, whole: concat([a, b], 1) }, { x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(values).toEqual({ a: [0, 1, 5, 6], b: [2, 3, 4, 7, 8, 9], whole: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
  });
  test('gradients join again, with zeros for a part that nothing depends on', () =>
    expect(
      gradientError(
        (t) => {
          const [a, , c] = t.split(-1, [1, 2, 3]);
          return a!.mul(c!.square());
        },
        [[2, 6]],
      ),
    ).resolves.toBeLessThan(1e-6));
  test('into one part is the tensor itself', () => {
    expect(x.split(0, [2])).toEqual([x]);
  });
  test('parts that do not add up are an error', () => {
    expect(() => x.split(1, [2, 2])).toThrow('Cannot split axis 1 of [2,5] into 2 + 2 = 4.');
    expect(() => x.split(1, [4])).toThrow('Cannot split axis 1 of [2,5] into 4 = 4.');
  });
});

test('booleans and integers move too', async () => {
  const mask = input('mask', [2], 'bool').reshape([2, 1]).expand([2, 2]).transpose();
  const ids = concat([input('ids', [2], 'int64'), input('more', [1], 'int64')], 0)
    .slice(0, 1, 3)
    .pad(0, 1, 0);
  const values = await evaluate({ mask, ids }, { mask: [0, 1], ids: [5, -6], more: [7] });
  expect(values).toEqual({ mask: [0, 1, 0, 1], ids: [0, -6, 7] });
});

describe('errors name both shapes', () => {
  const x = input('x', [2, 3]);
  test.each([
    [() => x.reshape([4, 2]), 'Cannot reshape [2,3] (6 values) to [4,2] (8).'],
    [() => x.expand([2, 4]), 'Cannot broadcast [2,3] with [2,4]: axis 1 is 3 in one and 4 in the other.'],
    [() => x.expand([3]), 'Cannot expand [2,3] to [3].'],
    [() => x.transpose([0, 0]), 'Cannot transpose [2,3] by [0,0]: each of the 2 axes must be named once.'],
    [() => input('v', [3]).transpose(), 'Cannot transpose [3]: it has no last two axes to swap.'],
    [() => concat([x, input('y', [2, 4])], 0), 'Cannot concatenate [2,3] and [2,4] along axis 0.'],
    [
      () => concat([x, input('y', [2, 3], 'int64')], 0),
      'concat() needs tensors of one dtype, got float32 and int64; use .cast().',
    ],
    [() => concat([], 0), 'concat() needs at least one tensor.'],
    [() => x.slice(1, 2, 4), 'Cannot slice axis 1 of [2,3] from 2 to 4.'],
    [() => x.pad(0, -1, 0), 'Cannot pad [2,3] by -1 and 0.'],
  ])('%#', (attempt, message) => {
    expect(attempt).toThrow(message);
  });
});
