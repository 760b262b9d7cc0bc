import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import {
  ConfigError,
  fit,
  openModel,
  predict,
  score,
  synthetic,
  type Dataset,
  type FitOptions,
  type Fitted,
} from '../index.ts';
import { encodeModel, readModel } from './trained-model.ts';
import { resolveConfig } from '../config/index.ts';
import { prepare } from './prepare.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-fit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dataset = synthetic({ samples: { train: 40, valid: 20, test: 20 }, modalities: 2 });
const config: NonNullable<FitOptions['config']> = {
  recipe: 'paper',
  data: { clipPercentiles: [1, 99] },
  model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity', 'homogeneity'] },
  train: { epochs: 2, threads: 1 },
};
const out = path.join(folder, 'run');

let fitted: Fitted;
const seen: string[] = [];
beforeAll(async () => {
  fitted = await fit(dataset, { config, out, onEvent: ({ type }) => seen.push(type) });
});

test('trains in a line, and what it returns is what the directory holds', async () => {
  const { result, model } = fitted;
  expect(result).toMatchObject({ run: out, seed: 1, epochs: 2 });
  expect(new Set(seen)).toEqual(new Set(['start', 'step', 'epoch', 'end', 'result']));
  expect((await score(model, dataset)).metrics).toEqual(result.test);
  expect((await score(openModel(out), dataset, { split: 'valid' })).metrics).toEqual(result.valid);
  const { prediction, representations } = await predict(model, dataset, { representations: true });
  expect(prediction).toHaveLength(20);
  expect(representations['common.text']).toHaveLength(20 * 8);
});

test('again with resume, it returns the same without training', async () => {
  const again: string[] = [];
  const { result } = await fit(dataset, { config, out, resume: true, onEvent: ({ type }) => again.push(type) });
  expect(again).toEqual(['result']);
  expect(result).toEqual(fitted.result);
});

test('an aborted one says how to go on, and does', async () => {
  const place = path.join(folder, 'aborted');
  const abort = new AbortController();
  const onEvent = (): void => abort.abort();
  await expect(fit(dataset, { config, out: place, signal: abort.signal, onEvent })).rejects.toThrow(/resume: true/);
  const { result } = await fit(dataset, { config, out: place, resume: true });
  expect(result).toEqual({ ...fitted.result, run: place });
});

test('keys are typed, and checked', async () => {
  expectTypeOf(config.train!.epochs).toEqualTypeOf<number | undefined>();
  // @ts-expect-error -- not a key
  const wrong: FitOptions['config'] = { train: { epoch: 3 } };
  await expect(fit(dataset, { config: wrong!, out: path.join(folder, 'never') })).rejects.toThrow(ConfigError);
  await expect(fit(dataset, { config: wrong!, out })).rejects.toThrow('did you mean "train.epochs"?');
  await expect(fit(dataset, { config, out })).rejects.toThrow(/never overwritten/);
});

test('a model is told how many steps an epoch has, of which its stages are made', () => {
  const values = { model: { pretraining: { steps: 5 } }, train: { batchSize: 10 } };
  const { network, dataset: prepared } = prepare(resolveConfig({ recipe: 'decoupled', values }), dataset);
  const steps = Math.ceil(prepared.splits.train!.ids.length / 10);
  expect(steps).toBeGreaterThan(1);
  expect(network.stages).toEqual([{ name: 'pretraining', epochs: Math.ceil(5 / steps), ownSchedule: true }]);
});

test('a trained model comes back from its bytes: parameters, statistics and how it was made', () => {
  const { trained, parameters } = fitted.model;
  const { parameters: shapes } = prepare(trained!.config, dataset);
  const file = path.join(folder, 'copy.safetensors');
  writeFileSync(file, encodeModel(trained!, shapes));
  expect(readModel(file)).toEqual(trained);
  expect(Object.keys(parameters).sort()).toEqual([...shapes.keys()].sort());
  expect(Object.keys(trained!.standardisation['audio']!)).toEqual(['mean', 'scale', 'low', 'high', 'fill']);
});

test('labels of single modalities reach a model that learns from them, and predictions need none', async () => {
  const own = (labels: Float32Array): Record<string, Float32Array> => ({ text: labels, audio: labels.map((y) => -y) });
  const labelled: Dataset = {
    ...dataset,
    splits: { ...dataset.splits, train: { ...dataset.splits.train!, ownLabels: own(dataset.splits.train!.labels!) } },
  };
  const selfMm: NonNullable<FitOptions['config']> = {
    model: { name: 'self-mm', labels: 'annotated', features: 4, fusion: 8 },
    train: { epochs: 1, threads: 1 },
  };
  const losses: string[][] = [];
  const { model } = await fit(labelled, {
    config: selfMm,
    out: path.join(folder, 'labelled'),
    onEvent: (event) => event.type === 'epoch' && losses.push(Object.keys(event.losses)),
  });
  expect(losses).toEqual([['task', 'own.text', 'own.audio', 'total']]);
  expect((await predict(model, dataset)).prediction).toHaveLength(20);
  await expect(fit(dataset, { config: selfMm, out: path.join(folder, 'unlabelled') })).rejects.toThrow(
    'model.labels is annotated, but the data has no labels of "text" alone; set it to made.',
  );
});
