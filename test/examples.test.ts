/** The example of deployment runs from an exported folder alone and agrees with the model in memory. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportOnnx, fit, predict, synthetic, type Dataset, type OpenModel } from '../src/index.ts';

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
    copyFileSync(path.join(root, 'examples/deploy-node/predict.mjs'), path.join(folder, 'predict.mjs'));
    mkdirSync(path.join(folder, 'node_modules'));
    const runtime = 'node_modules/onnxruntime-node';
    symlinkSync(path.join(root, runtime), path.join(folder, runtime));
  });

  const run = (...args: string[]) => spawnSync('node', ['predict.mjs', ...args], { cwd: folder, encoding: 'utf8' });

  test('needs no other file', () => {
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'model.onnx', 'node_modules', 'predict.mjs']);
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

  test('a sample of another width is an error that names line and modality', () => {
    writeFileSync(path.join(folder, 'wrong.jsonl'), '{"text": [[1]], "audio": [[1]], "vision": [[1]]}');
    const { status, stderr } = run('.', 'wrong.jsonl');
    expect(status).toBe(1);
    expect(stderr).toContain('line 1: "text" must have 1 to 12 steps of 24 numbers');
    expect(run('.').status).toBe(2);
  });
});

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
        return [...features[name]!.data.subarray(start, start + width)];
      });
    return JSON.stringify(Object.fromEntries(modalities.map((modality) => [modality.name, sequence(modality)])));
  });
}
