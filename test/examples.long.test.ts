/** Exports of trained models predict as these do; the example of one's own model is what its page shows, and learns. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exportOnnx,
  fit,
  inMemory,
  predict,
  resolveConfig,
  synthetic,
  type Dataset,
  type OpenModel,
} from '../src/index.ts';
import { openExport, type Prediction, type Sample } from '../src/deploy.ts';
import { predictedBy } from '../src/deploy/predicted.ts';
import { loadRunData } from '../src/runs/load.ts';
import { compiled } from './compiled.ts';
import { save, type Table } from './cli/feature-file.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const small = {
  model: { width: 8, heads: 2, layers: 1, kernel: 3, mixture: { prototypes: 3 } },
  train: { epochs: 1, threads: 1 },
};
const sizes = { train: 32, valid: 8, test: 5 };

let base = '';
beforeAll(() => {
  base = mkdtempSync(path.join(tmpdir(), 'decalign-examples-'));
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

describe.each(['regression', 'classification'] as const)('an export, %s', (task) => {
  let folder = '';
  let model: OpenModel;
  let dataset: Dataset;

  beforeAll(async () => {
    dataset = synthetic({ samples: sizes, task });
    ({ model } = await fit(dataset, { out: path.join(base, `run-${task}`), config: small }));
    folder = path.join(base, `deploy-${task}`);
  });

  /** Expects what the model predicts of the test split, to the last digits that single precision has. */
  async function expectPredicted(found: readonly Prediction[], of: Dataset): Promise<void> {
    const { prediction } = await predict(model, of);
    expect(found).toHaveLength(sizes.test);
    const expected = predictedBy(model.data.task, prediction);
    for (const [n, { prediction: value, probabilities = {} }] of expected.entries()) {
      if (task === 'regression') expect(found[n]!.prediction).toBeCloseTo(Number(value), 5);
      else expect(found[n]!.prediction).toBe(value);
      for (const [name, p] of Object.entries(probabilities)) expect(found[n]!.probabilities![name]).toBeCloseTo(p, 5);
    }
  }

  test.each([undefined, 1, 3])('predicts what the model predicts, from a file of batch %s', async (batch) => {
    await exportOnnx(model, folder, { ...(batch && { batch }) });
    const opened = await openExport(folder);
    await expectPredicted(await opened.predict(rawSamples(dataset)), dataset);
    await opened.close();
  });

  test('predicts samples that lack modalities or numbers', async () => {
    const samples = dataset.splits.test!;
    const text = inMemory(samples.features['text']!);
    const data = text.data.map((x, i) => (i % 7 === 0 && x !== 0 ? NaN : x));
    const lengths = {
      ...samples.lengths,
      text: samples.lengths['text']!.map((length, n) => (n < 2 ? 0 : length)),
      audio: samples.lengths['audio']!.map((length, n) => (n === 2 ? 0 : length)),
    };
    const features = { ...samples.features, text: { shape: text.shape, data } };
    const lacking = { ...dataset, splits: { ...dataset.splits, test: { ...samples, features, lengths } } };
    const [first = {}, ...others] = rawSamples(lacking);
    await exportOnnx(model, folder);
    const opened = await openExport(folder);
    await expectPredicted(await opened.predict([{ ...first, text: undefined }, ...others]), lacking);
    await opened.close();
  });
});

test('an export takes the tokens of a model with an encoder inside', async () => {
  const ids = [
    [2, 5, 6, 7, 12, 3],
    [2, 27, 12, 15, 12, 28, 3],
  ];
  const table = (count: number): Table => {
    const of = <T>(value: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => value(n));
    const padded = (n: number): number[] => [...ids[n % 2]!, 0, 0].slice(0, 8);
    return {
      ...{ text: of(() => [[1]]), audio: of((n) => [[Math.sin(n), 1]]), id: of((n) => `clip ${n}`) },
      text_bert: of((n) => [padded(n), padded(n).map((id) => Number(id > 0)), padded(n).map(() => 0)]),
      regression_labels: of((n) => (n % 2 === 0 ? 2 : -2)),
    };
  };
  const source = save(path.join(base, 'words.pkl'), { train: table(8), valid: table(4), test: table(4) });
  const bert = { path: path.join(root, 'test/fixtures/bert/bert'), maxLength: 8 };
  const config = {
    data: { text: 'tokens' as const },
    text: { bert },
    model: { ...small.model, without: ['heterogeneity' as const, 'homogeneity' as const] },
    train: small.train,
  };
  const dataset = await loadRunData(source, resolveConfig({ values: config }));
  const { model } = await fit(dataset, { out: path.join(base, 'run-tokens'), config });
  await exportOnnx(model, path.join(base, 'tokens'));
  const exported = await openExport(path.join(base, 'tokens'));
  const line = (n: number) => ({ text_ids: ids[n % 2]!, text_segments: [0], audio: [[Math.sin(n), 1]] });
  const found = await exported.predict([0, 1, 2, 3].map(line));
  const { prediction } = await predict(model, dataset);
  expect(found).toHaveLength(4);
  for (const [n, each] of found.entries()) expect(each.prediction).toBeCloseTo(prediction[n]!, 4);
  // A sample may lack the text.
  expect(
    await exported.predict([{ audio: [[1, 1]] }, { ...line(0), text_ids: [] }], { warn: () => undefined }),
  ).toHaveLength(2);
  for (const wrong of [[0.5], [-1], ['2'], [[2]]])
    await expect(exported.predict([{ ...line(0), text_ids: wrong }])).rejects.toThrow(
      /sample 0: "text_ids" must have 1 to 8 steps of a whole/,
    );
  const told: string[] = [];
  await exported.predict([{ ...line(0), text_ids: Array(9).fill(2) }], { warn: (text) => told.push(text) });
  expect(told).toEqual([expect.stringMatching(/^1 of 1 samples had more time steps/)]);
  // Beyond the vocabulary, the runtime says so.
  await expect(exported.predict([{ ...line(0), text_ids: [1e9] }])).rejects.toThrow(/indices|idx/);
  await exported.close();
});

describe('examples/own-model', () => {
  test('is what docs/own-model.md shows, line by line', () => {
    const page = readFileSync(path.join(root, 'docs/own-model.md'), 'utf8');
    const files = ['gated-fusion.js', 'gated-sum.js'].map((name) =>
      readFileSync(path.join(root, 'examples/own-model', name), 'utf8'),
    );
    const shown = [...page.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code!);
    expect(shown.length).toBeGreaterThan(3);
    for (const code of shown)
      expect(
        files.filter((file) => file.includes(code)),
        code,
      ).toHaveLength(1);
  });

  test('learns what ridge regression cannot', () => {
    const options = ['--model', './gated-fusion.js', '--threads', '1', '--json', '--quiet'];
    const out = path.join(base, 'own');
    const { stdout, stderr } = spawnSync('node', [compiled(), 'train', 'synthetic', ...options, '--out', out], {
      cwd: path.join(root, 'examples/own-model'),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const { test: reached } = JSON.parse(stdout) as { readonly test: { readonly mae: number } };
    // Ridge: 0.79, and 0.44 was measured here; its page says both.
    expect(reached.mae).toBeLessThan(0.5);
  });
});

/** The test split as people have it: true time steps only. */
function rawSamples({ splits, modalities }: Dataset): Sample[] {
  const { ids, features, lengths } = splits.test!;
  return ids.map((_, n) => {
    const sequence = ({ name, time, width }: (typeof modalities)[number]): number[][] =>
      Array.from({ length: lengths[name]![n]! }, (_, t) => {
        const start = (n * time + t) * width;
        return [...inMemory(features[name]!).data.subarray(start, start + width)];
      });
    return Object.fromEntries(modalities.map((modality) => [modality.name, sequence(modality)]));
  });
}
