/** The example of deployment runs from an exported folder alone; that of one's own model is what its page shows, and learns. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

describe.each(['regression', 'classification'] as const)('examples/deploy-node, %s', (task) => {
  let folder = '';
  let model: OpenModel;
  let dataset: Dataset;

  beforeAll(async () => {
    dataset = synthetic({ samples: sizes, task });
    ({ model } = await fit(dataset, { out: path.join(base, `run-${task}`), config: small }));
    folder = path.join(base, `deploy-${task}`);
    await exportOnnx(model, folder);
    cpSync(path.join(root, 'examples/deploy-node'), folder, { recursive: true });
    mkdirSync(path.join(folder, 'node_modules'));
    const runtime = 'node_modules/onnxruntime-node';
    symlinkSync(path.join(root, runtime), path.join(folder, runtime));
  });

  const run = (...args: string[]) => spawnSync('node', ['predict.mjs', ...args], { cwd: folder, encoding: 'utf8' });

  test('needs no other file', () => {
    const own = readdirSync(path.join(root, 'examples/deploy-node'));
    expect(readdirSync(folder).sort()).toEqual([...own, 'model.json', 'model.onnx', 'node_modules'].sort());
    const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Json;
    expect(Object.keys(dependencies as Json)).toEqual(['onnxruntime-node']);
  });

  test.each([undefined, 5])('predicts what the model predicts, from a file of batch %s', async (batch) => {
    await exportOnnx(model, path.join(folder, 'model'), { ...(batch && { batch }) });
    writeFileSync(path.join(folder, 'samples.jsonl'), rawSamples(dataset).join('\n'));
    const { stdout, stderr } = run('model', 'samples.jsonl');
    expect(stderr).toBe('');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const { prediction } = await predict(model, dataset);
    expect(lines).toHaveLength(sizes.test);
    for (const [n, line] of lines.entries()) {
      if (task === 'regression') expect(line.prediction).toBeCloseTo(prediction[n]!, 4);
      else {
        const logits = prediction.subarray(3 * n, 3 * n + 3);
        const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
        const expected = Array.from(logits, (x) => Math.exp(x) / total);
        Object.values(line.probabilities!).forEach((p, c) => expect(p).toBeCloseTo(expected[c]!, 4));
      }
    }
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
    const [first = '', ...others] = rawSamples(lacking);
    const without = { ...(JSON.parse(first) as Record<string, unknown>), text: undefined };
    writeFileSync(path.join(folder, 'lacking.jsonl'), [JSON.stringify(without), ...others].join('\n'));
    await exportOnnx(model, path.join(folder, 'model'));
    const { stdout, stderr } = run('model', 'lacking.jsonl');
    expect(stderr).toBe('');
    const { prediction } = await predict(model, lacking);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines).toHaveLength(sizes.test);
    for (const [n, { prediction: value, probabilities = {} }] of lines.entries()) {
      if (task === 'regression') expect(value).toBeCloseTo(prediction[n]!, 5);
      else {
        const [a, b] = prediction.subarray(3 * n, 3 * n + 2);
        const [p, q] = Object.values(probabilities);
        expect(Math.log(p! / q!)).toBeCloseTo(a! - b!, 4);
      }
    }
  });

  test('a sample of another width is an error that names line and modality', () => {
    writeFileSync(path.join(folder, 'wrong.jsonl'), '{"text": [[1]], "audio": [[1]], "vision": [[1]]}');
    const { status, stderr } = run('.', 'wrong.jsonl');
    expect(status).toBe(1);
    expect(stderr).toContain('line 1: "text" must have 1 to 12 steps of 24 numbers');
    expect(run('.').status).toBe(2);
  });
});

test('examples/deploy-node takes the tokens of a model with an encoder inside', async () => {
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
  const program = path.join(base, 'deploy-regression/predict.mjs');
  const samples = path.join(base, 'tokens.jsonl');
  const call = (lines: readonly object[]) => {
    writeFileSync(samples, lines.map((line) => JSON.stringify(line)).join('\n'));
    return spawnSync('node', [program, path.join(base, 'tokens'), samples], { encoding: 'utf8' });
  };
  const line = (n: number) => ({ text_ids: ids[n % 2]!, text_segments: [0], audio: [[Math.sin(n), 1]] });
  const { stdout, stderr } = call([0, 1, 2, 3].map(line));
  expect(stderr).toBe('');
  const { prediction } = await predict(model, dataset);
  const printed = stdout.trim().split('\n');
  expect(printed).toHaveLength(4);
  for (const [n, text] of printed.entries())
    expect((JSON.parse(text) as Line).prediction).toBeCloseTo(prediction[n]!, 4);
  // A sample may lack the text.
  expect(
    call([{ audio: [[1, 1]] }, { ...line(0), text_ids: [] }])
      .stdout.trim()
      .split('\n'),
  ).toHaveLength(2);
  for (const wrong of [[0.5], [-1], ['2'], [[2]]])
    expect(call([{ ...line(0), text_ids: wrong }]).stderr).toMatch(
      /line 1: "text_ids" must have 1 to 8 steps of a whole/,
    );
  expect(call([{ ...line(0), text_ids: Array(9).fill(2) }]).stderr).toMatch(
    /^warning: 1 of 1 samples had more time steps/,
  );
  // Beyond the vocabulary, the runtime says so, in one line too.
  expect(call([{ ...line(0), text_ids: [1e9] }])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^.+\n$/) as unknown,
  });
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

type Json = Readonly<Record<string, unknown>>;

interface Line {
  readonly prediction: number | string;
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** The test split as JSON lines: true time steps only. */
function rawSamples({ splits, modalities }: Dataset): string[] {
  const { ids, features, lengths } = splits.test!;
  return ids.map((_, n) => {
    const sequence = ({ name, time, width }: (typeof modalities)[number]): number[][] =>
      Array.from({ length: lengths[name]![n]! }, (_, t) => {
        const start = (n * time + t) * width;
        return [...inMemory(features[name]!).data.subarray(start, start + width)];
      });
    return JSON.stringify(Object.fromEntries(modalities.map((modality) => [modality.name, sequence(modality)])));
  });
}
