import { listSupportedBackends } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { constant, full, input } from '../tensor/index.ts';
import { compile, devices } from './node.ts';
import { testValues } from './testing.ts';

const x = input('x', [2, 3]);
const one = { threads: 1 };

test('runs a graph as a pure function', async () => {
  const program = await compile({ y: x.mul(2), total: x.sum() }, one);
  expect(program.inputs).toEqual(new Map([['x', { shape: [2, 3], dtype: 'float32' }]]));
  expect(program.nodes).toBe(2);
  const feeds = { x: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const first = await program.run(feeds);
  expect(first).toEqual({ y: Float32Array.of(2, 4, 6, 8, 10, 12), total: Float32Array.of(21) });
  await program.run({ x: new Float32Array(6) });
  expect(first['y']).toEqual(Float32Array.of(2, 4, 6, 8, 10, 12));
  expect(feeds.x).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  await program.dispose();
});

test('feeds and returns every dtype', async () => {
  const program = await compile(
    {
      f32: input('a', [1]).neg(),
      f64: input('b', [1], 'float64').neg(),
      i64: input('c', [1], 'int64').neg(),
      bool: input('d', [1], 'bool').not(),
    },
    one,
  );
  const feeds = { a: Float32Array.of(1), b: Float64Array.of(0.1), c: BigInt64Array.of(3n), d: Uint8Array.of(1) };
  expect(await program.run(feeds)).toEqual({
    f32: Float32Array.of(-1),
    f64: Float64Array.of(-0.1),
    i64: BigInt64Array.of(-3n),
    bool: Uint8Array.of(0),
  });
  await program.dispose();
});

test('needs no inputs', async () => {
  const program = await compile({ y: full([2], 1).add(constant([1, 2], [2])) }, one);
  expect(await program.run({})).toEqual({ y: Float32Array.of(2, 3) });
  await program.dispose();
});

test.each(['none', 'basic', 'all'] as const)(
  'computes the same with %s of the optimisation by the runtime',
  async (optimization) => {
    const program = await compile({ y: x.transpose().matmul(x).softmax().sum() }, { ...one, optimization });
    expect((await program.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) }))['y']![0]).toBeCloseTo(3, 5);
    await program.dispose();
  },
);

test('ignores what the graph does not need', async () => {
  const program = await compile({ y: x.sum() }, one);
  expect((await program.run({ x: new Float32Array(6), other: new Float32Array(1) }))['y']).toEqual(new Float32Array(1));
  await program.dispose();
});

test('the same number of threads gives the same bits', async () => {
  const [n, k] = [96, 512];
  const product = input('a', [n, k]).matmul(input('b', [k, n]));
  const program = await compile(
    { total: product.sum(), rows: product.logSumExp([1]), mean: product.mean([0]) },
    { threads: 2 },
  );
  const feeds = { a: Float32Array.from(testValues(n * k)), b: Float32Array.from(testValues(n * k, 2)) };
  const first = await program.run(feeds);
  for (let run = 0; run < 10; run++) expect(await program.run(feeds)).toEqual(first);
  const again = await compile({ total: product.sum() }, { threads: 2 });
  expect((await again.run(feeds))['total']).toEqual(first['total']);
});

describe('errors of feeding name the input', () => {
  test.each<[string, Parameters<Awaited<ReturnType<typeof compile>>['run']>[0], string]>([
    ['nothing', {}, 'No value was fed for input "x"; fed: nothing.'],
    ['others', { y: new Float32Array(6) }, 'No value was fed for input "x"; fed: y.'],
    ['too few', { x: new Float32Array(5) }, 'Input "x" has shape [2,3] and so 6 values, but 5 values were fed.'],
    ['another dtype', { x: new Float64Array(6) }, 'Input "x" is float32 and needs a Float32Array, got a Float64Array.'],
  ])('%s', async (_, feeds, message) => {
    const program = await compile({ y: x.sum() }, one);
    await expect(program.run(feeds)).rejects.toThrow(message);
    await program.dispose();
  });
});

describe('errors of the runtime are one line that names the program', () => {
  test('while it runs', async () => {
    const program = await compile({ y: x.gather(input('rows', [1], 'int64')) }, { ...one, name: 'look-up' });
    const feeds = { x: new Float32Array(6), rows: BigInt64Array.of(9n) };
    await expect(program.run(feeds)).rejects.toThrow(/^ONNX Runtime failed in program "look-up": [^\n]*idx=9[^\n]*$/);
    await program.dispose();
  });
  test('while it starts; without a name, its outputs name it', async () => {
    const integers = input('i', [1], 'int64').exp();
    await expect(compile({ y: integers, z: x.exp() }, one)).rejects.toThrow(
      /^ONNX Runtime cannot start program "y, z": [^\n]*tensor\(int64\)[^\n]*$/,
    );
  });
});

describe('devices', () => {
  test('cpu is the first', () => {
    expect(devices()[0]).toBe('cpu');
  });
  test('an unknown one', async () => {
    await expect(compile({ y: x.exp() }, { device: 'abacus' })).rejects.toThrow(
      `Unknown device "abacus": the installed ONNX Runtime has ${devices().join(' and ')}`,
    );
  });
  const lists = listSupportedBackends().map(({ name }) => name);
  test.skipIf(!lists.includes('cuda') || devices().includes('cuda'))(
    'one that the runtime knows but does not hold is not among them; the error names the step that adds it',
    async () => {
      await expect(compile({ y: x.exp() }, { device: 'cuda' })).rejects.toThrow(
        /^Device "cuda" is not in the installed ONNX Runtime: "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node" adds it[^\n]*$/,
      );
    },
  );
  test.each([0, 1.5, -1])('%d threads', async (threads) => {
    await expect(compile({ y: x.exp() }, { threads })).rejects.toThrow(
      `threads must be a whole number of at least 1, got ${threads}.`,
    );
  });
});
