import { describe, expect, test } from 'vitest';
import { models, type Model, type ModelInputs } from '../../models/index.ts';
import { constantly, normally } from '../../nn/initializers.ts';
import { Scope } from '../../nn/index.ts';
import { compile } from '../../runtime/node.ts';
import { numbers, relativeError, testValues } from '../../runtime/testing.ts';
import { always, concat, constant, full, gradients, input, loop, type Tensor } from '../../tensor/index.ts';
import { compilePrediction } from '../programs/compile-prediction.ts';
import { parametersOf, placeholders, type InputSpec, type Network } from '../network.ts';
import { openBatch, withOpenBatch } from './open-batch.ts';

const spec: InputSpec = { task: { kind: 'regression' }, features: [{ name: 'x', time: 1, width: 2, masked: false }] };

type Read = (x: Tensor, batch: number, scope: Scope) => Tensor;

/** A network whose prediction is read off its features `[N, 2]`. */
const reading = (read: Read): Network => ({
  name: 'own',
  build(scope, { features }) {
    const { value } = features['x']!;
    const batch = value.shape[0]!;
    const prediction = read(value.reshape([batch, 2]), batch, scope);
    return { prediction, losses: {}, diagnostics: {}, representations: {} };
  },
});

/** The first feature of each sample, `[N]`. */
const first = (x: Tensor, batch: number): Tensor => x.slice(1, 0, 1).reshape([batch]);

test('features less their mean over the batch', async () => {
  const centred = reading((x, n) => first(x.sub(x.mean([0])), n));
  const program = await compilePrediction(centred, spec, { compile, threads: 1 });
  const { prediction } = await program.run({}, { 'features.x': Float32Array.of(2, 0, 6, 0) });
  expect([...prediction]).toEqual([-2, 2]);
  await program.dispose();
});

test('operators that take the size of the batch when they run give what a graph of that size does', async () => {
  const graph = (n: number): Record<string, Tensor> => {
    const x = input('x', [n, 2]);
    const wide = input('wide', [n, 24]);
    const likeness = x.matmul(x, { transposeB: true });
    const pairs = x.reshape([n, 1, 2]).sub(x.reshape([1, n, 2]));
    return {
      mean: x.mean([0]),
      deviation: x
        .sub(x.mean([0]))
        .square()
        .mean([0])
        .sqrt(),
      sum: x.sum([0]),
      'sum of many columns': wide.sum([0]),
      largest: x.maximum([0]),
      smallest: x.minimum([0]),
      logSumExp: x.logSumExp([0]),
      softmax: x.softmax(0),
      logSoftmax: x.logSoftmax(0),
      size: full([n], 1).sum(),
      'mean by a sum of ones': x.sum([0]).div(full([n], 1).sum()),
      covariance: x.matmul(x, { transposeA: true }),
      'attention over samples': likeness.softmax().matmul(x),
      'mean distance': pairs.square().sum([2]).mean([1]),
      'all pairs in a row': concat([likeness.reshape([n * n]), full([n * n], 1)], 0),
      'number of pairs': full([2, n * n], 1).sum([1]),
      'batch twice': concat([x.reshape([n * 2]), full([2 * n], 1)], 0),
    };
  };
  const open = await compile(withOpenBatch('The test', graph), { threads: 1, batch: openBatch });
  for (const n of [1, 2, 7, 200]) {
    const fixed = await compile(graph(n), { threads: 1 });
    const feeds = { x: Float32Array.from(testValues(n * 2)), wide: Float32Array.from(testValues(n * 24, 2)) };
    const [got, expected] = [await open.run(feeds), await fixed.run(feeds)];
    for (const name of Object.keys(expected))
      expect(relativeError(numbers(got[name]!), numbers(expected[name]!)), `${name} of ${n}`).toBeLessThan(1e-5);
    await fixed.dispose();
  }
  await open.dispose();
});

describe('the size of the batch as a number is refused, and the operator that takes it named', () => {
  const twice = (state: Tensor, next: (state: Tensor) => Tensor, limit = 2): Tensor =>
    loop({ state: [state], captured: [], limit }, ([s]) => ({ next: [next(s!)], again: always() }))[0]!;
  const sizes = (name: string, value: (n: number) => number): string =>
    `${name} ${value(97)} where N is 97 and ${value(100)} where N is 100`;

  test.each<[string, Read, string]>([
    [
      'a mean by hand',
      (x, n) => first(x, n).sub(first(x, n).sum().div(n)),
      `Div [] near the input "features.x" takes ${sizes('the constant', (n) => n)}`,
    ],
    [
      'a mean by hand, as a factor',
      (x, n) =>
        first(x, n).sub(
          first(x, n)
            .sum()
            .mul(1 / n),
        ),
      `Mul [] near the input "features.x" takes ${sizes('the constant', (n) => 1 / n)}`,
    ],
    [
      'an expanded constant',
      (x, n) => first(x, n).add(full([n], Math.log(n))),
      `Add [N] near the input "features.x" takes ${sizes('the constant', Math.log)}`,
    ],
    [
      'one of several constants',
      (x, n) => x.mul(constant([1, n], [1, 2])).sum([1]),
      `Mul [N,2] near the input "features.x" takes ${sizes('the constant', (n) => n)}`,
    ],
    [
      'the scale of a product',
      (x, n) => first(x.matmul(x.matmul(x, { transposeA: true, scale: 1 / n })), n),
      `MatMul [2,2] near the input "features.x" has ${sizes('scale', (n) => 1 / n)}`,
    ],
    [
      'the middle of the batch',
      (x, n) => first(x, n).sub(first(x, n).median()),
      `TopK [49] near the input "features.x" has ${sizes('k', (n) => Math.floor(n / 2) + 1)}`,
    ],
    [
      'a power',
      (x, n) => first(x, n).pow(1 + 1 / n),
      `Pow [N] near the input "features.x" has ${sizes('exponent', (n) => 1 + 1 / n)}`,
    ],
    [
      'rounds of a loop',
      (x, n) => twice(first(x, n), (s) => s.mul(0.5), n),
      `Loop [N] near the input "features.x" has ${sizes('limit', (n) => n)}`,
    ],
    [
      'a constant inside a loop',
      (x, n) => twice(first(x, n), (s) => s.div(n)),
      `Div [N] near the input "body 0" takes ${sizes('the constant', (n) => n)}`,
    ],
    [
      'zeros, as many as samples',
      (x, n) => x.pad(0, 0, n).sum([1]),
      `Pad [2*N,2] near the input "features.x" has ${sizes('after', (n) => n)}`,
    ],
    [
      'half of the batch as a dimension',
      (x, n) => first(x, n).add(full([Math.floor(n / 2)], 1).sum()),
      `Expand [48] has ${sizes('shape[0]', (n) => Math.floor(n / 2))}`,
    ],
    [
      'the square root of the batch times its size as a dimension',
      (x, n) => first(x, n).add(full([n * Math.floor(Math.sqrt(n))], 1).sum()),
      `Expand [9*N] has ${sizes('shape[0]', (n) => n * Math.floor(Math.sqrt(n)))}`,
    ],
    [
      'other operators',
      (x, n) => (n % 2 === 0 ? first(x, n).neg() : first(x, n).exp()),
      'Exp [N] near the input "features.x" stands where N = 100 has Neg [N]',
    ],
    [
      'other operands',
      (x, n) => {
        const [a, b] = x.split(1, [1, 1]) as [Tensor, Tensor];
        return (n % 2 === 0 ? a.sub(b) : b.sub(a)).reshape([n]);
      },
      'Sub [N,1] near the input "features.x" has other operands for N = 100',
    ],
    [
      'more operators',
      (x, n) => (n % 2 === 0 ? first(x, n).neg() : first(x, n)),
      'it ends in Reshape [N] near the input "features.x" where N = 100 goes on to Neg [N]',
    ],
    [
      'a choice by a bound',
      (x, n) => first(x, n).mul(n > 10 ? 1 : 2),
      'Mul [N] near the input "features.x" takes the constant 1 where N is 1000003 and 2 where N is 7',
    ],
    [
      'no more than so many samples',
      (x, n) => first(x, n).mul(Math.min(n, 128)),
      `Mul [N] near the input "features.x" takes ${sizes('the constant', (n) => n)}`,
    ],
    [
      'the gradient of a mean over the batch, which divides by its size',
      (x, n) => first(gradients(x.square().mean([0]).sum(), [x])[0]!, n),
      `takes ${sizes('the constant', (n) => 1 / n)}`,
    ],
  ])('%s', async (_, read, message) => {
    const compiled = compilePrediction(reading(read), spec, { compile, threads: 1 });
    await expect(compiled).rejects.toThrow(RangeError);
    await expect(compiled).rejects.toThrow(message);
    await expect(compiled).rejects.toThrow(/^The prediction of "own" depends on N, the number of samples: [^\n]*\.$/);
  });

  test.each<[string, Read, string]>([
    [
      'a shape',
      (x, n, scope) => x.add(scope.param('w', [n, 1], constantly(0))).sum([1]),
      sizes('w.shape[0]', (n) => n),
    ],
    [
      'first values',
      (x, n, scope) => x.mul(scope.at('head').param('w', [2], normally(1 / n))).sum([1]),
      sizes('head.w.init.deviation', (n) => 1 / n),
    ],
    [
      'a name',
      (x, n, scope) => x.mul(scope.param(`w${n % 2}`, [2], constantly(0))).sum([1]),
      'w1 {"shape":[2],"init":{"kind":"constant","value":0},"group":{}} where N is 97 and none where N is 100',
    ],
  ])('of a parameter: %s', (_, read, message) => {
    expect(() => parametersOf(reading(read), spec)).toThrow(
      `The parameter list of "own" depends on N, the number of samples: it has ${message}`,
    );
  });
});

describe('parameters are the same with labels and without, or told before anything is trained', () => {
  type Declare = (scope: Scope, inputs: ModelInputs) => void;
  const declaring = (declare: Declare): Network => {
    const network = reading((x, n) => first(x, n));
    const build: Network['build'] = (scope, inputs) => {
      declare(scope, inputs);
      return network.build(scope, inputs);
    };
    return { ...network, build };
  };
  const param = (scope: Scope, size = 2): unknown => scope.at('head').param('w', [size], constantly(0));

  test.each<[string, Declare, string]>([
    ['only with labels', (scope, { labels }) => labels && param(scope), 'only where there are labels'],
    ['only without', (scope, { labels }) => labels ?? param(scope), 'everywhere but where there are labels'],
    ['only in training', (scope) => scope.training && param(scope), 'only where there are labels, in training'],
    [
      'of another shape',
      (scope, { labels }) => param(scope, labels ? 3 : 2),
      'otherwise where there are labels, in training. Declare the same parameters whatever build is given;',
    ],
  ])('%s', (_, declare, where) => {
    expect(() => parametersOf(declaring(declare), spec)).toThrow(
      `The parameter list of "own" depends on labels: "head.w" is declared ${where}`,
    );
  });

  test('those that only the losses of a stage need are known from that stage, and may be used after it', () => {
    const network = declaring((scope, { labels }) => labels && param(scope));
    expect([...parametersOf({ ...network, stages: [{ name: 'first', epochs: 1 }] }, spec).keys()]).toEqual(['head.w']);
  });
});

test.each(['labels', 'epoch', 'rows', 'features.x', 'mask.x', 'labels.x'])(
  'a parameter called as the input "%s" is refused',
  (name) => {
    const network = reading((x, n, scope) => first(x, n).mul(scope.param(name, [1], constantly(0))));
    expect(() => parametersOf(network, spec)).toThrow(
      `Parameter "${name}" of "own" is called as an input is; give it, or its scope, another name.`,
    );
  },
);

describe('what differs from one build to the next is no matter of the batch', () => {
  let builds = 0;
  test.each<[string, Read, string]>([
    [
      'a constant',
      (x, n) => first(x, n).mul(++builds),
      'Mul [N] near the input "features.x" takes the constant 3 and then 4',
    ],
    [
      'an operator',
      (x, n) => (++builds % 2 === 0 ? first(x, n).neg() : first(x, n).exp()),
      'Exp [N] near the input "features.x" stands where a second build has Neg [N]',
    ],
  ])('%s', async (_, read, message) => {
    builds = 0;
    const compiled = compilePrediction(reading(read), spec, { compile, threads: 1 });
    await expect(compiled).rejects.toThrow(
      `The prediction of "own" is not the same when it is built twice: ${message}. It must be: chance comes from dropout`,
    );
  });

  test('first values of a parameter', () => {
    builds = 0;
    const drawn = reading((x, _, scope) => x.mul(scope.param('w', [2], constantly(++builds))).sum([1]));
    expect(() => parametersOf(drawn, spec)).toThrow(
      'The parameter list of "own" is not the same when it is built twice: it has w.init.value 3 and then 4.',
    );
  });
});

describe('no model depends on it, neither by its predictions nor by its representations', () => {
  const features = [
    { name: 'text', time: 6, width: 12, masked: true },
    { name: 'audio', time: 5, width: 8, masked: true },
    { name: 'vision', time: 1, width: 8, masked: false },
  ];
  test.each(Object.values<Model>(models).map((model) => [model.name, model] as const))('%s', (name, model) => {
    for (const task of [{ kind: 'regression' }, { kind: 'classification', classes: 3 }] as const)
      withOpenBatch(name, (batch) => {
        const inputs = placeholders({ features, task }, batch, { labels: false });
        const { prediction, representations } = model.build(new Scope(), inputs, model.config.parse({}));
        return { prediction, ...representations };
      });
  });
});
