/** The bench's formula of a step's work against the products of the graph that is run. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bertBase, fineTuning } from '../bench/bert.ts';
import { configuration, recipes, type Configuration } from '../bench/configurations.ts';
import { bertFlop, stepFlop } from '../bench/flop.ts';
import { resolveConfig } from '../src/config/index.ts';
import { Scope } from '../src/nn/index.ts';
import { simplify } from '../src/onnx/simplify.ts';
import { Gemm, gradients, MatMul, size, topologicalOrder } from '../src/tensor/index.ts';
import { placeholders } from '../src/train/index.ts';

/** Operations of the graph's matrix products, forward and backward. */
function graphFlop({ network, spec, train }: Omit<Configuration, 'model'>): number {
  const scope = new Scope({ training: true });
  const { losses } = network.build(scope, placeholders(spec, train.batchSize, { labels: true }));
  const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
  const parameters = [...scope.parameters.values()].map(({ value }) => value);
  const outputs = simplify([total, ...gradients(total, parameters).filter((gradient) => gradient !== undefined)]);
  return topologicalOrder(outputs)
    .filter(({ op }) => op.name === MatMul.name || op.name === Gemm.name)
    .map(({ inputs: [a, b], outputs: [y] }) => {
      const [left, right, result] = [a!, b!, y!].map(({ shape }) => size(shape.slice(-2)));
      // With [m, k], [k, n] and [m, n], whichever is transposed: k = √(mk · kn / mn).
      return 2 * size(y!.shape) * Math.round(Math.sqrt((left! * right!) / result!));
    })
    .reduce((a, b) => a + b, 0);
}

// Where there is one time step, the products that the formula leaves out (mixtures, moments, MMD) weigh more.
test.each(
  recipes.flatMap((recipe) => [
    { name: 'step-mosi', recipe, within: 0.02 } as const,
    { name: 'step-iemocap', recipe, within: 0.06 } as const,
  ]),
)('the formula agrees with the graph of $name, $recipe', ({ within, ...request }) => {
  const asked = configuration(request);
  const ratio = graphFlop(asked) / stepFlop(asked);
  expect(Math.abs(ratio - 1)).toBeLessThan(within);
});

test('the formula agrees with the graph of a fine-tuned encoder', () => {
  const flop = bertFlop(bertBase, { batch: 32, time: 50 });
  expect(flop / 1e9).toBeCloseTo(824.2, 1);
  expect(Math.abs(graphFlop(fineTuning(bertBase)) / flop - 1)).toBeLessThan(0.01);
});

test('a step of step-mosi is 10.7 GFLOP, whatever the recipe', () => {
  for (const recipe of recipes)
    expect(stepFlop(configuration({ name: 'step-mosi', recipe })) / 1e9).toBeCloseTo(10.67, 2);
});

test.each(['mosi', 'iemocap'] as const)('under `authors` the model is that of configs/%s.yaml', (name) => {
  const text = readFileSync(new URL(`../configs/${name}.yaml`, import.meta.url), 'utf8');
  const { model } = resolveConfig({ file: { name, text } });
  expect(model).toEqual({ name: 'decalign', ...configuration({ name: `step-${name}`, recipe: 'authors' }).model });
});
