import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, topologicalOrder } from '../tensor/index.ts';
import { Scope } from './scope.ts';
import { layerGradientError, runLayer } from './testing.ts';
import { transformer, type TransformerOptions } from './transformer.ts';

type Golden = Record<'x' | 'mask' | 'value', number[]> & Record<'parameters' | 'gradients', Record<string, number[]>>;
const torch = JSON.parse(readFileSync('test/fixtures/nn/torch.json', 'utf8')) as Record<string, Golden>;

const rates = { attention: 0, relu: 0, residual: 0, embedding: 0 };
const options: TransformerOptions = { heads: 2, layers: 1, dropout: rates };

/** PyTorch's names of a layer's parameters as ours. */
const renamed = (name: string): string =>
  `layers.0.${name
    .replace('self_attn', 'attention')
    .replace('linear1', 'feed_forward.0')
    .replace('linear2', 'feed_forward.1')
    .replace('norm1', 'attention_norm')
    .replace('norm2', 'feed_forward_norm')}`;

describe.each(['post', 'pre'] as const)('%s-norm', (norm) => {
  test('values and gradients agree with PyTorch', async () => {
    const golden = torch[`encoder ${norm}`]!;
    const parameters = Object.entries(golden.parameters).map(([name, values]) => [renamed(name), values] as const);
    const wanted = Object.keys(golden.gradients).filter((name) => name !== 'x');
    const results = await runLayer(
      (scope, x) => {
        const value = x('x', [2, 3, 4]);
        // The encoder scales its inputs by √4.
        const sequence = { value: value.mul(0.5), mask: x('mask', [2, 3]) };
        const y = transformer(scope, sequence, undefined, { ...options, norm }).value;
        const weights = constant(
          Array.from({ length: 24 }, (_, i) => -1 + (2 * i) / 23),
          [2, 3, 4],
          'float64',
        );
        const wrt = [value, ...wanted.map((name) => scope.parameters.get(renamed(name))!.value)];
        const all = gradients(y.mul(weights).sum(), wrt);
        return { y, ...Object.fromEntries(['x', ...wanted].map((name, i) => [`d ${name}`, all[i]!])) };
      },
      {
        ...Object.fromEntries(parameters),
        'norm.weight': [1, 1, 1, 1],
        'norm.bias': [0, 0, 0, 0],
        x: golden.x,
        mask: golden.mask,
      },
    );
    expect(relativeError(results['y']!, golden.value)).toBeLessThan(1e-8);
    for (const [name, gradient] of Object.entries(golden.gradients))
      expect(relativeError(results[`d ${name}`]!, gradient), name).toBeLessThan(1e-7);
  });

  test('gradients of queries, context and every parameter, two layers deep', async () => {
    const error = await layerGradientError(
      (scope, x, context) =>
        transformer(scope, { value: x }, [{ value: context }], { ...options, layers: 2, norm }).value,
      [
        [1, 2, 4],
        [1, 3, 4],
      ],
    );
    expect(error).toBeLessThan(1e-5);
  });

  test.each(['self', 'cross-modal'])('padded steps never count in %s-attention', async (kind) => {
    const run = (values: { x: number[]; context: number[] }): Promise<Record<string, number[]>> =>
      runLayer(
        (scope, x) => {
          const sequence = { value: x('x', [2, 3, 4]), mask: x('mask', [2, 3]) };
          const context = { value: x('context', [2, 4, 4]), mask: x('context mask', [2, 4]) };
          const given = kind === 'self' ? undefined : [context];
          const y = transformer(scope, sequence, given, { ...options, layers: 2, norm, positions: true });
          const counted = y.value.mul(y.mask!.reshape([2, 3, 1]));
          const names = [...scope.parameters.keys()];
          const all = gradients(
            counted.mul(counted.exp()).sum(),
            names.map((name) => scope.parameters.get(name)!.value),
          );
          return { counted, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, all[i]!])) };
        },
        { ...values, mask: [1, 1, 1, 1, 1, 0], 'context mask': [1, 1, 0, 0, 1, 1, 1, 0] },
      );
    const [x, context] = [testValues(24), testValues(32, 2)];
    const a = await run({ x, context });
    const b = await run({
      x: x.map((v, i) => (i >= 20 ? 100 * v : v)),
      context: context.map((v, i) => ((i >= 8 && i < 16) || i >= 28 ? 100 * v : v)),
    });
    for (const [name, values] of Object.entries(a)) expect(relativeError(b[name]!, values), name).toBeLessThan(1e-12);
  });
});

test('every place where dropout acts has a name, a shape and its rate', () => {
  const scope = new Scope({ training: true });
  const dropout = { attention: 0.1, relu: 0.2, residual: 0.3, embedding: 0.4 };
  transformer(scope, { value: input('x', [2, 3, 4]) }, [{ value: input('c', [2, 5, 4]) }], { ...options, dropout });
  expect([...scope.dropouts].map(([name, { mask, rate }]) => [name, mask.shape, rate])).toEqual([
    ['dropout.queries', [6, 4], 0.4],
    ['dropout.keys', [10, 4], 0.4],
    ['dropout.values', [10, 4], 0.4],
    ['dropout.layers.0.attention.weights', [2, 2, 3, 5], 0.1],
    ['dropout.layers.0.attended', [6, 4], 0.3],
    ['dropout.layers.0.hidden', [6, 16], 0.2],
    ['dropout.layers.0.fed', [6, 4], 0.3],
  ]);
});

test.each([
  ['post', false],
  ['pre', false],
  ['pre', true],
] as const)('%s-norm uses every mask of dropout, with a context normalised by each layer: %s', (norm, normalised) => {
  const scope = new Scope({ training: true });
  const dropout = { attention: 0.1, relu: 0.2, residual: 0.3, embedding: 0.4 };
  const x = { value: input('x', [2, 3, 4]) };
  const { value } = transformer(scope, x, [{ value: input('c', [2, 5, 4]) }], {
    ...options,
    dropout,
    norm,
    context: { normalised },
  });
  const used = new Set(topologicalOrder([value]));
  const unused = [...scope.dropouts].filter(([, { mask }]) => !used.has(mask.node));
  expect(unused.map(([name]) => name)).toEqual([]);
});

test('causal self-attention: later steps change no earlier output', async () => {
  const run = (x: number[]): Promise<Record<string, number[]>> =>
    runLayer(
      (scope, given) => ({
        y: transformer(scope, { value: given('x', [1, 3, 4]) }, undefined, { ...options, causal: true }).value,
      }),
      { x },
    );
  const x = testValues(12);
  const [a, b] = [await run(x), await run(x.map((v, i) => (i >= 8 ? -v : v)))];
  expect(b['y']!.slice(0, 8)).toEqual(a['y']!.slice(0, 8));
  expect(b['y']!.slice(8)).not.toEqual(a['y']!.slice(8));
});

test("a causal context: step t sees no steps after t + |T − T'|, of true lengths", async () => {
  // Lengths 2 and 3: step 0 sees two steps of the context, step 1 all three.
  const run = (context: number[], padding: number): Promise<Record<string, number[]>> =>
    runLayer(
      (scope, given) => {
        const x = { value: given('x', [1, 2, 4]) };
        const mask = constant([1, 1, 1, ...Array<number>(padding).fill(0)], [1, 3 + padding], 'float64');
        const memory = { value: given('context', [1, 3, 4]).pad(1, 0, padding), ...(padding > 0 && { mask }) };
        const attending = { causal: true, normalised: true };
        return { y: transformer(scope, x, [memory], { ...options, norm: 'pre', context: attending }).value };
      },
      { x: testValues(8), context },
    );
  const context = testValues(12, 3);
  const changed = context.map((v, i) => (i >= 8 ? -v : v));
  const [{ y: a }, { y: b }, { y: c }] = [await run(context, 0), await run(changed, 0), await run(context, 2)];
  expect(relativeError(b!.slice(0, 4), a!.slice(0, 4))).toBeLessThan(1e-12);
  expect(relativeError(b!.slice(4), a!.slice(4))).toBeGreaterThan(1e-3);
  expect(relativeError(c!, a!)).toBeLessThan(1e-12);
});

test('without positions the order of context steps does not matter; with them it does', async () => {
  const swapped = (x: number[]): number[] => [...x.slice(4, 8), ...x.slice(0, 4), ...x.slice(8)];
  const run = (context: number[], positions: boolean): Promise<Record<string, number[]>> =>
    runLayer(
      (scope, x) => {
        const [sequence, memory] = [{ value: x('x', [1, 2, 4]) }, { value: x('context', [1, 3, 4]) }];
        return { y: transformer(scope, sequence, [memory], { ...options, positions }).value };
      },
      { x: testValues(8), context },
    );
  const context = testValues(12, 3);
  const difference = async (positions: boolean): Promise<number> =>
    relativeError((await run(context, positions))['y']!, (await run(swapped(context), positions))['y']!);
  expect(await difference(false)).toBeLessThan(1e-12);
  expect(await difference(true)).toBeGreaterThan(1e-3);
});

test('positions of each context sequence count from its own start: padding between them does not matter', async () => {
  const run = (padding: number): Promise<Record<string, number[]>> =>
    runLayer(
      (scope, x) => {
        const first = x('first', [1, 2, 4]);
        const mask = constant([1, 1, ...Array<number>(padding).fill(0)], [1, 2 + padding], 'float64');
        const context = [{ value: first.pad(1, 0, padding), mask }, { value: x('second', [1, 3, 4]) }];
        return { y: transformer(scope, { value: x('x', [1, 2, 4]) }, context, { ...options, positions: true }).value };
      },
      { x: testValues(8), first: testValues(8, 2), second: testValues(12, 3) },
    );
  const [{ y: a }, { y: b }] = [await run(0), await run(3)];
  expect(relativeError(b!, a!)).toBeLessThan(1e-12);
});
