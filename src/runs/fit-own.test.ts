/** A model of one's own that is passed to `fit` as a value is trained and used like a model of the table. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  asPrediction,
  concat,
  ConfigError,
  defineModel,
  exportOnnx,
  fit,
  linear,
  openModel,
  outputsOf,
  pool,
  predict,
  resolveConfig,
  score,
  synthetic,
  taskLoss,
  z,
  type Fitted,
  type OwnFitOptions,
} from '../index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

const dataset = synthetic({ samples: { train: 40, valid: 20, test: 20 }, modalities: 2 });
const own = defineModel({
  name: 'late',
  config: z
    .object({ width: z.int().positive().default(8), most: z.number().default(2 ** 30) })
    .refine(({ width, most }) => width < most, 'the width must be below most'),
  build(scope, { features, labels, task }, { width }) {
    const hidden = Object.entries(features).map(([m, sequence]) => linear(scope.at(m), pool(sequence), width).tanh());
    const prediction = asPrediction(linear(scope.at('head'), concat(hidden, 1), outputsOf(task)), task);
    return {
      prediction,
      losses: labels ? { task: taskLoss(prediction, labels, task, 'l1') } : {},
      diagnostics: {},
      representations: { fused: concat(hidden, 1) },
    };
  },
});
const options = { model: own, config: { model: { width: 4 }, train: { epochs: 2, threads: 1 } } };

let fitted: Fitted;
beforeAll(async () => {
  fitted = await fit(dataset, { ...options, out: at('run') });
});

test('its run is complete, and is gone on with', async () => {
  expect(fitted.result).toMatchObject({ run: at('run'), epochs: 2 });
  const record = JSON.parse(readFileSync(path.join(at('run'), 'config.json'), 'utf8')) as Record<string, object>;
  expect(record['config']).toMatchObject({ recipe: 'default', model: { name: 'late', width: 4, most: 2 ** 30 } });
  expect(record['overrides']).toMatchObject({ model: 'late', values: { model: { width: 4 } } });
  const { result } = await fit(dataset, { ...options, out: at('run'), resume: true });
  expect(result).toEqual(fitted.result);
});

test('stopped and resumed it comes to the same', async () => {
  const abort = new AbortController();
  const stopped = fit(dataset, { ...options, out: at('stopped'), signal: abort.signal, onEvent: () => abort.abort() });
  await expect(stopped).rejects.toThrow('resume: true');
  const { result } = await fit(dataset, { ...options, out: at('stopped'), resume: true });
  expect(result).toEqual({ ...fitted.result, run: at('stopped') });
});

test('it is opened with the model given again, scored, and exported', async () => {
  const model = openModel(at('run'), { model: own });
  expect((await score(model, dataset)).metrics).toEqual(fitted.result.test);
  const { representations } = await predict(model, dataset, { representations: true });
  expect(representations['fused']).toHaveLength(20 * 8);
  expect(await exportOnnx(model, at('export'))).toMatchObject({
    model: 'late',
    sha256: expect.stringMatching(/^\w{64}$/) as string,
  });
});

test('nothing loads it by itself, and another is refused', () => {
  expect(() => openModel(at('run'))).toThrow(
    'best.safetensors: This version has no model "late"; if it is your own, give its file with --model FILE',
  );
  expect(() => openModel(at('run'), { model: { ...own, name: 'early' } })).toThrow('The model is "late", not "early"');
});

test('a model of the table is meant by its name or its value alike', async () => {
  const config = { model: { width: 8, heads: 2, intraLayers: 1, interLayers: 1 }, train: { epochs: 1, threads: 1 } };
  const { result } = await fit(dataset, {
    model: 'muta-net',
    config: { ...config, model: { name: 'muta-net', ...config.model } },
    out: at('by-name'),
  });
  const { models } = await import('../models/index.ts');
  const again = await fit(dataset, { model: models['muta-net'], config, out: at('by-value') });
  expect(again.result).toEqual({ ...result, run: at('by-value') });
  expect(openModel(at('by-value')).network.name).toBe('muta-net');
});

describe('its settings', () => {
  test('are typed by its own schema', () => {
    type Keys = NonNullable<NonNullable<OwnFitOptions<typeof own.config>['config']>['model']>;
    expectTypeOf<Keys>().toEqualTypeOf<{ width?: number | undefined; most?: number | undefined }>();
    // @ts-expect-error -- not a key
    const wrong = (): unknown => fit(dataset, { model: own, config: { model: { widht: 3 } }, out: at('never') });
    expect(wrong).toBeTypeOf('function');
  });

  const refusal = (set: readonly string[]): string => {
    try {
      resolveConfig({ model: own, set });
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message;
    }
    return 'nothing was refused';
  };

  test.each<[readonly string[], string]>([
    // The model's schema is a plain object, not a strict one: an unknown key is an error all the same.
    [['model.widht=3'], '--set model.widht=3: unknown key "model.widht"; did you mean "model.width"?'],
    [['model.width=0'], '--set model.width=0: model.width: expected number to be >0, got 0.'],
    [['model.most=3'], 'configuration: model: the width must be below most, got {'],
    [['recipe=small'], 'unknown recipe "small" of late; it has default.'],
  ])('%j', (set, problem) => {
    expect(refusal(set)).toContain(problem);
  });

  test('may depend on each other, and are then looked at together', () => {
    expect(resolveConfig({ model: own, set: ['model.most=3', 'model.width=2'] }).model).toMatchObject({ width: 2 });
  });

  test('have recipes, of which the first is the default', () => {
    const recipes = { wide: { model: { width: 64 }, train: { epochs: 3 } }, narrow: { model: { width: 2 } } };
    const model = { ...own, recipes };
    expect(resolveConfig({ model })).toMatchObject({ recipe: 'wide', model: { width: 64 }, train: { epochs: 3 } });
    expect(resolveConfig({ model, recipe: 'narrow', set: ['train.epochs=4'] })).toMatchObject({
      ...{ recipe: 'narrow', model: { name: 'late', width: 2 }, train: { epochs: 4 } },
    });
  });
});

test('what is no model, and what builds something else, is refused before anything is written', async () => {
  await expect(fit(dataset, { ...options, model: { ...own, name: 'Self-MM' }, out: at('never') })).rejects.toThrow(
    'model: name: "Self-MM" is a model of decalign ("self-mm"); rename yours.',
  );
  const flat = defineModel({
    ...own,
    build: (scope, inputs, config) => ({
      ...own.build(scope, inputs, config),
      prediction: inputs.features['text']!.value,
    }),
  });
  await expect(fit(dataset, { ...options, model: flat, out: at('never') })).rejects.toThrow(
    'The model "late" gives no sound prediction: it must have the shape [N], but has [N,12,24].',
  );
});
