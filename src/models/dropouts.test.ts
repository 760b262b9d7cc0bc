/** Where dropout acts in every model, and at which of its rates. */
import { describe, expect, test } from 'vitest';
import { Scope } from '../nn/index.ts';
import { input } from '../tensor/index.ts';
import { models, type Model, type ModelName } from './index.ts';

// CubeMLP's head has a hidden layer only with so many modalities.
const times = { text: 4, audio: 5, vision: 6, motion: 3, pulse: 2 };
const names = Object.keys(times);

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A configuration whose every rate of dropout is another one, 0.01, 0.02, …, by modality where that may be, and these rates
 * by their keys.
 */
function withOwnRates({ config }: Model): { readonly config: unknown; readonly rates: Map<string, number> } {
  const rates = new Map<string, number>();
  const own = (tree: Tree, path: string): Tree =>
    Object.fromEntries(
      Object.entries(tree).map(([name, value]): [string, unknown] => {
        const key = `${path}.${name}`;
        if (isTree(value)) {
          const byModality = 'other' in value && key.includes('dropout');
          return [name, own(byModality ? Object.fromEntries(names.map((m) => [m, 0])) : value, key)];
        }
        if (typeof value !== 'number' || !key.includes('dropout')) return [name, value];
        rates.set(key, (rates.size + 1) / 100);
        return [name, rates.get(key)];
      }),
    );
  return { config: own(config.parse({}) as Tree, 'model'), rates };
}

/** The rate of every place where dropout acts while training, by its name. */
function placesOf(model: Model, config: unknown): Map<string, number> {
  const scope = new Scope({ training: true });
  const features = Object.fromEntries(
    Object.entries(times).map(([name, time]) => [
      name,
      { value: input(name, [8, time, 3]), mask: input(`mask ${name}`, [8, time]) },
    ]),
  );
  const rows = input('rows', [8]).cast('int64');
  const progress = { epoch: input('epoch', [1]).reshape([]), rows, samples: 8, stage: undefined };
  const inputs = { features, labels: input('labels', [8]), task: { kind: 'regression' }, progress } as const;
  model.build(scope, inputs, model.config.parse(config));
  return new Map([...scope.dropouts].map(([name, { rate }]) => [name.replace('dropout.', ''), rate]));
}

describe.each(Object.keys(models) as ModelName[])('%s', (name) => {
  const model: Model = models[name];
  const { config, rates } = withOwnRates(model);
  const places = placesOf(model, config);

  test('every rate acts somewhere, and no other does', () => {
    const acting = new Set(places.values());
    expect([...acting].toSorted()).toEqual([...rates.values()].toSorted());
  });

  const ofAttention = [...rates].filter(([key]) => key.startsWith('model.dropout.attention')).map(([, rate]) => rate);
  test.runIf(ofAttention.length > 0)(
    'attention weights drop out at the rate of attention, and nothing else does',
    () => {
      for (const [place, rate] of places)
        expect(ofAttention.includes(rate), place).toBe(place.endsWith('attention.weights'));
    },
  );
});

/** By each transformer of a model, the modality whose rate its attention weights drop out at. */
function attentionOf(model: Model): Record<string, string> {
  const attention = Object.fromEntries(names.map((m, i) => [m, (i + 1) / 10]));
  const config = model.config.parse({}) as Tree & { readonly dropout: Tree };
  const places = placesOf(model, { ...config, dropout: { ...config.dropout, attention } });
  return Object.fromEntries(
    [...places].flatMap(([place, rate]) => {
      const transformer = /^(.*)\.layers\.\d+\.attention\.weights$/.exec(place)?.[1];
      return transformer === undefined ? [] : [[transformer, names.find((m) => attention[m] === rate)!]];
    }),
  );
}

describe('where attention has a rate by modality, it is', () => {
  /** As in the code of MulT's authors: of the modality that is heard; of text in the transformers of what was heard. */
  const heard: Record<string, string> = Object.fromEntries(
    names.flatMap((target): [string, string][] => [
      ...names
        .filter((source) => source !== target)
        .map((source): [string, string] => [`cross.${target}.${source}`, source]),
      [`self.${target}`, 'text'],
    ]),
  );
  const ofEach = (transformer: string): Record<string, string> =>
    Object.fromEntries(names.map((m) => [`${transformer}.${m}`, m]));

  test('that of the modality that is heard in MulT', () => {
    expect(attentionOf(models.mult)).toEqual(heard);
  });

  test("the same in DMD, and each modality's own where it heeds itself", () => {
    expect(attentionOf(models.dmd)).toEqual({ ...heard, ...ofEach('common_transformer') });
  });

  test('that of the modality that attends in DecAlign', () => {
    expect(attentionOf(models.decalign)).toEqual(ofEach('transformer'));
  });
});
