/**
 * Files of earlier releases are read as they were; files of later releases are refused by an error that names the release.
 *
 *   format          versions  fixtures in test/fixtures
 *   run directory   1, 2, 3   runs/run-1, runs/run-2, runs/run-3
 *   checkpoint      1, 2      runs/checkpoint-1 (`checkpoint.test.ts` has each value), the one in runs/run-1
 *   model           1         runs/model-1, runs/model-1-without-transport, best.safetensors in runs/run-1
 *   configuration   1         config.json in runs/run-1 (without its version) and runs/run-2
 *   packed dataset  1, 2      data/packed-1, data/packed-2 (`packed.test.ts` damages each)
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inMemory } from '../data/features.ts';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { loadDataset, openModel, predict, resolveConfig, synthetic } from '../index.ts';
import { checkpointFile, readCheckpoint } from './record/checkpoint.ts';
import { score } from './open-model.ts';
import { readPredictions } from './record/predictions.ts';
import { readRecord } from './record/run-record.ts';
import { statusOf } from './record/status.ts';
import { prepare } from './prepare.ts';
import { runTraining } from './training-run.ts';
import { recipeBegun } from './as-begun.ts';
import { version } from './version.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-versions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const dataset = synthetic({ samples: { train: 3, valid: 2, test: 2 }, modalities: 2 });

const recordText = z.object({
  config: z.record(z.string(), z.unknown()),
  overrides: z.object({ set: z.array(z.string()) }),
});
const resultText = z.object({ test: z.object({ mae: z.number() }) });
const jsonIn = (...names: string[]): unknown => JSON.parse(readFileSync(path.join(...names), 'utf8'));

describe.each([1, 2, 3])('a run directory of format %i', (format) => {
  const run = fixture(`runs/run-${format}`);
  const { config, overrides } = recordText.parse(jsonIn(run, 'config.json'));
  const before = resultText.parse(jsonIn(run, 'result.json')).test.mae;

  test('records every value of its configuration, which is what it is read as', () => {
    expect(readRecord(path.join(run, 'config.json')).config).toMatchObject({ ...config, version: 3 });
  });

  test('is evaluated as it was', async () => {
    const packed = await loadDataset(fixture('data/packed-1'));
    expect((await score(openModel(run), packed)).metrics['mae']).toBeCloseTo(before, 5);
    await packed.close!();
  });

  test('goes on from its checkpoint, called as it was begun, to the same result', async () => {
    const directory = path.join(folder, `resumed-${format}`);
    cpSync(run, directory, { recursive: true });
    rmSync(path.join(directory, 'result.json'));
    const packed = await loadDataset(fixture('data/packed-1'));
    const prepared = prepare(resolveConfig({ set: overrides.set, recipeBegun: recipeBegun(directory) }), packed);
    const seen: unknown[] = [];
    for await (const event of runTraining(prepared, { seed: 1, directory, resume: true }))
      if (event.type !== 'step') seen.push('step' in event ? [event.type, event.step] : event.type);
    expect(seen).toEqual([['start', 1], 'epoch', 'end', 'result']);
    expect(resultText.parse(jsonIn(directory, 'result.json')).test.mae).toBeCloseTo(before, 5);
    // Resuming does not rewrite the record, which keeps its format.
    expect(jsonIn(directory, 'config.json')).toEqual(jsonIn(run, 'config.json'));
    // Whatever its format, it keeps its predictions from now on.
    expect(readPredictions(directory)).toMatchObject({ ids: ['test-0', 'test-1'] });
    await packed.close!();
  });

  test('is trained longer, and gone on with after that, by the recipe that it was begun with', async () => {
    const directory = path.join(folder, `longer-${format}`);
    cpSync(run, directory, { recursive: true });
    const packed = await loadDataset(fixture('data/packed-1'));
    for (const again of [1, 2]) {
      const set = [...overrides.set, 'train.epochs=2'];
      const prepared = prepare(resolveConfig({ set, recipeBegun: recipeBegun(directory) }), packed);
      expect(prepared.config.recipe, `time ${again}`).toBe('paper');
      const types: string[] = [];
      for await (const { type } of runTraining(prepared, { seed: 1, directory, resume: true, extend: true }))
        types.push(type);
      expect(types.at(-1), `time ${again}`).toBe('result');
    }
    await packed.close!();
  });

  test('is told to be finished, and without its result interrupted', () => {
    expect(statusOf(run)).toBe('finished');
    const stopped = path.join(folder, `stopped-${format}`);
    cpSync(run, stopped, { recursive: true });
    rmSync(path.join(stopped, 'result.json'));
    expect(statusOf(stopped)).toBe('interrupted');
  });
});

test('a run directory of format 3 says what its data is of, and has its predictions', () => {
  const run = fixture('runs/run-3');
  expect(readRecord(path.join(run, 'config.json')).data).toMatchObject({ name: 'synthetic', metrics: 'mosi' });
  const { labels, values } = readPredictions(run);
  const { mae } = resultText.parse(jsonIn(run, 'result.json')).test;
  expect(values.reduce((sum, value, n) => sum + Math.abs(value - labels[n]!), 0) / values.length).toBeCloseTo(mae, 6);
});

test.each([
  [1, () => fixture('runs/checkpoint-1.safetensors'), { epoch: 3, step: 17 }],
  [2, () => checkpointFile(fixture('runs/run-1')), { epoch: 1, step: 1 }],
])('a checkpoint of format %i is gone on from', async (format, file, state) => {
  const directory = path.join(folder, `checkpoint-${format}`);
  mkdirSync(path.dirname(checkpointFile(directory)), { recursive: true });
  copyFileSync(file(), checkpointFile(directory));
  expect(await readCheckpoint(directory)).toMatchObject({ state });
});

test('a model of format 1 predicts what it predicted', async () => {
  const { prediction } = await predict(openModel(fixture('runs/model-1.safetensors')), dataset);
  expect(prediction[0]).toBeCloseTo(0.5644015, 5);
  expect(prediction[1]).toBeCloseTo(-0.6914492, 5);
});

test('a model that was trained without the loss of the transport, yet matched by its plan, predicts what it predicted', async () => {
  const model = openModel(fixture('runs/model-1-without-transport.safetensors'));
  const { prediction } = await predict(model, dataset);
  expect(prediction[0]).toBeCloseTo(0.5483537, 5);
  expect(prediction[1]).toBeCloseTo(-0.7343286, 5);
});

test.each([1, 2])('a packed dataset of version %i holds what was packed', async (format) => {
  const packed = await loadDataset(fixture(`data/packed-${format}`));
  expect(packed.modalities).toEqual(dataset.modalities);
  for (const [split, samples] of Object.entries(dataset.splits)) {
    const { features, ...rest } = packed.splits[split as 'train']!;
    expect(rest).toEqual({ ids: samples.ids, lengths: samples.lengths, labels: samples.labels });
    for (const [name, made] of Object.entries(samples.features))
      expect(inMemory(features[name]!)).toEqual(inMemory(made));
  }
  await packed.close!();
});

describe('of a later version', () => {
  /** A copy of a fixture in which a text of one file is replaced by another text of the same length. */
  function later(name: string, from: string, to: string): string {
    const file = path.join(folder, `later-${path.basename(name)}`);
    expect(to).toHaveLength(from.length);
    writeFileSync(file, readFileSync(fixture(name), 'latin1').replace(from, to), 'latin1');
    return file;
  }
  const ours = `this is decalign ${version}, which reads formats up to`;

  test.each<[string, () => unknown, string]>([
    [
      'a run directory',
      () =>
        readRecord(later('runs/run-3/config.json', `run 3",\n  "decalign": "0.1.0`, `run 9",\n  "decalign": "9.8.7`)),
      `later-config.json is of a run directory of format 9, written by decalign 9.8.7; ${ours} 3. Go on with the version that wrote it, or start`,
    ],
    [
      'a model',
      () =>
        openModel(
          later(
            'runs/run-2/best.safetensors',
            'decalign 1\\",\\"decalign\\":\\"0.1.0',
            'decalign 9\\",\\"decalign\\":\\"9.8.7',
          ),
        ),
      `later-best.safetensors: is a model of format 9, written by decalign 9.8.7; ${ours} 1. Use the version that wrote it.`,
    ],
    [
      'a configuration in a run directory',
      () => readRecord(later('runs/run-2/config.json', '"version": 1', '"version": 7')),
      'later-config.json: this is a configuration of version 7, and this release understands version 3: use',
    ],
    [
      'a configuration in a model',
      () => openModel(later('runs/run-2/best.safetensors', '\\"version\\":1', '\\"version\\":7')),
      'later-best.safetensors: this is a configuration of version 7, and this release understands version 3: use',
    ],
  ])('%s is refused in one line', (_, open, says) => {
    expect(open).toThrow(says);
    expect(open).not.toThrow('\n');
  });
});
