import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { attention as attentionOnRows, projectMemory, type AttentionOptions, type Memory } from './attention.ts';
import { Scope } from './scope.ts';
import { initializersOf, layerGradientError, runLayer } from './testing.ts';

const torch = JSON.parse(readFileSync('test/fixtures/nn/torch.json', 'utf8')) as {
  attention: Record<'query' | 'context' | 'mask' | 'value' | 'causal', number[]> &
    Record<'parameters' | 'gradients', Record<string, number[]>>;
};
const options = { heads: 2, dropout: 0 };

/** Attention between sequences `[N, T, D]`. */
function attention(
  scope: Scope,
  query: Tensor,
  { keys, values, ...rest }: Memory,
  asked: Omit<AttentionOptions, 'batch'>,
): Tensor {
  const [batch] = query.shape as [number];
  const inRows = new Map([query, keys, values].map((x) => [x, x.reshape([batch * x.shape[1]!, x.shape[2]!])]));
  const rows = (x: Tensor): Tensor => inRows.get(x)!;
  const options = { batch, ...asked };
  const own = keys === query && values === query;
  const memory = own ? rest : projectMemory([scope], { keys: rows(keys), values: rows(values), ...rest }, options)[0]!;
  return attentionOnRows(scope, rows(query), memory, options).reshape(query.shape);
}

test('values and gradients agree with PyTorch, padded keys among them', async () => {
  const { query, context, mask, value, parameters, gradients: expected } = torch.attention;
  const results = await runLayer(
    (scope, x) => {
      const [q, c] = [x('query', [2, 3, 4]), x('context', [2, 5, 4])];
      const y = attention(scope, q, { keys: c, values: c, mask: x('mask', [2, 5]) }, options);
      const weights = constant(
        Array.from({ length: 24 }, (_, i) => -1 + (2 * i) / 23),
        [2, 3, 4],
        'float64',
      );
      const named = {
        ...Object.fromEntries([...scope.parameters].map(([k, p]) => [k, p.value])),
        query: q,
        context: c,
      };
      const all = gradients(y.mul(weights).sum(), Object.values(named));
      return { y, ...Object.fromEntries(Object.keys(named).map((name, i) => [name, all[i]!])) };
    },
    { query, context, mask, ...parameters },
  );
  expect(relativeError(results['y']!, value)).toBeLessThan(1e-8);
  for (const [name, gradient] of Object.entries(expected))
    expect(relativeError(results[name]!, gradient), name).toBeLessThan(1e-7);
});

test('causal: a step sees itself and earlier ones, as in PyTorch', async () => {
  const { query, causal, parameters } = torch.attention;
  const { y } = await runLayer(
    (scope, x) => {
      const q = x('query', [2, 3, 4]);
      return { y: attention(scope, q, { keys: q, values: q }, { ...options, causal: true }) };
    },
    { query, ...parameters },
  );
  expect(relativeError(y!, causal)).toBeLessThan(1e-8);
});

test('gradients of queries, keys, values and parameters', async () => {
  const error = await layerGradientError(
    (scope, q, keys, values) => attention(scope, q, { keys: keys, values: values }, options),
    [
      [1, 2, 4],
      [1, 3, 4],
      [1, 3, 4],
    ],
  );
  expect(error).toBeLessThan(1e-6);
});

describe.each(['float32', 'float64'] as const)('padded keys in %s', (dtype) => {
  const run = (context: number[]): Promise<Record<string, number[]>> =>
    runLayer(
      (scope, x) => {
        const [q, c] = [x('query', [2, 3, 4]), x('context', [2, 5, 4])];
        const y = attention(scope, q, { keys: c, values: c, mask: x('mask', [2, 5]) }, options);
        const [dq, dc, dw] = gradients(y.mul(y.exp()).sum(), [q, c, scope.parameters.get('in_proj_weight')!.value]);
        return { y, dq: dq!, dc: dc!, dw: dw! };
      },
      { query: testValues(24), context, mask: [1, 1, 1, 1, 1, 1, 1, 0, 0, 0] },
      { dtype },
    );

  test('change no output and no gradient, whatever their values, and get none', async () => {
    const context = testValues(40, 2);
    const a = await run(context);
    const b = await run(context.map((v, i) => (i >= 28 ? 1e4 * v : v)));
    expect(b).toEqual(a);
    expect(a['dc']!.slice(28).every((g) => g === 0)).toBe(true);
    expect(a['dc']!.slice(0, 28).every((g) => g !== 0)).toBe(true);
  });
});

test('a sample of padding alone gives the bias of the output, and finite gradients', async () => {
  const { y, dq, dc } = await runLayer(
    (scope, x) => {
      const [q, c] = [x('query', [2, 3, 4]), x('context', [2, 5, 4])];
      const y = attention(scope, q, { keys: c, values: c, mask: x('mask', [2, 5]) }, options);
      const [dq, dc] = gradients(y.mul(y.exp()).sum(), [q, c]);
      return { y, dq: dq!, dc: dc! };
    },
    {
      ...{ query: testValues(24), context: testValues(40, 2), mask: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0] },
      'out_proj.bias': [1, 2, 3, 4],
    },
  );
  expect(y!.slice(12)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
  expect([...dq!, ...dc!].every(Number.isFinite)).toBe(true);
  expect([...dq!.slice(12), ...dc!.slice(20)].every((g) => g === 0)).toBe(true);
});

test('one tensor as query, keys and values gives what three copies of it give', async () => {
  const { one, three } = await runLayer(
    (scope, x) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => x(name, [2, 3, 4]));
      const shared = scope.shared();
      return {
        one: attention(shared, a!, { keys: a!, values: a! }, options),
        three: attention(shared, a!, { keys: b!, values: c! }, options),
      };
    },
    { a: testValues(24), b: testValues(24), c: testValues(24) },
  );
  expect(relativeError(one!, three!)).toBeLessThan(1e-12);
});

test('dropout acts on the weights, after the softmax', async () => {
  const scope = new Scope({ training: true });
  const q = input('q', [2, 3, 4]);
  attention(scope, q, { keys: q, values: q }, { heads: 2, dropout: 0.1 });
  expect([...scope.dropouts].map(([name, { mask, rate }]) => [name, mask.shape, rate])).toEqual([
    ['dropout.weights', [2, 2, 3, 3], 0.1],
  ]);
  const { y, bias } = await runLayer(
    (inner, x) => {
      const x0 = x('x', [1, 2, 2]);
      const out = attention(inner, x0, { keys: x0, values: x0 }, { heads: 1, dropout: 0.5 });
      return { y: out, bias: inner.parameters.get('out_proj.bias')!.value };
    },
    { x: [1, 2, 3, 4], 'dropout.weights': [0, 0, 0, 0] },
    { training: true },
  );
  expect(y).toEqual([...bias!, ...bias!]);
});

test('starts as PyTorch does', () => {
  const x = input('x', [1, 2, 8]);
  expect(initializersOf((scope) => attention(scope, x, { keys: x, values: x }, options))).toEqual({
    in_proj_weight: { kind: 'uniform', bound: Math.sqrt(6 / (8 + 24)) },
    in_proj_bias: { kind: 'constant', value: 0 },
    'out_proj.weight': { kind: 'uniform', bound: 1 / Math.sqrt(8) },
    'out_proj.bias': { kind: 'constant', value: 0 },
  });
});

test('heads that do not divide the width are an error', () => {
  const x = input('x', [1, 2, 6]);
  expect(() => attention(new Scope(), x, { keys: x, values: x }, { heads: 4, dropout: 0 })).toThrow(
    'Attention of width 6 cannot be split into 4 heads.',
  );
});
