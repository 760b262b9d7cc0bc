import { describe, expect, test } from 'vitest';
import { checkOp, evaluate } from '../../runtime/testing.ts';
import { gradients, input, type Tensor } from '../index.ts';

const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);
const mean = (x: readonly number[]): number => sum(x) / x.length;
const largest = (x: readonly number[]): number => Math.max(...x);
const smallest = (x: readonly number[]): number => Math.min(...x);
const logSumExp = (x: readonly number[]): number => Math.log(sum(x.map(Math.exp)));
const softmax = (x: readonly number[]): number[] => x.map((v) => Math.exp(v - logSumExp(x)));

/** The lines of `[2,3,2]` values along some axes, in the order of the reduced result. */
const lines = (x: readonly number[], axes: readonly number[]): number[][] => {
  const groups = new Map<string, number[]>();
  x.forEach((value, i) => {
    const place = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2].map((p, axis) => (axes.includes(axis) ? 0 : p));
    groups.set(String(place), [...(groups.get(String(place)) ?? []), value]);
  });
  return [...groups.values()];
};

describe.each([
  ['sum', (x: Tensor, axes?: number[], keep?: boolean) => x.sum(axes, keep), sum],
  ['mean', (x: Tensor, axes?: number[], keep?: boolean) => x.mean(axes, keep), mean],
  ['maximum', (x: Tensor, axes?: number[], keep?: boolean) => x.maximum(axes, keep), largest],
  ['minimum', (x: Tensor, axes?: number[], keep?: boolean) => x.minimum(axes, keep), smallest],
  ['logSumExp', (x: Tensor, axes?: number[], keep?: boolean) => x.logSumExp(axes, keep), logSumExp],
] as const)('%s', (_, f, expected) => {
  test.each([[[0]], [[1]], [[2]], [[0, 2]], [[1, 2]], [[0, 1, 2]]])('along %j', (axes) =>
    checkOp(
      (x) => f(x, axes),
      [[2, 3, 2]],
      (x) => lines(x, axes).map(expected),
    ),
  );
  test('of everything', () =>
    checkOp(
      (x) => f(x),
      [[2, 3, 2]],
      (x) => [expected(x)],
    ));
  test('along no axis is the tensor itself', () => {
    const x = input('x', [2, 3]);
    expect(f(x, [])).toBe(x);
  });
  test('of a scalar is that scalar', () =>
    checkOp(
      (x) => f(x),
      [[]],
      (x) => x,
    ));
  test('may keep its axes, which then broadcast', () => {
    expect(f(input('x', [2, 3, 4]), [-1, 0], true).shape).toEqual([1, 3, 1]);
    return checkOp(
      (x) => x.sub(f(x, [0, 1, 2], true)),
      [[2, 3, 2]],
      (x) => x.map((v) => v - expected(x)),
    );
  });
  test('of an axis that is not there', () => {
    expect(() => f(input('x', [2, 3]), [2])).toThrow('Axis 2 is out of range for a tensor of rank 2.');
  });
});

test.each([0, 1, -1])('softmax along %d', (axis) =>
  checkOp(
    (x) => x.softmax(axis),
    [[3, 3]],
    (x) => along(x, axis, softmax),
  ),
);
test.each([0, 1, -1])('logSoftmax along %d', (axis) =>
  checkOp(
    (x) => x.logSoftmax(axis),
    [[3, 3]],
    (x) => along(x, axis, (v) => softmax(v).map(Math.log)),
  ),
);
const flip = (x: readonly number[]): number[] => x.map((_, i) => x[(i % 3) * 3 + Math.floor(i / 3)]!);
function along(x: readonly number[], axis: number, f: (x: readonly number[]) => number[]): number[] {
  const rows = axis === 0 ? flip(x) : x;
  const y = [0, 3, 6].flatMap((start) => f(rows.slice(start, start + 3)));
  return axis === 0 ? flip(y) : y;
}

test('equal largest values share the gradient', async () => {
  const x = input('x', [4]);
  const [dx] = gradients(x.maximum(), [x]);
  expect((await evaluate({ dx: dx! }, { x: [2, 5, 5, 1] }))['dx']).toEqual([0, 0.5, 0.5, 0]);
});

describe('at extreme values', () => {
  const rows = [1e4, 1e4, 0, -1e4, -1e4, -1e4, -Infinity, 3, -Infinity, 1e4, -1e4, -Infinity];
  const x = input('x', [4, 3]);
  const run = async (y: Tensor): Promise<number[]> => {
    const [dx] = gradients(y.mul(1).sum(), [x]);
    const { value, gradient } = await evaluate({ value: y, gradient: dx! }, { x: rows });
    expect(gradient!.every(Number.isFinite)).toBe(true);
    return value!;
  };
  test('logSumExp is finite and right', async () => {
    const y = await run(x.logSumExp([-1]));
    [1e4 + Math.log(2), -1e4 + Math.log(3), 3, 1e4].forEach((expected, i) => expect(y[i]).toBeCloseTo(expected, 2));
  });
  test('softmax is finite and right', async () => {
    const y = await run(x.softmax());
    [0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3, 0, 1, 0, 1, 0, 0].forEach((expected, i) => expect(y[i]).toBeCloseTo(expected));
  });
  test('logSumExp of nothing but -∞ is -∞, and no gradient flows', async () => {
    const y = x.logSumExp([-1]);
    const [dx] = gradients(y.sum(), [x]);
    const values = await evaluate({ y, dx: dx! }, { x: rows.map(() => -Infinity) });
    expect(values['y']).toEqual([-Infinity, -Infinity, -Infinity, -Infinity]);
    expect(values['dx']).toEqual(rows.map(() => 0));
  });
});
