import { describe, expect, test } from 'vitest';
import { gradients, input, type Tensor } from '../tensor/index.ts';
import { bert, type BertConfig, type BertOptions } from './bert.ts';
import { Scope } from './scope.ts';
import { runLayer } from './testing.ts';

// Values and gradients are held to PyTorch's in src/encoders/huggingface.test.ts.

const small: BertConfig = {
  kind: 'bert',
  vocabulary: 20,
  width: 8,
  layers: 2,
  heads: 2,
  inner: 12,
  activation: 'gelu',
  positions: 12,
  segments: 2,
  padding: 0,
  epsilon: 1e-12,
  dropout: { hidden: 0.1, attention: 0.2 },
  deviation: 0.5,
};

const ids = (shape: readonly [number, number]): Tensor => input('ids', shape, 'int64');

describe.each(['bert', 'roberta'] as const)('%s', (kind) => {
  const config = { ...small, kind, padding: kind === 'bert' ? 0 : 1 };
  const run = (tokens: number[][]) => {
    const [batch, steps] = [tokens.length, tokens[0]!.length];
    const given = tokens.flat();
    const real = given.map((id) => Number(id < 100));
    return runLayer(
      (scope, x) => {
        // Padding is told by its mask; a token of 100 or more stands for one of 100 less there.
        const mask = x('mask', [batch, steps]);
        const { last } = bert(scope, { ids: x('ids', [batch, steps]).cast('int64'), mask }, config);
        const first = last.value.slice(0, 0, 1).slice(1, 0, 3).reshape([3, config.width]);
        const words = scope.parameters.get('embeddings.word_embeddings.weight')!.value;
        const [gradient] = gradients(first.square().mul(first.exp()).sum(), [words]);
        return { first, gradient: gradient! };
      },
      { ids: given.map((id) => id % 100), mask: real },
    );
  };

  test('padding changes no state of a true token and no gradient', async () => {
    const pad = 100 + config.padding;
    const alone = await run([[5, 6, 7]]);
    const padded = await run([
      [5, 6, 7, pad, pad],
      [8, 9, 10, 11, 12],
    ]);
    padded['first']!.forEach((value, i) => expect(value).toBeCloseTo(alone['first']![i]!, 12));
    padded['gradient']!.forEach((value, i) => expect(value).toBeCloseTo(alone['gradient']![i]!, 11));
    expect(padded['gradient']!.slice(8 * 8, 9 * 8).every((g) => g === 0)).toBe(true);
  });
});

test('what the padded ids are does not matter, to the last bit', async () => {
  const run = (pad: number) =>
    runLayer(
      (scope, x) => {
        const { last } = bert(scope, { ids: x('ids', [1, 4]).cast('int64'), mask: x('mask', [1, 4]) }, small);
        return { y: last.value.slice(1, 0, 2) };
      },
      { ids: [5, 6, pad, pad], mask: [1, 1, 0, 0] },
      { dtype: 'float32' },
    );
  expect(await run(17)).toEqual(await run(0));
});

test('RoBERTa counts positions from the one after the padding', async () => {
  const { used } = await runLayer(
    (scope, x) => {
      const config = { ...small, kind: 'roberta' as const, padding: 1, layers: 0 };
      const { last } = bert(scope, { ids: x('ids', [2, 4]).cast('int64') }, config);
      const positions = scope.parameters.get('embeddings.position_embeddings.weight')!.value;
      const [gradient] = gradients(last.value.exp().sum(), [positions]);
      return { used: gradient!.abs().sum([1]).greater(1e-9).cast('float64') };
    },
    { ids: [3, 4, 5, 6, 7, 8, 1, 1] },
  );
  // Row 0 is nobody's, row 1 the padding's.
  expect(used).toEqual([0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
});

describe('what is frozen', () => {
  const groupsOf = (options: BertOptions) => {
    const scope = new Scope({ training: true });
    bert(scope, { ids: ids([2, 3]) }, small, options);
    const of = (name: string) => scope.parameters.get(name)!.group;
    return {
      embeddings: of('embeddings.word_embeddings.weight'),
      first: of('encoder.layer.0.output.dense.bias'),
      second: of('encoder.layer.1.output.LayerNorm.weight'),
      dropouts: [...scope.dropouts.keys()],
    };
  };

  test('nothing by default', () => {
    const { embeddings, first, second, dropouts } = groupsOf({ group: { learningRate: 0.1 } });
    expect([embeddings, first, second]).toEqual(Array(3).fill({ learningRate: 0.1 }));
    expect(dropouts).toHaveLength(7);
  });

  test('the embeddings and as many layers, which then have no dropout', () => {
    const { embeddings, first, second, dropouts } = groupsOf({ freeze: 1, group: { weightDecay: 0 } });
    expect([embeddings, first, second]).toEqual([{ frozen: true }, { frozen: true }, { weightDecay: 0 }]);
    expect(dropouts).toEqual(
      ['self.weights', 'attended', 'fed'].map((name) => expect.stringContaining(name) as string),
    );
  });

  test('or all', () => {
    const { embeddings, second, dropouts } = groupsOf({ freeze: 'all' });
    expect([embeddings, second, dropouts]).toEqual([{ frozen: true }, { frozen: true }, []]);
  });

  test('but no more layers than there are', () => {
    expect(() => groupsOf({ freeze: 3 })).toThrow('Cannot freeze 3 layers of an encoder that has 2.');
  });
});

test('a model inside changes what a layer passes on', () => {
  const seen: number[] = [];
  const scope = new Scope();
  const { hidden } = bert(scope, { ids: ids([2, 3]) }, small, {
    between: (layer, states) => {
      seen.push(layer);
      return layer === 1 ? states.mul(2) : states;
    },
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(hidden.map(({ shape }) => shape)).toEqual(Array(3).fill([2, 3, 8]));
});

test('more tokens than positions are an error', () => {
  expect(() => bert(new Scope(), { ids: ids([1, 13]) }, small)).toThrow(
    'The encoder has positions for 12 tokens, and was given 13.',
  );
});
