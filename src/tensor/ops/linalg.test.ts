import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOp, evaluate, relativeError, testValues } from '../../runtime/testing.ts';
import { broadcast, gradients, input, MatMul, size, type Shape, type Tensor } from '../index.ts';

/** The product by its definition, entry by entry, of operands whose vectors were made matrices. */
function product(a: readonly number[], b: readonly number[], [p, q]: readonly [Shape, Shape]): number[] {
  const [m, k] = [p.at(-2)!, p.at(-1)!];
  const n = q.at(-1)!;
  const batches = broadcast(p.slice(0, -2), q.slice(0, -2));
  return Array.from({ length: size(batches) * m * n }, (_, i) => {
    const matrix = Math.floor(i / (m * n));
    const row = offset(p, batches, matrix) * m + (Math.floor(i / n) % m);
    const block = offset(q, batches, matrix) * k;
    return a.slice(row * k, (row + 1) * k).reduce((sum, x, j) => sum + x * b[(block + j) * n + (i % n)]!, 0);
  });
}

/** Which matrix of an operand of this shape meets the given one of the broadcast batch. */
function offset(shape: Shape, batches: Shape, matrix: number): number {
  const own = shape.slice(0, -2);
  let [index, stride, rest] = [0, 1, matrix];
  for (let axis = 1; axis <= batches.length; axis++) {
    const position = rest % batches.at(-axis)!;
    rest = Math.floor(rest / batches.at(-axis)!);
    const d = own.at(-axis) ?? 1;
    index += (d === 1 ? 0 : position) * stride;
    stride *= d;
  }
  return index;
}

const swapped = (shape: Shape): number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
const transposed = (x: readonly number[], shape: Shape): number[] => {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return x.map((_, i) => {
    const start = Math.floor(i / (rows * columns)) * rows * columns;
    return x[start + (i % rows) * columns + (Math.floor(i / rows) % columns)]!;
  });
};

const matrices: [Shape, Shape][] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 3],
    [3, 1],
  ],
  [
    [2, 2, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [2, 3, 2],
  ],
  [
    [2, 2, 3],
    [2, 3, 2],
  ],
  [
    [2, 1, 2, 3],
    [2, 3, 2],
  ],
  [
    [1, 2, 2],
    [3, 2, 2],
  ],
];
describe.each(matrices)('[%j] by [%j]', (a, b) => {
  test('as they are', () =>
    checkOp(
      (x, y) => x.matmul(y),
      [a, b],
      (x, y) => product(x, y, [a, b]),
    ));
  test('the left one transposed', () =>
    checkOp(
      (x, y) => x.matmul(y, { transposeA: true }),
      [swapped(a), b],
      (x, y) => product(transposed(x, swapped(a)), y, [a, b]),
    ));
  test('the right one transposed', () =>
    checkOp(
      (x, y) => x.matmul(y, { transposeB: true }),
      [a, swapped(b)],
      (x, y) => product(x, transposed(y, swapped(b)), [a, b]),
    ));
  test('both transposed', () =>
    checkOp(
      (x, y) => x.matmul(y, { transposeA: true, transposeB: true }),
      [swapped(a), swapped(b)],
      (x, y) => product(transposed(x, swapped(a)), transposed(y, swapped(b)), [a, b]),
    ));
});

describe('a vector', () => {
  test('by a vector is a scalar', () =>
    checkOp(
      (x, y) => x.matmul(y),
      [[3], [3]],
      (x, y) =>
        product(x, y, [
          [1, 3],
          [3, 1],
        ]),
    ));
  test('is a row on the left', () =>
    checkOp(
      (x, y) => x.matmul(y),
      [[3], [2, 3, 2]],
      (x, y) =>
        product(x, y, [
          [1, 3],
          [2, 3, 2],
        ]),
    ));
  test('is a column on the right', () =>
    checkOp(
      (x, y) => x.matmul(y),
      [[2, 2, 3], [3]],
      (x, y) =>
        product(x, y, [
          [2, 2, 3],
          [3, 1],
        ]),
    ));
  test('meets a transposed matrix', () =>
    checkOp(
      (x, y) => x.matmul(y, { transposeB: true }),
      [[3], [2, 3]],
      (x, y) =>
        product(x, transposed(y, [2, 3]), [
          [1, 3],
          [3, 2],
        ]),
    ));
});

test('dot', () =>
  checkOp(
    (x, y) => x.dot(y),
    [
      [2, 2],
      [2, 2],
    ],
    (x, y) => [x[0]! * y[0]! + x[1]! * y[1]!, x[2]! * y[2]! + x[3]! * y[3]!],
  ));

test('gradients of a float32 product, in fused kernels, agree with float64', async () => {
  const [a, b] = [input('a', [2, 2, 3, 4], 'float64'), input('b', [2, 1, 5, 4], 'float64')];
  const grads = (x: typeof a, y: typeof b): (typeof a)[] =>
    gradients(x.matmul(y, { transposeB: true }).square().sum(), [a, b]).map((g) => g!);
  const [da, db] = grads(a, b);
  const [ea, eb] = grads(a.cast('float32'), b.cast('float32'));
  const values = await evaluate({ da: da!, db: db!, ea: ea!, eb: eb! }, { a: testValues(48), b: testValues(40) });
  expect(relativeError(values['ea']!, values['da']!)).toBeLessThan(1e-5);
  expect(relativeError(values['eb']!, values['db']!)).toBeLessThan(1e-5);
});

test('many matrices times one are one flat product', () => {
  const y = input('x', [4, 5, 3]).matmul(input('w', [3, 2]));
  expect(y.node.inputs[0]!.node.op).toBe(MatMul);
  expect(y.node.inputs[0]!.shape).toEqual([20, 2]);
});

test('of any shapes equals its definition', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('left', 'right', 'both')), { maxLength: 2 }),
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      fc.boolean(),
      fc.boolean(),
      async (batch, [m, k, n], transposeA, transposeB) => {
        const a = [...batch.map(([d, side]) => (side === 'right' ? 1 : d)), m, k];
        const b = [...batch.map(([d, side]) => (side === 'left' ? 1 : d)), k, n];
        await checkOp(
          (x, y) => x.matmul(y, { transposeA, transposeB }),
          [transposeA ? swapped(a) : a, transposeB ? swapped(b) : b],
          (x, y) =>
            product(transposeA ? transposed(x, swapped(a)) : x, transposeB ? transposed(y, swapped(b)) : y, [a, b]),
          { gradient: false },
        );
      },
    ),
    { numRuns: 40 },
  ));

test.each([
  [false, false, [2, 3], [3, 2]],
  [true, false, [3, 2], [3, 2]],
  [false, true, [4, 2, 3], [4, 2, 3]],
  [true, true, [4, 3, 2], [4, 2, 3]],
])('a scaled product equals the product, scaled (transposed: %j, %j)', async (transposeA, transposeB, left, right) => {
  const [a, b] = [input('a', left), input('b', right)];
  const scaled = a.matmul(b, { transposeA, transposeB, scale: -0.75 });
  const plain = a.matmul(b, { transposeA, transposeB }).mul(-0.75);
  const outputs = (y: Tensor): Record<string, Tensor> => {
    const [da, db] = gradients(y.square().sum(), [a, b]);
    return { y, da: da!, db: db! };
  };
  const feeds = { a: testValues(size(left), 1), b: testValues(size(right), 2) };
  const [one, two] = [await evaluate(outputs(scaled), feeds), await evaluate(outputs(plain), feeds)];
  for (const [name, values] of Object.entries(two)) expect(relativeError(one[name]!, values), name).toBeLessThan(1e-6);
});

describe('errors name both shapes', () => {
  const x = input('x', [3, 5]);
  test.each([
    [() => x.matmul(input('y', [3, 5])), 'Cannot multiply [3,5] by [3,5]: 5 columns against 3 rows.'],
    [() => x.matmul(input('y', [])), 'Cannot multiply [3,5] by []: a scalar is no matrix; use .mul().'],
    [
      () => x.matmul(input('y', [5, 2], 'float64')),
      'Cannot multiply float32 [3,5] by float64 [5,2]: their dtypes differ; use .cast().',
    ],
    [
      () => input('a', [2, 3, 5]).matmul(input('b', [4, 5, 3])),
      'Cannot multiply [2,3,5] by [4,5,3]: their leading axes do not broadcast.',
    ],
    [() => x.dot(input('y', [5])), 'Cannot take the dot product of [3,5] and [5].'],
  ])('%#', (attempt, message) => {
    expect(attempt).toThrow(message);
  });
});
