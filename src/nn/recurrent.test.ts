import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Shape, type Tensor } from '../tensor/index.ts';
import { gru, lstm, type Recurrent, type RecurrentOptions } from './recurrent.ts';
import { Scope } from './scope.ts';
import type { Sequence } from './sequence.ts';
import { initializersOf, layerGradientError, runLayer } from './testing.ts';

interface Golden extends Record<'x' | 'lengths' | 'outputs' | 'last', number[]> {
  layers: number;
  bidirectional: boolean;
  parameters: Record<string, number[]>;
  gradients: Record<string, number[]>;
  lastCells?: number[];
}
const torch = JSON.parse(readFileSync('test/fixtures/nn/recurrent.json', 'utf8')) as Record<string, Golden>;

const kinds: Record<string, (scope: Scope, x: Sequence, hidden: number, options: RecurrentOptions) => Recurrent> = {
  lstm,
  gru,
};

const maskOf = (lengths: readonly number[], steps: number): number[] =>
  lengths.flatMap((n) => Array.from({ length: steps }, (_, t) => Number(t < n)));

/** The loss of the fixture: outputs and last states, unevenly weighted. */
const lossOf = ({ outputs, last }: Recurrent): Tensor => {
  const weighted = (y: Tensor, k: number): Tensor => {
    const count = y.shape.reduce((a, b) => a * b, 1);
    const weights = Array.from({ length: count }, (_, i) => Math.cos(k * i + 1));
    return y.mul(constant(weights, y.shape, y.dtype)).sum();
  };
  return weighted(outputs.value, 0.7).add(weighted(last, 1.3));
};

describe.each(Object.entries(torch))('%s', (name, golden) => {
  const layer = kinds[name.split(' ')[0]!]!;

  test("values and gradients are those of PyTorch's packed sequences", async () => {
    const results = await runLayer(
      (scope, x) => {
        const value = x('x', [4, 5, 3]);
        const y = layer(scope, { value, mask: x('mask', [4, 5]) }, 2, golden);
        const wrt = [value, ...[...scope.parameters.values()].map((parameter) => parameter.value)];
        const names = ['x', ...scope.parameters.keys()];
        const all = gradients(lossOf(y), wrt);
        return {
          outputs: y.outputs.value,
          last: y.last,
          ...Object.fromEntries(names.map((parameter, i) => [`d ${parameter}`, all[i]!])),
        };
      },
      { ...golden.parameters, x: golden.x, mask: maskOf(golden.lengths, 5) },
    );
    expect(relativeError(results['outputs']!, golden.outputs)).toBeLessThan(1e-10);
    expect(relativeError(results['last']!, golden.last)).toBeLessThan(1e-10);
    for (const [parameter, gradient] of Object.entries(golden.gradients))
      expect(relativeError(results[`d ${parameter}`]!, gradient), parameter).toBeLessThan(1e-8);
  });

  test('padded steps never count, and without padding no mask is needed', async () => {
    const run = (x: readonly number[], masked: boolean): Promise<Record<string, number[]>> =>
      runLayer(
        (scope, given) => {
          const value = given('x', [4, 5, 3]);
          const y = layer(scope, masked ? { value, mask: given('mask', [4, 5]) } : { value }, 2, golden);
          return { outputs: y.outputs.value, last: y.last };
        },
        { ...golden.parameters, x, ...(masked && { mask: maskOf(golden.lengths, 5) }) },
      );
    const spoilt = golden.x.map((v, i) => (Math.floor(i / 3) % 5 < golden.lengths[Math.floor(i / 15)]! ? v : 1e3 * v));
    expect(await run(spoilt, true)).toEqual(await run(golden.x, true));
    const [whole, some] = [await run(golden.x, false), await run(golden.x, true)];
    const first = whole['outputs']!.length / 4;
    expect(relativeError(whole['outputs']!.slice(0, first), some['outputs']!.slice(0, first))).toBeLessThan(1e-12);
  });
});

describe.each(Object.keys(kinds))('%s', (name) => {
  const layer = kinds[name]!;
  const shapes: Shape[] = [[2, 3, 2]];

  test.each<[string, number[] | undefined, RecurrentOptions & { steps?: number }]>([
    ['one way', [1, 1, 1, 1, 1, 0], {}],
    ['both ways, two layers', [1, 1, 0, 1, 1, 1], { bidirectional: true, layers: 2 }],
    ['over a gap', [1, 0, 1, 0, 1, 1], { bidirectional: true }],
    ['without a mask', undefined, { bidirectional: true }],
    ['over one step', undefined, { bidirectional: true, steps: 1 }],
  ])('gradients %s, by central differences', async (_, mask, { steps = 3, ...options }) => {
    const error = await layerGradientError((scope, x) => {
      const value = x.slice(1, 0, steps);
      return lossOf(layer(scope, mask ? { value, mask: constant(mask, [2, 3], x.dtype) } : { value }, 2, options));
    }, shapes);
    expect(error).toBeLessThan(1e-6);
  });

  test('the gradient has a gradient of its own', async () => {
    const error = await layerGradientError((scope, x) => {
      const loss = lossOf(layer(scope, { value: x }, 2, { bidirectional: true }));
      const names = [...scope.parameters.keys()].filter((parameter) => parameter.includes('weight_hh'));
      const all = gradients(
        loss,
        names.map((parameter) => scope.parameters.get(parameter)!.value),
      );
      return all.map((g) => g!.square().sum()).reduce((a, b) => a.add(b));
    }, shapes);
    expect(error).toBeLessThan(1e-5);
  });

  test("starts as PyTorch's, within ±1/√hidden, under its names", () => {
    const all = initializersOf((scope) => layer(scope, { value: input('x', [2, 3, 5]) }, 4, { bidirectional: true }));
    expect(Object.keys(all)).toEqual(
      ['l0', 'l0_reverse'].flatMap((end) => ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((n) => `${n}_${end}`)),
    );
    for (const init of Object.values(all)) expect(init).toEqual({ kind: 'uniform', bound: 0.5 });
  });

  test('dropout acts between layers only', () => {
    const scope = new Scope({ training: true });
    layer(scope, { value: input('x', [2, 3, 5]) }, 4, { layers: 3, dropout: 0.2 });
    expect([...scope.dropouts.keys()]).toEqual(['dropout.layers.0', 'dropout.layers.1']);
  });
});

test('the cells end where PyTorch says', async () => {
  const golden = torch['lstm one way']!;
  const { cells } = await runLayer(
    (scope, x) => ({ cells: lstm(scope, { value: x('x', [4, 5, 3]), mask: x('mask', [4, 5]) }, 2).cells.value }),
    { ...golden.parameters, x: golden.x, mask: maskOf(golden.lengths, 5) },
  );
  const ends = golden.lengths.flatMap((n, i) => cells!.slice((5 * i + n - 1) * 2, (5 * i + n) * 2));
  expect(relativeError(ends, golden.lastCells!)).toBeLessThan(1e-10);
});

test('a sample without a single true step ends at 0', async () => {
  const { outputs, last } = await runLayer(
    (scope, x) => {
      const y = gru(scope, { value: x('x', [1, 3, 2]), mask: x('mask', [1, 3]) }, 2, { bidirectional: true });
      return { outputs: y.outputs.value, last: y.last };
    },
    { x: testValues(6), mask: [0, 0, 0] },
  );
  expect([...outputs!, ...last!].every((v) => v === 0)).toBe(true);
});
