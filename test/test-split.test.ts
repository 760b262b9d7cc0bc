/**
 * The test split is looked at when all is decided. For everything that learns or chooses: with other features and labels of
 * the test split, and of it alone, what was learned, what was chosen and every figure of validation are the same.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { metricsTable } from '../src/cli/printing/metrics-table.ts';
import { resolveConfig, type ConfigValues } from '../src/config/index.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { runBenchmark } from '../src/experiments/benchmark.ts';
import { dataConfig, referenceNames, type BenchmarkData } from '../src/experiments/benchmark/entries.ts';
import { poolFolds, runJob, type Job } from '../src/experiments/benchmark/job.ts';
import type { Row } from '../src/experiments/benchmark/compare.ts';
import { JobPool } from '../src/experiments/benchmark/pool.ts';
import { foldReferences, runFolds } from '../src/experiments/cross-validation.ts';
import { foldsFor } from '../src/experiments/folds.ts';
import { probeModalities } from '../src/experiments/probes.ts';
import { fit } from '../src/index.ts';
import { loadRunData } from '../src/runs/load.ts';
import { prepare } from '../src/runs/prepare.ts';
import { decalign, temporaryFolder, tiny } from './cli/decalign.ts';
import { save, tables, type Table, type Value } from './cli/feature-file.ts';
import { ids } from './sentences.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

/** A result of learning or choosing: the part that must not depend on the test split, and the part that must. */
interface Outcome {
  readonly chosen: unknown;
  readonly tested: unknown;
}

/** A split whose features are turned round, whose labels say the contrary, and whose tokens are those of other sentences. */
function contrary(split: Table): Table {
  const turned = (value: Value): Value =>
    Array.isArray(value) ? value.map(turned) : value === 0 ? 0 : 5 - 3 * (value as number);
  return {
    ...split,
    ...Object.fromEntries(['text', 'audio', 'vision'].map((name) => [name, split[name]!.map(turned)])),
    regression_labels: split['regression_labels']!.map((label) => -(label as number)),
    classification_labels: split['classification_labels']!.map((label) => 2 - (label as number)),
    text_bert: split['text_bert']!.toReversed(),
  };
}

const withTokens = (split: Table): Table => ({
  ...split,
  text_bert: split['id']!.map((_, n) => {
    const own = ids[n % ids.length]!;
    return [own, own.map((id) => Number(id > 0)), own.map(() => 0)];
  }),
});
const splits = Object.fromEntries(Object.entries(tables()).map(([split, columns]) => [split, withTokens(columns)]));
// Of one name, which is the dataset's.
const [one, other] = [splits, { ...splits, test: contrary(splits['test']!) }].map((content, i) => {
  mkdirSync(at(String(i)));
  return save(at(String(i), 'data.pkl'), content);
}) as [string, string];

/** Folds that are the file's own splits: the first is its test split, the second its validation split. */
const folds = at('folds.json');
writeFileSync(
  folds,
  JSON.stringify(
    Object.fromEntries(
      ['test', 'valid', 'train'].flatMap((split, fold) => splits[split]!['id']!.map((id) => [id as string, fold])),
    ),
  ),
);

const none = { input: 0, embedding: 0, attention: 0, relu: 0, residual: 0, output: 0 };
const small = { width: 8, heads: 2, layers: 1 } as const;
/** Ends early, and lowers its rate on a plateau: both are choices. */
const train = {
  ...{ epochs: 6, batchSize: 8, learningRate: 0.02, patience: 2, average: 0, threads: 1 },
  schedule: { kind: 'plateau', patience: 0, warmup: 0 },
} as const;
const usual: ConfigValues = {
  data: { clipPercentiles: [5, 95] },
  model: { ...small, dropout: none, without: ['heterogeneity', 'homogeneity'] },
  train,
};
const classes: ConfigValues = {
  ...usual,
  data: { task: 'classification' },
  train: { ...train, classWeights: 'balanced' },
};
/** Chooses two of its weights on validation. */
const mcis: ConfigValues = { model: { name: 'mcis', ...small }, train };

const without = (record: object, ...keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));

const load = (source: string, values: ConfigValues = {}): Promise<Dataset> =>
  loadRunData(source, resolveConfig({ values }));

/** A training, from the first event to the last: what each epoch came to, what is kept, and how that does on test. */
const fitted =
  (config: ConfigValues) =>
  async (source: string, out: string): Promise<Outcome> => {
    const epochs: unknown[] = [];
    const { result, model } = await fit(await load(source, config), {
      ...{ config, out },
      onEvent(event) {
        if (event.type !== 'epoch') return;
        const { state, ...shown } = event;
        epochs.push(structuredClone({ ...shown, schedule: state.schedule }));
      },
    });
    const { parameters, standardisation, trained } = model;
    const known = without(result, 'test', 'run', 'confusion', 'decoupling');
    return { chosen: { epochs, known, parameters, standardisation, valid: trained!.valid }, tested: result.test };
  };

const jobOf = (source: string, directory: string): Omit<Job, 'config' | 'reference'> => ({
  ...{ source, directory, seed: 1 },
  ...dataConfig({ set: [], options: [] }),
});

/** A job of a benchmark as its process does it. */
async function job(given: Job): Promise<Outcome> {
  const result = (await runJob(given))!;
  return { chosen: without(result, 'test', 'seconds', 'seconds_per_step', 'peak_bytes'), tested: result.test };
}

/** Stands in for the processes of random search: a trial does as its learning rate says, on test the other way round. */
const trials = at('trials.mjs');
writeFileSync(
  trials,
  `import { mkdirSync, writeFileSync } from 'node:fs';
  {
    const { source, directory, seed, config } = JSON.parse(process.argv[2]);
    const rate = config.train.learningRate;
    const figures = (mae) => ({ mae, corr: 0, rmse: mae, r2: 0 });
    mkdirSync(directory, { recursive: true });
    writeFileSync(directory + '/predictions.jsonl', '{"id":"a","label":1,"prediction":2}\\n'.repeat(9));
    writeFileSync(directory + '/job.json', JSON.stringify({
      ...{ format: 'decalign benchmark 1', seed, best_epoch: 1, epochs: 1, parameters: 1, seconds_per_step: 1, peak_bytes: 1, seconds: 1 },
      valid: figures(Math.abs(rate - 0.002)),
      test: figures(source === '${one}' ? rate : 1 - rate),
    }));
    process.disconnect();
  }`,
);

const benchmarked = (source: string): BenchmarkData => ({
  ...{
    source,
    name: 'data',
    dataset: 'data',
    task: 'regression',
    metrics: 'regression',
    classes: [],
    warnings: [],
    hash: 'same',
  },
  samples: { train: 24, valid: 10, test: 9 },
});

async function tuned(source: string, directory: string): Promise<Outcome> {
  const [comparison] = (await runBenchmark(
    {
      ...{ directory, seeds: [1], trials: 5, given: { set: [], options: [] } },
      entries: [{ id: 'decalign', model: 'decalign' }],
      data: [benchmarked(source)],
    },
    new JobPool({
      jobs: 2,
      start: (each) => fork(trials, [JSON.stringify(each)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    }),
  ))!;
  const [{ status, tuned: found, valid, test: tested }] = comparison!.rows as [Row];
  expect(status).toBe('done');
  return { chosen: { found, valid }, tested };
}

/** The run of the fold whose test split is the file's own. */
async function crossValidated(source: string, directory: string): Promise<Outcome> {
  const dataset = await load(source, usual);
  const config = resolveConfig({ values: usual });
  const events = runFolds({
    ...{ dataset, folds: foldsFor(dataset, folds), directory, seed: 1, resume: false, warnings: [] },
    prepare: (data) => prepare(config, data),
  });
  for await (const event of events)
    if (event.type === 'result') {
      const { result } = event;
      const weights = readFileSync(path.join(result.run, 'best.safetensors'));
      return {
        chosen: { known: without(result, 'test', 'run', 'confusion', 'decoupling'), weights },
        tested: result.test,
      };
    }
  throw new Error('No fold came to a result.');
}

async function prepared(source: string, values: ConfigValues): Promise<Outcome> {
  const { standardisation, spec, splits, selection, data } = prepare(
    resolveConfig({ values }),
    await load(source, values),
  );
  return {
    chosen: { standardisation, spec, selection, data, train: splits.train, valid: splits.valid },
    tested: splits.test,
  };
}

/** States of a frozen encoder, which are kept in one place for both files. */
async function encoded(source: string): Promise<Outcome> {
  const bert = { path: 'test/fixtures/bert/bert', maxLength: 8, freeze: 'all', cache: at('cache') } as const;
  const dataset = await load(source, { data: { text: 'tokens' }, text: { bert } });
  const { train: first, valid, test: last } = dataset.splits;
  return { chosen: [first, valid].map((split) => split!.features['text']), tested: last!.features['text'] };
}

const ways: Readonly<Record<string, (source: string, place: string) => Outcome | Promise<Outcome>>> = {
  'statistics, percentiles and inputs of a model': (source) => prepared(source, usual),
  'weights of classes': (source) => prepared(source, classes),
  'training: the best epoch, when to stop, the learning rate on a plateau': fitted(usual),
  'what a model chooses on validation': fitted(mcis),
  'a fold of cross-validation': crossValidated,
  'random search': tuned,
  'a model in a benchmark': (source, directory) =>
    job({ ...jobOf(source, directory), config: resolveConfig({ values: usual }) }),
  ...Object.fromEntries(
    referenceNames.map((reference) => [
      `the reference ${reference} in a benchmark`,
      (source: string, directory: string) => job({ ...jobOf(source, directory), reference }),
    ]),
  ),
  'probes of single modalities': async (source) => {
    const dataset = await load(source);
    return { chosen: probeModalities(dataset), tested: dataset.splits.test };
  },
  'the states of a frozen encoder': encoded,
};

test.each(Object.entries(ways))('%s', async (name, way) => {
  const place = (file: string): string => at(name.replaceAll(/\W+/g, '-'), file);
  const [a, b] = [await way(one, place('one')), await way(other, place('other'))];
  expect(b.chosen).toEqual(a.chosen);
  expect(b.tested).not.toEqual(a.tested);
});

test('references beside folds are those of a benchmark', async () => {
  const dataset = await load(other);
  const request = { dataset, folds: foldsFor(dataset, folds) };
  const found = await foldReferences(request, { source: other, config: resolveConfig({}) });
  const pooled = (['majority', 'ridge'] as const).map(async (reference) => {
    const directories = [0, 1, 2].map((index) => at('folds', reference, String(index)));
    for (const [index, directory] of directories.entries())
      await runJob({ ...jobOf(other, directory), reference, fold: { of: folds, index } });
    return poolFolds(at('folds', reference), directories, benchmarked(other)).test;
  });
  expect(found.map(({ test: figures }) => figures)).toEqual(await Promise.all(pooled));
});

test('references beside a training are those of a benchmark', async () => {
  const { stdout } = await decalign(['train', other, ...tiny, '--epochs', '1', '--out', at('trained')]);
  const [median, ridge] = await Promise.all(
    (['majority', 'ridge'] as const).map(async (reference) => {
      const { test: figures } = (await runJob({ ...jobOf(other, at('beside', reference)), reference }))!;
      return figures;
    }),
  );
  const wanted = metricsTable('regression', [
    { name: 'constant (median)', metrics: median! },
    { name: 'ridge', metrics: ridge! },
  ]);
  const cells = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(/\s\s+/));
  expect(cells(stdout)).toEqual(expect.arrayContaining(cells(wanted)));
});
