import { expect, test } from 'vitest';
import { compile } from '../../runtime/node.ts';
import { checkOp, evaluate, numbers } from '../../runtime/testing.ts';
import { constant, input, scatterAdd } from '../index.ts';

const ids = (values: readonly number[], shape = [values.length]): ReturnType<typeof constant> =>
  constant(values, shape, 'int64');

test('gather of rows, some twice', () =>
  checkOp(
    (x) => x.gather(ids([2, 0, 2])),
    [[3, 2]],
    (x) => [2, 0, 2].flatMap((i) => x.slice(2 * i, 2 * i + 2)),
  ));
test('gather of columns', () =>
  checkOp(
    (x) => x.gather(ids([1, 1, 0]), 1),
    [[2, 2]],
    (x) => [1, 1, 0, 3, 3, 2].map((i) => x[i]!),
  ));
test('gather of a middle axis by a table of indices', () =>
  checkOp(
    (x) => x.gather(ids([0, 1, 1, 0, 0, 1], [2, 3]), -2),
    [[2, 2, 2]],
    (x) => [0, 1].flatMap((n) => [0, 1, 1, 0, 0, 1].flatMap((i) => x.slice(4 * n + 2 * i, 4 * n + 2 * i + 2))),
  ));
test('gather by a scalar takes the axis away', () =>
  checkOp(
    (x) => x.gather(ids([1], []), 1),
    [[2, 3]],
    (x) => [x[1]!, x[4]!],
  ));

test('scatterAdd adds up what meets in a row', () =>
  checkOp(
    (x) => scatterAdd([3, 2], ids([2, 0, 2]), x),
    [[3, 2]],
    (x) => [x[2]!, x[3]!, 0, 0, x[0]! + x[4]!, x[1]! + x[5]!],
  ));
test('scatterAdd of numbers by a table of indices', () =>
  checkOp(
    (x) => scatterAdd([2], ids([1, 1, 0, 1], [2, 2]), x),
    [[2, 2]],
    (x) => [x[2]!, x[0]! + x[1]! + x[3]!],
  ));

test('scatterAdd loses nothing when several threads meet in a row', async () => {
  const [rows, width] = [20_000, 16];
  const y = scatterAdd([4, width], input('ids', [rows], 'int64'), input('x', [rows, width]));
  const program = await compile({ y }, { threads: 2 });
  const feeds = {
    ids: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % 4)),
    x: new Float32Array(rows * width).fill(1),
  };
  for (let run = 0; run < 3; run++) {
    const { y: sums } = await program.run(feeds);
    expect(new Set(numbers(sums!))).toEqual(new Set([rows / 4]));
  }
  await program.dispose();
});

test('negative indices count from the back', async () => {
  const y = input('x', [3]).gather(input('ids', [2], 'int64'));
  expect((await evaluate({ y }, { x: [1, 2, 3], ids: [-1, 0] }))['y']).toEqual([3, 1]);
});

test('errors', () => {
  const x = input('x', [3, 2]);
  expect(() => x.gather(input('i', [2]))).toThrow('gather() needs int64 indices, got float32.');
  expect(() => scatterAdd([3, 2], input('i', [2]), x)).toThrow('scatterAdd() needs int64 indices, got float32.');
  expect(() => scatterAdd([3, 2], ids([0, 1]), x)).toThrow(
    'scatterAdd() into [3,2] by indices [2] needs updates of shape [2,2], got [3,2].',
  );
  expect(() => x.gather(ids([0]), 2)).toThrow('Axis 2 is out of range for a tensor of rank 2.');
});
