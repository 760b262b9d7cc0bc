import { describe, expect, test } from 'vitest';
import { compile, type Values } from '../runtime/node.ts';
import { numbers, relativeError, testValues } from '../runtime/testing.ts';
import { always, concat, constant, full, input, loop, size, type Tensor } from '../tensor/index.ts';
import { toOnnx } from './serialize.ts';

const prime = 1_000_003;
const batch = { size: prime, name: 'batch' };

/** Everything an export may hold, for a batch of `n`. */
function model(n: number): Record<string, Tensor> {
  const x = input('x', [n, 4, 6]);
  const mask = input('mask', [n, 4], 'bool').cast('float32').sub(1).mul(1e9).reshape([n, 1, 1, 4]);
  const heads = x
    .matmul(input('w', [6, 6]))
    .reshape([n, 4, 2, 3])
    .transpose([0, 2, 1, 3]);
  const attention = heads.matmul(heads, { transposeB: true }).add(mask).softmax().matmul(heads);
  const joined = attention.transpose([0, 2, 1, 3]).reshape([n, 4, 6]);
  const both = concat([joined, x.slice(2, 1, 3).expand([n, 4, 2])], 2).conv1d(input('kernel', [5, 8, 3]));
  const first = full([n, 1, 5], 0.5);
  const [settled] = loop({ state: [both.mean([1])], captured: [], limit: 3 }, ([s]) => ({
    next: [s!.mul(0.5).add(full([n, 5], 1))],
    again: always(),
  }));
  return {
    normal: both.layerNorm(constant([1, 2, 3, 4, 5], [5]), constant([0, 0, 0, 0, 1], [5])),
    padded: concat([first, both], 1).pad(1, 0, 2),
    flat: both.reshape([n * 2, 5]).maximum([1]),
    average: both.mean([0]),
    likeness: both
      .mean([1])
      .matmul(both.mean([1]), { transposeB: true })
      .reshape([n, 1, n]),
    settled: settled!,
    rows: concat([x, x], 0).sum([1, 2]),
  };
}
const feeds = (n: number): Record<string, Values> => ({
  x: Float32Array.from(testValues(n * 24)),
  mask: Uint8Array.from({ length: n * 4 }, (_, i) => Number(i % 4 < 2 || i % 3 === 0)),
  w: Float32Array.from(testValues(36, 2)),
  kernel: Float32Array.from(testValues(120, 3)),
});

test.each([false, true])('runs for every size as the graph of that size does (portable: %s)', async (portable) => {
  const open = await compile(model(prime), { threads: 1, batch, portable });
  for (const n of [1, 2, 7]) {
    const fixed = await compile(model(n), { threads: 1, portable });
    const [got, expected] = [await open.run(feeds(n)), await fixed.run(feeds(n))];
    for (const name of Object.keys(expected))
      expect(relativeError(numbers(got[name]!), numbers(expected[name]!)), `${name} of ${n}`).toBeLessThan(1e-5);
    await fixed.dispose();
  }
  await open.dispose();
});

test('inputs are checked against the open shape', async () => {
  const program = await compile({ y: input('x', [prime, 3]).sum([1]) }, { threads: 1, batch });
  await expect(program.run({ x: new Float32Array(7) })).rejects.toThrow(
    'Input "x" has shape [batch,3] and so some whole number of rows, but 7 values were fed.',
  );
  await program.dispose();
});

test('an input may hold the batch several times', async () => {
  const program = await compile({ y: input('pairs', [2 * prime, 3]).sum([1]) }, { threads: 1, batch });
  expect((await program.run({ pairs: new Float32Array(12).fill(1) }))['y']).toEqual(new Float32Array(4).fill(3));
  await program.dispose();
});

test('all pairs of a batch are its square, in the file and when it runs', async () => {
  const x = input('x', [prime, 2]);
  const pairs = x.matmul(x, { transposeB: true }).reshape([prime * prime]);
  expect(Buffer.from(toOnnx({ pairs }, { batch }).bytes).includes('batch*batch')).toBe(true);
  const program = await compile(
    {
      count: full([2, prime * prime], 1)
        .sum([1])
        .add(x.sum()),
    },
    { threads: 1, batch },
  );
  expect((await program.run({ x: new Float32Array(6) }))['count']).toEqual(Float32Array.of(9, 9));
  await program.dispose();
});

describe('what a symbolic batch cannot express is an error', () => {
  const x = input('x', [prime, 3]);
  test.each<[string, Tensor, string]>([
    ['part of the batch', x.slice(0, 0, 2), 'Slice of [2,3] depends on the size of the batch, which is symbolic.'],
    [
      'parts of the batch',
      x.split(0, [1, prime - 1])[0]!,
      'Split of [1,3] depends on the size of the batch, which is symbolic.',
    ],
    [
      'a longer batch',
      x.pad(0, 0, 1),
      'A dimension of batch 1000003 became 1000004: a symbolic batch can be joined to itself, not sliced or padded.',
    ],
    [
      'stored values per sample',
      x.add(constant(new Float32Array(prime), [prime, 1])),
      'Constant of [1000003,1] depends on the size of the batch, which is symbolic.',
    ],
    [
      'a batch that no input has',
      full([prime, 2], 1).exp(),
      'Shape [1000003,2] depends on the symbolic batch "batch", but no input has that axis.',
    ],
  ])('%s', (_, y, message) => {
    expect(() => toOnnx({ y }, { batch })).toThrow(message);
  });
  test('sizes stay within what the type can name', () => {
    expect(size([prime, 2])).toBe(2_000_006);
  });
});
