/** Text as tokens: an encoder before any model, fine-tuned or frozen, from the file to a trained model and back. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig, type ConfigValues } from '../src/config/index.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { inMemory } from '../src/data/features.ts';
import { readPretrained } from '../src/encoders/huggingface.ts';
import {
  compile,
  explain,
  exportOnnx,
  fit,
  input,
  openModel,
  predict,
  Scope,
  score,
  type Fitted,
} from '../src/index.ts';
import { loadRunData } from '../src/runs/load.ts';
import { networkOf } from '../src/runs/network.ts';
import { encode } from '../src/runs/text/text-network.ts';
import { openSession } from '../src/runtime/node.ts';
import { decalign } from './cli/decalign.ts';
import { save, type Table, type Tables, type Value } from './cli/feature-file.ts';
import { ids, sentences } from './sentences.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-text-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const encoder = 'test/fixtures/bert/bert';
const { parameters: published } = readPretrained(encoder);

function table(count: number): Table {
  const of = <T>(value: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => value(n));
  const tokens = (n: number): Value[] => [
    ids[n % 4]!,
    ids[n % 4]!.map((id) => Number(id > 0)),
    ids[n % 4]!.map(() => 0),
  ];
  return {
    text: of((n) => [[n % 3, 1]]),
    audio: of((n) => [[Math.sin(n), 1, n % 5]]),
    text_bert: of(tokens),
    raw_text: of((n) => sentences[n % 4]!),
    id: of((n) => `clip ${n}`),
    regression_labels: of((n) => (n % 2 === 0 ? 2 : -2) + 0.1 * Math.sin(n)),
  };
}
const tables = (): Tables => ({ train: table(32), valid: table(12), test: table(12) });
const source = save(path.join(folder, 'words.pkl'), tables());

const none = { input: 0, embedding: 0, attention: 0, relu: 0, residual: 0, output: 0 };
const small = { width: 8, heads: 2, layers: 1, dropout: none, without: ['heterogeneity', 'homogeneity'] };
const values = (
  bert: NonNullable<NonNullable<ConfigValues['text']>['bert']>,
  more: ConfigValues = {},
): ConfigValues => ({
  recipe: 'paper',
  ...more,
  data: { text: 'tokens' },
  model: small,
  text: { bert: { path: encoder, maxLength: 8, ...bert } },
  train: { epochs: 15, batchSize: 8, learningRate: 0.01, threads: 1 },
});
const load = (given: ConfigValues): Promise<Dataset> => loadRunData(source, resolveConfig({ values: given }));

describe('tokens of a file', () => {
  test('are two features a step, with their number', async () => {
    const { modalities, splits } = await load(values({}));
    expect(modalities[0]).toMatchObject({ name: 'text', time: 8, width: 2, tokens: true });
    const { features, lengths } = splits.train!;
    expect([...inMemory(features['text']!).data.slice(0, 16)].filter((_, i) => i % 2 === 0)).toEqual(ids[0]);
    expect([...lengths['text']!.slice(0, 4)]).toEqual([6, 7, 7, 6]);
  });

  test('are the same from its sentences', async () => {
    const given = await load(values({}));
    const own = await load(values({ from: 'raw_text' }));
    // The longest sentence here has 7 tokens, and so there are 7 steps.
    expect(own.modalities[0]).toMatchObject({ time: 7 });
    const first = (dataset: Dataset): number[] => [
      ...inMemory(dataset.splits.test!.features['text']!).data.slice(0, 14),
    ];
    expect(first(own)).toEqual(first(given));
  });

  test('are cut before the last mark', async () => {
    const { splits } = await load(values({ maxLength: 5 }));
    const { features, lengths } = splits.train!;
    expect([...inMemory(features['text']!).data.slice(0, 10)].filter((_, i) => i % 2 === 0)).toEqual([2, 5, 6, 7, 3]);
    expect([...lengths['text']!.slice(0, 2)]).toEqual([5, 5]);
  });

  test.each([
    [values({}), { path: undefined }, 'data.text is tokens, so text.bert.path must name the folder of an encoder.'],
    [values({ maxLength: 99 }), {}, 'text.bert.maxLength: 99 is more than the 24 positions of'],
  ])('%#: an error', async (given, bert, message) => {
    const config = resolveConfig({ values: given });
    const changed = { ...config, text: { bert: { ...config.text.bert, ...bert } } };
    await expect(loadRunData(source, changed)).rejects.toThrow(message);
  });

  test('of another vocabulary are an error', async () => {
    const strange = tables();
    strange['valid']!['text_bert'] = strange['valid']!['text_bert']!.map(() => [
      [2, 30_000, 3],
      [1, 1, 1],
      [0, 0, 0],
    ]);
    const file = save(path.join(folder, 'strange.pkl'), strange);
    await expect(loadRunData(file, resolveConfig({ values: values({}) }))).rejects.toThrow(
      'split "valid", row 0 of the text has token 30000, and the encoder knows 0..49; was it made for another encoder?',
    );
  });
});

describe('an encoder that is fine-tuned', () => {
  const out = path.join(folder, 'tuned');
  const config = values({ freeze: 1, learningRate: 0.1 });
  let fitted: Fitted;
  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await load(config);
    fitted = await fit(dataset, { config, out });
  });

  test('is part of the model, which learns', () => {
    // Predicting the mean is off by 2.
    expect(fitted.result.valid['mae']).toBeLessThan(1.5);
  });

  test('starts as published, and changes above the frozen layers only', () => {
    const { parameters } = fitted.model;
    const changed = Object.keys(published).filter((name) => `bert.${name}` in parameters);
    const differs = (name: string): boolean => parameters[`bert.${name}`]!.some((x, i) => x !== published[name]![i]);
    expect(changed.filter(differs).every((name) => name.startsWith('encoder.layer.1.'))).toBe(true);
    expect(changed.filter(differs).length).toBeGreaterThan(10);
  });

  test('opens again without its folder', async () => {
    const model = openModel(out);
    expect(model.data.encoder).toMatchObject({ width: 16, layers: 2 });
    expect((await score(model, dataset, { split: 'valid' })).metrics).toEqual(fitted.result.valid);
    expect((await predict(model, dataset)).prediction).toHaveLength(12);
  });

  test('has contributions of the hidden states at each token, as a model has that takes these as features', async () => {
    const { model } = fitted;
    const { samples, notes } = await explain(model, dataset, { ids: ['clip 1'] });
    expect(notes).toContainEqual(expect.stringMatching(/^Contributions of text are of the hidden states/));
    const { encoder: bert, ...data } = model.data;
    const split = dataset.splits.test!;
    const { width: hiddenWidth } = bert!;
    const tokens = { value: input('tokens', [12, 8, 2]), mask: input('mask', [12, 8]) };
    const states = await compile({ states: encode(new Scope(), tokens, bert!).value });
    const lengths = split.lengths['text']!;
    const { states: hidden } = await states.run({
      ...Object.fromEntries(Object.entries(model.parameters).map(([name, x]) => [name.replace(/^bert\./, ''), x])),
      tokens: inMemory(split.features['text']!).data,
      mask: Float32Array.from({ length: 12 * 8 }, (_, i) => Number(i % 8 < lengths[Math.floor(i / 8)]!)),
    });
    await states.dispose();
    const features = data.features.map(({ name, time: steps, width, masked }) =>
      name === 'text' ? { name, time: steps, width: hiddenWidth, masked } : { name, time: steps, width, masked },
    );
    const text = { shape: [12, 8, hiddenWidth], data: hidden as Float32Array };
    const test = { ...split, features: { ...split.features, text } };
    const network = networkOf(model.trained!.config);
    const plain = await explain(
      { ...model, network, data: { ...data, features } },
      { ...dataset, splits: { test } },
      { ids: ['clip 1'] },
    );
    const [found, expected] = [samples, plain.samples].map(([each]) => each!.modalities['text']!.contribution!.steps);
    expect(found).toHaveLength(lengths[1]!);
    found!.forEach((step, t) => expect(step).toBeCloseTo(expected![t]!, 5));
    expect(Math.max(...found!.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test('is exported with the model, which then takes token ids', async () => {
    const directory = path.join(folder, 'onnx');
    const { inputs, largest_difference: difference } = await exportOnnx(fitted.model, directory);
    expect(difference).toBeLessThan(1e-5);
    expect(inputs.slice(0, 3)).toEqual([
      {
        name: 'text_ids',
        dtype: 'int64',
        shape: ['batch', 8],
        meaning: "token ids of the encoder's vocabulary, 0..49",
        most: 49,
        optional: true,
      },
      {
        name: 'text_segments',
        dtype: 'int64',
        shape: ['batch', 8],
        meaning: 'segments of the tokens, 0..1',
        most: 1,
        optional: true,
      },
      {
        name: 'text_lengths',
        dtype: 'int64',
        shape: ['batch'],
        meaning: 'true time steps of text, 0..8; 0: the sample has no text',
      },
    ]);

    const { features, lengths } = dataset.splits.test!;
    const session = await openSession(readFileSync(path.join(directory, 'model.onnx')));
    const { prediction } = await session.run(
      {
        text_ids: BigInt64Array.from({ length: 96 }, (_, i) => BigInt(ids[Math.floor(i / 8) % 4]![i % 8]!)),
        text_segments: new BigInt64Array(96),
        text_lengths: BigInt64Array.from(lengths['text']!, BigInt),
        audio: inMemory(features['audio']!).data,
      },
      { text_ids: [12, 8], text_segments: [12, 8], text_lengths: [12], audio: [12, 1, 3] },
    );
    await session.dispose();
    const expected = (await predict(fitted.model, dataset)).prediction;
    prediction!.forEach((value, n) => expect(Number(value)).toBeCloseTo(expected[n]!, 4));
  });

  test('needs a dataset that was read as tokens', async () => {
    const features = await load({ model: small });
    await expect(fit(features, { config, out: path.join(folder, 'no') })).rejects.toThrow('was read as features');
    await expect(fit(dataset, { config: { model: small }, out: path.join(folder, 'no') })).rejects.toThrow(
      'holds tokens of text; set data.text to tokens',
    );
  });
});

describe('an encoder that is frozen whole', () => {
  const cache = path.join(folder, 'cache');
  const config = values({ freeze: 'all', cache });

  test('runs once, and its hidden states are features', async () => {
    const dataset = await load(config);
    expect(dataset.modalities[0]).toMatchObject({ name: 'text', time: 8, width: 16 });
    expect(dataset.modalities[0]!.tokens).toBeUndefined();
    const { features, lengths } = dataset.splits.valid!;
    // Padding is 0, tokens are not; the same sentence four samples later has the same states.
    const states = inMemory(features['text']!).data;
    expect([...lengths['text']!.slice(0, 1)]).toEqual([6]);
    expect(states.slice(6 * 16, 8 * 16).every((x) => x === 0)).toBe(true);
    expect(states.slice(0, 6 * 16).every((x) => x !== 0)).toBe(true);
    expect(states.slice(0, 128)).toEqual(states.slice(4 * 128, 5 * 128));

    const files = readdirSync(cache);
    expect(files).toHaveLength(1);
    expect(await load(config)).toEqual(dataset);
    expect(readdirSync(cache)).toEqual(files);
  });

  test('is no part of the model', async () => {
    const out = path.join(folder, 'frozen');
    const { model, result } = await fit(await load(config), { config, out });
    expect(Object.keys(model.parameters).some((name) => name.startsWith('bert.'))).toBe(false);
    expect(result.valid['mae']).toBeLessThan(1.5);
  });
});

describe('on the command line', () => {
  const tokens = [
    ...['data.text=tokens', `text.bert.path=${path.resolve(encoder)}`, 'text.bert.maxLength=8', 'train.batchSize=8'],
    ...['model.width=8', 'model.heads=2', 'model.layers=1', 'model.without=[heterogeneity, homogeneity]'],
  ].flatMap((pair) => ['--set', pair]);

  test('a benchmark trains the encoder with each model, and references get what it gives as it comes', async () => {
    const out = path.join(folder, 'benchmark');
    const call = ['benchmark', source, ...tokens, '--models', 'majority,ridge,decalign', '--seeds', '1', '--json'];
    const { code, stderr, stdout } = await decalign([...call, '--epochs', '2', '--jobs', '1', '--out', out]);
    expect(stderr).not.toContain('decalign:');
    expect(code).toBe(0);
    const [data] = (JSON.parse(stdout) as { data: { rows: { model: string; runs: { test: Scores }[] }[] }[] }).data;
    const mae = Object.fromEntries(data!.rows.map(({ model, runs }) => [model, runs[0]!.test.mae]));
    // The file's own features of text and audio say little of the labels, the words all.
    expect(mae['majority']).toBeCloseTo(2, 1);
    expect(mae['ridge']).toBeLessThan(0.5);
    expect(readdirSync(path.join(out, 'text'))).toHaveLength(1);
  });

  test('so do those beside a run', async () => {
    const call = ['train', source, ...tokens, '--epochs', '1', '--out', path.join(folder, 'beside')];
    const { code, stdout } = await decalign(call);
    expect(code).toBe(0);
    const ridge = /^ridge\s+([\d.]+)/m.exec(stdout)?.[1];
    expect(Number(ridge)).toBeLessThan(0.5);
  });
});

interface Scores {
  readonly mae: number;
}
