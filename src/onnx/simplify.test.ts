import { describe, expect, test } from 'vitest';
import { compile } from '../runtime/node.ts';
import { evaluate, numbers, relativeError, testValues } from '../runtime/testing.ts';
import { always, constant, full, input, loop, size, topologicalOrder, withGradient } from '../tensor/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { inputsOf } from './serialize.ts';
import { simplify } from './simplify.ts';

const x = input('x', [2, 3]);
const y = input('y', [2, 3]);
const row = input('row', [3]);
const cube = input('cube', [2, 3, 4]);
const block = input('block', [2, 1, 3]);
const shared = x.matmul(y.transpose());

/** The ops left after simplification, inputs and constants apart, each after its inputs. */
const ops = (...outputs: Tensor[]): string[] =>
  topologicalOrder(simplify(outputs))
    .map((node) => node.op.name)
    .filter((name) => name !== 'Input' && name !== 'Constant');

/** Both forms of a graph, run on the same values. */
async function expectSame(f: Tensor): Promise<void> {
  const feeds = Object.fromEntries(
    [...inputsOf([f])].map(([name, { shape }], i) => [name, Float32Array.from(testValues(size(shape), i + 1))]),
  );
  const [whole, simple] = await Promise.all(
    [false, true].map(async (simplify) => {
      const program = await compile({ f }, { threads: 1, simplify });
      const values = await program.run(Object.fromEntries([...program.inputs.keys()].map((n) => [n, feeds[n]!])));
      await program.dispose();
      return numbers(values['f']!);
    }),
  );
  expect(relativeError(simple!, whole!)).toBeLessThan(1e-6);
}

describe('removes', () => {
  test.each<[string, Tensor]>([
    ['x + 0', x.add(0)],
    ['0 + x', constant([0], []).add(x)],
    ['x − 0', x.sub(0)],
    ['x · 1', x.mul(1)],
    ['1 · x', full([3], 1).mul(x)],
    ['x / 1', x.div(1)],
    ['−(−x)', x.neg().neg()],
    ['detach', x.detach()],
    ['a gradient of its own', withGradient(x, [y], (dy) => [dy])],
    ['a reshape and back', x.reshape([6]).reshape([2, 3])],
    ['a transpose and back', x.transpose().transpose()],
    ['an expansion to its own shape', x.add(0).expand([2, 3])],
    ['all of these at once', x.transpose().mul(1).detach().transpose().reshape([6]).add(0).reshape([2, 3])],
  ])('%s', (_, f) => {
    expect(simplify([f])[0]).toBe(x);
  });
});

describe('rewrites', () => {
  test.each<[string, Tensor, string[]]>([
    ['a chain of reshapes', x.reshape([6]).reshape([1, 6]).reshape([3, 2]), ['Reshape']],
    ['a chain of expansions', block.expand([2, 2, 3]).expand([4, 2, 2, 3]), ['Expand']],
    ['a chain of transposes', cube.transpose().transpose([2, 0, 1]), ['Transpose']],
    ['a transpose that moves only axes of length 1', block.transpose([1, 0, 2]), ['Reshape']],
    ['the same and a reshape after it', block.transpose([1, 0, 2]).reshape([6]), ['Reshape']],
    ['an expansion before an elementwise op', x.add(row.expand([2, 3])), ['Add']],
    ['an expanded constant', full([2, 3], 2).mul(x), ['Mul']],
    [
      'an expansion that leaves a neutral operation',
      full([2, 3], 1)
        .mul(x.add(full([2, 3], 0)))
        .exp(),
      ['Exp'],
    ],
    ['two scales', x.mul(2).mul(3), ['Mul']],
    ['two scales that cancel', x.mul(2).mul(0.5).exp(), ['Exp']],
    ['a product by a transposed matrix', x.matmul(y.transpose()), ['MatMul']],
    ['a product of a transposed matrix', x.transpose().matmul(y), ['MatMul']],
    ['a product that transposed twice', x.transpose().matmul(y.transpose(), { transposeA: true }), ['MatMul']],
    [
      'elementwise operations on constants',
      constant([1, 2], [2])
        .add(1)
        .exp()
        .mul(constant([2], [])),
      [],
    ],
    ['a scaled product', x.matmul(y.transpose()).mul(3), ['MatMul']],
    [
      'a product and a row that is added to it',
      x
        .matmul(y.transpose())
        .mul(3)
        .add(input('b', [2])),
      ['Gemm'],
    ],
    ['a column that a product is added to', input('b', [2, 1]).add(x.matmul(y.transpose())), ['Gemm']],
    ['a product that is needed as it is', twice(x.matmul(y.transpose())), ['MatMul', 'Add', 'Mul']],
    ['a sum of products', x.matmul(y.transpose()).add(y.matmul(x.transpose())), ['MatMul', 'MatMul', 'Add']],
    ['a sum over many rows', input('tall', [8, 32, 16]).sum([0, 1]), ['Expand', 'Reshape', 'MatMul', 'Reshape']],
    ['reshapes of constants', constant([1, 2], [2]).reshape([2, 1]), []],
    ['the body of a loop', counted((s) => s.mul(1).transpose().transpose()), ['Loop']],
  ])('%s', async (_, f, expected) => {
    expect(ops(f)).toEqual(expected);
    await expectSame(f);
  });

  /** (x + 1) · x, elementwise. */
  function twice(x: Tensor): Tensor {
    return x.add(input('one', [2])).mul(x);
  }

  function counted(step: (state: Tensor) => Tensor): Tensor {
    return loop({ state: [x], captured: [], limit: 2 }, ([s]) => ({ next: [step(s!).add(0.5)], again: always() }))[0]!;
  }

  test('inside the body of a loop', () => {
    const [f] = simplify([counted((s) => s.neg().neg())]);
    const [, next] = (f!.node.attrs as { results: Tensor[] }).results;
    expect(topologicalOrder([next!]).map((node) => node.op.name)).toEqual(['Input', 'Constant', 'Add']);
  });
});

describe('computes once', () => {
  test('equal nodes', () => {
    expect(ops(x.exp().add(x.exp()))).toEqual(['Exp', 'Add']);
  });
  test('equal nodes over equal constants, those that rewriting made too', () => {
    const scaled = (): Tensor => x.mul(2).mul(4).exp();
    expect(ops(scaled(), scaled())).toEqual(['Mul', 'Exp']);
  });
  test('equal nodes of several outputs, whose inputs were rewritten', () => {
    const normal = (t: Tensor): Tensor => t.layerNorm(row, row.mul(1));
    expect(ops(normal(x), normal(x.add(0)))).toEqual(['LayerNormalization']);
  });
});

describe('keeps apart', () => {
  test.each<[string, Tensor, Tensor]>([
    ['other attributes', x.sum([0], true), x.sum([1], true)],
    ['other exponents, infinite ones too', x.pow(Infinity), x.pow(-Infinity)],
    ['other orders', input('c', [2, 2, 2]).transpose([1, 2, 0]), input('c', [2, 2, 2]).transpose([2, 0, 1])],
    ['zeros of either sign', constant([0], []).div(x), constant([-0], []).div(x)],
    ['constants of other dtypes', constant([1], []).cast('int64'), constant([1], [], 'float64').cast('int64')],
    ['constants of other shapes', constant([1, 1], [2, 1]).add(row), constant([1, 1], [1, 2]).add(block.transpose())],
    ['loops of other bodies', once((s) => s.exp()), once((s) => s.tanh())],
  ])('%s', (_, a, b) => {
    const [p, q] = simplify([a, b]);
    expect(p).not.toBe(q);
  });
  function once(step: (state: Tensor) => Tensor): Tensor {
    return loop({ state: [x], captured: [], limit: 1 }, ([s]) => ({ next: [step(s!)], again: always() }))[0]!;
  }
});

describe('leaves alone', () => {
  test.each<[string, Tensor, string[]]>([
    ['a neutral operation that broadcasts', row.add(full([2, 3], 0)), ['Expand', 'Add']],
    ['an expansion that gives the result its shape', row.expand([2, 3]).mul(2), ['Expand', 'Mul']],
    ['scales whose product underflows', x.mul(1e-25).mul(1e-25), ['Mul', 'Mul']],
    ['scales whose product overflows', x.mul(1e25).mul(1e25), ['Mul', 'Mul']],
    ['a scaled product that is needed unscaled, too', shared.mul(3).add(shared), ['MatMul', 'Mul', 'Add']],
    ['scales by zero and infinity', x.mul(0).mul(Infinity), ['Mul', 'Mul']],
    [
      'a transpose of other axes before a product',
      x.matmul(block.transpose([1, 2, 0]).reshape([3, 2])),
      ['Transpose', 'Reshape', 'MatMul'],
    ],
    ['a transpose that moves real axes', x.transpose().reshape([6]), ['Transpose', 'Reshape']],
    ['a large constant', constant(testValues(100), [100]).neg(), ['Neg']],
  ])('%s', (_, f, expected) => {
    expect(ops(f)).toEqual(expected);
  });
});

describe('folds constants as the runtime computes them', () => {
  const special = [0, -0, 1.5, -2.5, 2.5, NaN, Infinity, -Infinity];
  test.each<[string, (t: Tensor, u: Tensor) => Tensor]>([
    ['neg', (t) => t.neg()],
    ['abs', (t) => t.abs()],
    ['sign', (t) => t.sign()],
    ['relu', (t) => t.relu()],
    ['round', (t) => t.round()],
    ['floor', (t) => t.floor()],
    ['exp', (t) => t.exp()],
    ['log', (t) => t.log()],
    ['sqrt', (t) => t.sqrt()],
    ['sigmoid', (t) => t.sigmoid()],
    ['tanh', (t) => t.tanh()],
    ['reciprocal', (t) => t.reciprocal()],
    ['add', (t, u) => t.add(u)],
    ['mul', (t, u) => t.mul(u)],
    ['div', (t, u) => t.div(u)],
    ['max', (t, u) => t.max(u)],
    ['min', (t, u) => t.min(u)],
    ['less', (t, u) => t.less(u).cast('float32')],
    ['equal', (t, u) => t.equal(u).cast('float32')],
  ])('%s', async (_, f) => {
    const other = [0, 1, 2, -3, NaN, 1, 2, -Infinity];
    const { fed, folded } = await evaluate(
      { fed: f(input('t', [8]), input('u', [8])), folded: f(constant(special, [8]), constant(other, [8])) },
      { t: special, u: other },
    );
    // Zeros of either sign count as equal.
    const plain = (values: number[]): string[] => values.map((v) => (v + 0).toPrecision(5));
    expect(plain(folded!)).toEqual(plain(fed!));
  });

  test('integers divide towards zero', async () => {
    const seven = constant([7, -7], [2], 'int64').div(2);
    expect((await evaluate({ y: seven }))['y']).toEqual([3, -3]);
  });
  test('an integer division by zero is left to the runtime', () => {
    expect(ops(constant([1], [], 'int64').div(0))).toEqual(['Div']);
  });
  test('in the precision of their dtype', async () => {
    const { narrow, wide } = await evaluate({
      narrow: constant([0.1], []).equal(0.10000000149011612),
      wide: constant([0.1], [], 'float64').equal(0.10000000149011612),
    });
    expect([narrow, wide]).toEqual([[1], [0]]);
  });
});
