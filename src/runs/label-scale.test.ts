/** Labels of a regression are standardised inside: what comes out is in the unit of the data, whatever that is. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standardisedLabel } from '../data/label-statistics.ts';
import type { Split } from '../data/dataset.ts';
import { inMemory } from '../data/features.ts';
import { exportOnnx, fit, openModel, predict, score, synthetic, type Dataset, type FitOptions } from '../index.ts';
import { Scope } from '../nn/index.ts';
import { openSession, type Values } from '../runtime/node.ts';
import { evaluate } from '../runtime/testing.ts';
import { input, type Tensor } from '../tensor/index.ts';
import { inUnitOfData, labelScaleOf } from './label-scale.ts';
import type { OpenModel } from './open-model.ts';
import type { RunResult } from './training-run.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));

const made = synthetic({ samples: { train: 48, valid: 16, test: 12 }, modalities: 2 });
/** The same samples with other labels, of which nothing is known but that they are numbers. */
const labelled = (of: (y: number) => number): Dataset => ({
  ...made,
  name: 'own',
  task: { kind: 'regression', range: [of(-3), of(3)] },
  metrics: 'regression',
  splits: Object.fromEntries(
    Object.entries(made.splits).map(([split, samples]) => [
      split as Split,
      { ...samples, labels: samples.labels!.map(of) },
    ]),
  ),
});
const percent = labelled((y) => 50 + 15 * y);

const model = { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3 }, dropout: { input: 0 } };
const config: NonNullable<FitOptions['config']> = { model, train: { epochs: 2, threads: 1 } };
interface Trained {
  readonly model: OpenModel;
  readonly result: RunResult;
  readonly predictions: readonly number[];
}
async function trained(name: string, dataset: Dataset, more: FitOptions['config'] = {}): Promise<Trained> {
  const fitted = await fit(dataset, { config: { ...config, ...more }, out: path.join(folder, name) });
  return { ...fitted, predictions: [...(await predict(fitted.model, dataset)).prediction] };
}
const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

const regression = { kind: 'regression', range: [0, 100] } as const;
const labels = Float32Array.from({ length: 70 }, (_, i) => i);
const classes = { count: 7, limit: 3 };
const auto = { labelScale: 'auto', labelClasses: 'auto' } as const;

describe('the scale of labels', () => {
  const tens = [9.5, 19.5, 29.5, 39.5, 49.5, 59.5];
  const { deviation } = labelScaleOf({ labels }, auto, {
    task: regression,
    metrics: 'regression',
    classes: undefined,
  })!.standardised!;

  test('of other data: standardised, with classes by quantiles, and the mean is neutral', () => {
    const scale = labelScaleOf({ labels }, auto, { task: regression, metrics: 'regression', classes });
    const standardised = { mean: 34.5, deviation };
    expect(scale).toEqual({ standardised, boundaries: tens.map((y) => standardisedLabel(y, standardised)) });
    expect(deviation).toBeCloseTo(Math.sqrt((70 ** 2 - 1) / 12), 5);
  });

  test.each(['mosi', 'sims'] as const)('of sentiment (%s): as labels stand, which models round', (metrics) => {
    expect(labelScaleOf({ labels }, auto, { task: regression, metrics, classes })).toBeUndefined();
  });

  test('of sentiment where it is asked for: 0 is neutral, and classes are those of rounding', () => {
    const asked = { labelScale: 'standardised', labelClasses: 'auto' } as const;
    const { standardised, neutral, boundaries } = labelScaleOf({ labels }, asked, {
      ...{ task: regression, metrics: 'mosi', classes },
    })!;
    expect(neutral).toBe(standardisedLabel(0, standardised!));
    expect(boundaries).toEqual([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map((y) => standardisedLabel(y, standardised!)));
  });

  test('as labels stand where that is asked for, with classes by quantiles all the same', () => {
    const asked = { labelScale: 'given', labelClasses: 'auto' } as const;
    const of = { task: regression, metrics: 'regression', classes } as const;
    expect(labelScaleOf({ labels }, asked, of)).toEqual({ boundaries: tens });
    expect(labelScaleOf({ labels }, { ...asked, labelClasses: 'rounded' }, of)).toBeUndefined();
  });

  test('has no boundaries for a model that makes no classes, and classification has no scale', () => {
    const of = { task: regression, metrics: 'regression', classes: undefined } as const;
    expect(labelScaleOf({ labels }, auto, of)).toEqual({ standardised: { mean: 34.5, deviation } });
    const task = { kind: 'classification', classes: ['a', 'b'] } as const;
    expect(labelScaleOf({ labels }, auto, { task, metrics: 'classification', classes })).toBeUndefined();
  });

  test('is applied by a graph to the last bit as by the host, so that a neutral label is neutral', async () => {
    const standardised = { mean: Math.fround(0.3), deviation: Math.fround(1.7) };
    const values = Float32Array.from({ length: 64 }, (_, i) => 3 * Math.sin(i));
    const seen: Record<string, Tensor> = {};
    const network = inUnitOfData({
      name: 'seeing',
      build: (_, { labels, ownLabels }) => {
        Object.assign(seen, { labels: labels!, text: ownLabels!['text']! });
        return { prediction: labels!, losses: {}, diagnostics: {}, representations: {} };
      },
    });
    const y = input('labels', [64]);
    const { prediction } = network.build(new Scope(), {
      features: {},
      labels: y,
      ownLabels: { text: y },
      task: { kind: 'regression', standardised },
    });
    const outcome = await evaluate({ ...seen, prediction }, { labels: values });
    for (const name of ['labels', 'text'])
      expect([...outcome[name]!]).toEqual(Array.from(values, (label) => standardisedLabel(label, standardised)));
    expect(largest(Array.from(outcome['prediction']!, (label, n) => label - values[n]!))).toBeLessThan(1e-6);
  });
});

describe('a run on labels from 5 to 95', () => {
  let run: Trained;
  beforeAll(async () => {
    run = await trained('percent', percent);
  });

  test('keeps mean and deviation with the model, and is evaluated in the unit of the data', async () => {
    const opened = openModel(path.join(folder, 'percent'));
    const held = percent.splits.train!.labels!;
    expect(opened.data.labels).toEqual(run.model.data.labels);
    expect(opened.data.labels!.standardised!.mean).toBeCloseTo(held.reduce((a, b) => a + b) / held.length, 4);
    expect(opened.data.labels!.boundaries).toHaveLength(6);
    const truth = percent.splits.test!.labels!;
    const mae = run.predictions.reduce((sum, y, n) => sum + Math.abs(y - truth[n]!), 0) / truth.length;
    expect(run.result.test!['mae']).toBeCloseTo(mae, 4);
    expect((await score(opened, percent, { split: 'valid' })).metrics).toEqual(run.result.valid);
    // About the mean from the first epoch on, where a head that starts at 0 would be 50 off.
    expect(run.result.valid['mae']).toBeLessThan(30);
  });

  test('is exported as a graph that gives the unit of the data itself', async () => {
    const out = path.join(folder, 'percent-onnx');
    await exportOnnx(run.model, out);
    const session = await openSession(readFileSync(path.join(out, 'model.onnx')));
    const { features, lengths } = percent.splits.test!;
    const feeds: Record<string, Values> = {};
    const shapes: Record<string, readonly number[]> = {};
    for (const [name, array] of Object.entries(features)) {
      feeds[name] = inMemory(array).data;
      shapes[name] = array.shape;
      feeds[`${name}_lengths`] = BigInt64Array.from([...lengths[name]!], BigInt);
      shapes[`${name}_lengths`] = [array.shape[0]!];
    }
    const results = await session.run(feeds, shapes);
    await session.dispose();
    const exported = Array.from(results['prediction']!, Number);
    const { deviation } = run.model.data.labels!.standardised!;
    expect(largest(exported.map((y, n) => y - run.predictions[n]!)) / deviation).toBeLessThan(1e-5);
  });

  test('in another unit is the same run: predictions and errors follow the unit', async () => {
    const other = await trained(
      'thousands',
      labelled((y) => 1000 * (50 + 15 * y) + 5),
    );
    const gaps = other.predictions.map((y, n) => (y - 5) / 1000 - run.predictions[n]!);
    expect(largest(gaps)).toBeLessThan(1e-2);
    expect(other.result.best_epoch).toBe(run.result.best_epoch);
    expect(other.result.test!['mae']! / 1000).toBeCloseTo(run.result.test!['mae']!, 2);
    expect(other.result.test!['r2']).toBeCloseTo(run.result.test!['r2']!, 3);
  });
});

test.each([
  ['labels that are all alike', labelled(() => 70), {}],
  ['batches of one', percent, { batchSize: 1, epochs: 1 }],
])('%s are trained on', async (name, dataset, more) => {
  const { predictions, result } = await trained(name, dataset, { train: { epochs: 2, threads: 1, ...more } });
  expect(predictions.every(Number.isFinite)).toBe(true);
  expect(result.valid['mae']).toBeLessThan(30);
});
