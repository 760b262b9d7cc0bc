import { describe, expect, test } from 'vitest';
import { checkOp, evaluate } from '../../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../index.ts';

/** Simpson's rule over 2/√π e^(−t²) from 0 to x. */
function erf(x: number): number {
  const steps = 2000;
  const f = (i: number): number => Math.exp(-(((x * i) / steps) ** 2)) * (i % steps === 0 ? 1 : i % 2 === 1 ? 4 : 2);
  const sum = Array.from({ length: steps + 1 }, (_, i) => f(i)).reduce((a, b) => a + b);
  return (2 / Math.sqrt(Math.PI)) * (x / steps / 3) * sum;
}

type Unary = [string, (x: Tensor) => Tensor, (x: number) => number, range?: readonly [number, number]];
const unary: Unary[] = [
  ['neg', (x) => x.neg(), (x) => -x],
  ['abs', (x) => x.abs(), Math.abs],
  ['exp', (x) => x.exp(), Math.exp],
  ['log', (x) => x.log(), Math.log, [0.1, 3]],
  ['sqrt', (x) => x.sqrt(), Math.sqrt, [0.1, 3]],
  ['reciprocal', (x) => x.reciprocal(), (x) => 1 / x, [0.5, 3]],
  ['tanh', (x) => x.tanh(), Math.tanh, [-3, 3]],
  ['sigmoid', (x) => x.sigmoid(), (x) => 1 / (1 + Math.exp(-x)), [-5, 5]],
  ['erf', (x) => x.erf(), erf, [-4, 4]],
  ['relu', (x) => x.relu(), (x) => Math.max(x, 0)],
  ['square', (x) => x.square(), (x) => x * x],
  ['sign, flat', (x) => x.sign().mul(x), (x) => Math.sign(x) * x],
  ['floor, flat', (x) => x.floor().mul(x), (x) => Math.floor(x) * x, [-3, 3]],
  ['round, flat', (x) => x.round().mul(x), (x) => Math.round(x) * x, [-3, 3]],
  ['a number', (x) => x.add(2).mul(3).sub(1).div(4), (x) => ((x + 2) * 3 - 1) / 4],
  ['pow -1', (x) => x.pow(-1), (x) => x ** -1, [0.5, 2]],
  ['pow 0', (x) => x.pow(0).mul(x), (x) => x],
  ['pow 0.5', (x) => x.pow(0.5), (x) => x ** 0.5, [0.5, 2]],
  ['pow 1', (x) => x.pow(1), (x) => x],
  ['pow 1.5', (x) => x.pow(1.5), (x) => x ** 1.5, [0.5, 2]],
  ['pow 2', (x) => x.pow(2), (x) => x ** 2],
  ['pow 2.7', (x) => x.pow(2.7), (x) => x ** 2.7, [0.5, 2]],
  ['pow 3', (x) => x.pow(3), (x) => x ** 3],
  ['pow 4', (x) => x.pow(4), (x) => x ** 4],
  ['clamp', (x) => x.clamp({ low: -0.5, high: 0.25 }), (x) => Math.min(Math.max(x, -0.5), 0.25)],
  ['clamp from below', (x) => x.clamp({ low: 0.1 }), (x) => Math.max(x, 0.1)],
  ['clamp to nothing', (x) => x.clamp({}), (x) => x],
];
test.each(unary)('%s', (_, f, expected, range = [-1, 1]) => checkOp(f, [[3, 4]], (x) => x.map(expected), { range }));

type Binary = [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number];
const binary: Binary[] = [
  ['add', (a, b) => a.add(b), (a, b) => a + b],
  ['sub', (a, b) => a.sub(b), (a, b) => a - b],
  ['mul', (a, b) => a.mul(b), (a, b) => a * b],
  ['div', (a, b) => a.div(b.add(3)), (a, b) => a / (b + 3)],
  ['max', (a, b) => a.max(b), Math.max],
  ['min', (a, b) => a.min(b), Math.min],
];
describe.each(binary)('%s', (_, f, expected) => {
  test('of equal shapes', () =>
    checkOp(
      f,
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => a.map((x, i) => expected(x, b[i]!)),
    ));
  test('stretches a row', () => checkOp(f, [[2, 3], [3]], (a, b) => a.map((x, i) => expected(x, b[i % 3]!))));
  test('stretches a column', () =>
    checkOp(
      f,
      [
        [2, 1],
        [2, 3],
      ],
      (a, b) => b.map((y, i) => expected(a[Math.floor(i / 3)]!, y)),
    ));
  test('stretches a scalar', () => checkOp(f, [[], [2, 2]], (a, b) => b.map((y) => expected(a[0]!, y))));
  test('stretches both', () =>
    checkOp(
      f,
      [
        [3, 1],
        [1, 2],
      ],
      (a, b) => a.flatMap((x) => b.map((y) => expected(x, y))),
    ));
});

const a = [1, 2, 3, NaN, -Infinity];
const b = [2, 2, 2, 2, -Infinity];
test.each([
  ['greater', (x: Tensor, y: Tensor) => x.greater(y), [0, 0, 1, 0, 0]],
  ['greaterOrEqual', (x: Tensor, y: Tensor) => x.greaterOrEqual(y), [0, 1, 1, 0, 1]],
  ['less', (x: Tensor, y: Tensor) => x.less(y), [1, 0, 0, 0, 0]],
  ['lessOrEqual', (x: Tensor, y: Tensor) => x.lessOrEqual(y), [1, 1, 0, 0, 1]],
  ['equal', (x: Tensor, y: Tensor) => x.equal(y), [0, 1, 0, 0, 1]],
  ['and', (x: Tensor, y: Tensor) => x.less(3).and(y.greater(0)), [1, 1, 0, 0, 0]],
  ['or', (x: Tensor, y: Tensor) => x.less(2).or(y.less(0)), [1, 0, 0, 0, 1]],
  ['not', (x: Tensor, y: Tensor) => x.less(y).not(), [0, 1, 1, 1, 1]],
])('%s', async (_, f, expected) => {
  const y = f(input('a', [5], 'float64'), input('b', [5], 'float64'));
  expect(y.dtype).toBe('bool');
  expect((await evaluate({ y }, { a, b }))['y']).toEqual(expected);
});

test('round takes halves to the even neighbour', async () => {
  const x = [-2.5, -1.5, -0.6, 0.5, 1.5, 2.4, 2.5, 3.5];
  const { fed, folded } = await evaluate({ fed: input('x', [8]).round(), folded: constant(x, [8]).round() }, { x });
  expect(fed!.map((y) => y + 0)).toEqual([-2, -2, -1, 0, 2, 2, 2, 4]);
  expect(folded).toEqual(fed);
});

test('max and min give the gradient to the first of equals', async () => {
  const [x, y] = [input('x', [2]), input('y', [2])];
  const [dx, dy] = gradients(x.max(y).sum(), [x, y]);
  const [ex, ey] = gradients(x.min(y).sum(), [x, y]);
  const feeds = { x: [1, 2], y: [1, 3] };
  expect(await evaluate({ dx: dx!, dy: dy!, ex: ex!, ey: ey! }, feeds)).toEqual({
    dx: [1, 0],
    dy: [0, 1],
    ex: [1, 1],
    ey: [0, 0],
  });
});

test('cast keeps gradients between floats and stops them at integers', async () => {
  await checkOp(
    (x) => x.cast('float64').mul(2),
    [[3]],
    (x) => x.map((v) => 2 * v),
  );
  const x = input('x', [3]);
  expect(gradients(x.cast('int64').cast('float32').sum(), [x])).toEqual([undefined]);
  expect((await evaluate({ y: x.cast('int64') }, { x: [-1.5, 0.9, 2] }))['y']).toEqual([-1, 0, 2]);
});

test('errors name the op, both shapes and both dtypes', () => {
  const x = input('x', [3, 5]);
  expect(() => x.add(input('y', [4, 5]))).toThrow(
    'Cannot broadcast [3,5] with [4,5]: axis 0 is 3 in one and 4 in the other.',
  );
  expect(() => x.mul(input('y', [5], 'int64'))).toThrow(
    'Mul needs operands of one dtype, got float32 [3,5] and int64 [5]; use .cast().',
  );
});

test('erf is odd, known at 1, and 1 far away, in float32 and float64', async () => {
  const x = constant([-40, -7, -1, 0, 1, 7, 40], [7], 'float64').mul(input('one', [1], 'float64'));
  const { wide, narrow } = await evaluate({ wide: x.erf(), narrow: x.cast('float32').erf() }, { one: [1] });
  const known = [-1, -1, -0.8427007929497149, 0, 0.8427007929497149, 1, 1];
  known.forEach((value, i) => {
    expect(wide![i]).toBeCloseTo(value, 14);
    expect(narrow![i]).toBeCloseTo(value, 6);
  });
});
