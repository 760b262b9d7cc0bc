import { describe, expect, test } from 'vitest';
import { resolveConfig, type ConfigValues } from '../config/index.ts';
import { synthetic } from '../data/datasets/synthetic.ts';
import type { Dataset, Samples } from '../data/dataset.ts';
import { defaultPlan, memoryOf, memoryWarning, type Planned } from './memory.ts';
import { prepare } from './prepare.ts';

const dataset = synthetic({ samples: { train: 64, valid: 16, test: 16 } });
const planned = (values: ConfigValues = {}, data: Dataset = dataset): Planned =>
  prepare(resolveConfig({ values }), data);

/** The plan with so many time steps in every modality: only the shapes are larger. */
const longer = (plan: Planned, time: number): Planned => ({
  ...plan,
  spec: { ...plan.spec, features: plan.spec.features.map((each) => ({ ...each, time })) },
});

describe('the memory of a training', () => {
  const usual = memoryOf(planned());

  test('is the sum of its parts', () => {
    const { total, ...parts } = usual;
    expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBe(total);
    for (const part of Object.values(parts)) expect(part).toBeGreaterThan(0);
  });

  test('of a step grows with the batch, and with the square of long sequences', () => {
    const step = (plan: Planned): number => memoryOf(plan).step;
    const [small, large] = [8, 32].map((batchSize) => step(planned({ train: { batchSize } })));
    expect(large! / small!).toBeGreaterThan(3);
    expect(large! / small!).toBeLessThan(4.5);
    expect(step(longer(planned(), 2000)) / step(longer(planned(), 1000))).toBeGreaterThan(3.5);
  });

  test('has every program of a run: one for a short last batch, one for each stage', () => {
    const step = (values: ConfigValues): number => memoryOf(planned(values)).step;
    const filled = step({ train: { batchSize: 40 } });
    expect(step({ train: { batchSize: 40, lastBatch: 'short' } })).toBeGreaterThan(1.4 * filled);
    const aobert = (epochs: number): number => step({ model: { name: 'aobert', pretraining: { epochs } } });
    expect(aobert(1)).toBeGreaterThan(1.5 * aobert(0));
  });

  test('of the data is that of samples in memory', () => {
    const numbers = 96 * (12 * 24 + 20 * 10 + 16 * 16);
    expect(usual.data).toBe(2 * 4 * numbers);
    const stored = (samples: Samples): Samples => ({
      ...samples,
      features: Object.fromEntries(
        Object.entries(samples.features).map(([name, { shape }]) => [name, { shape, read: () => undefined }]),
      ),
    });
    const splits = Object.fromEntries(Object.entries(dataset.splits).map(([name, each]) => [name, stored(each)]));
    expect(memoryOf({ ...planned(), dataset: { splits } }).data).toBe(0);
    expect(memoryOf(planned(), { stored: true }).data).toBe(0);
  });

  test('of parameters is theirs, those of the optimiser, of the best epoch and of the average', () => {
    const of = (train: NonNullable<ConfigValues['train']>): number => memoryOf(planned({ train })).parameters;
    const { parameters } = planned();
    const bytes = 4 * [...parameters.values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
    expect(of({}) - of({ average: 0 })).toBe(bytes);
    expect(of({ accumulate: 3 }) - of({})).toBeGreaterThan(1.9 * bytes);
  });
});

describe('a warning', () => {
  const machine = (free: number): { machine: { total: number; free: number } } => ({ machine: { total: 8e9, free } });
  const warning = (plan: Planned, free: number): string | undefined =>
    memoryWarning(plan, memoryOf(plan), machine(free));

  test('is none where there is enough', () => {
    expect(warning(planned(), 8e9)).toBeUndefined();
  });

  test('names a batch that fits, and how as many samples make a step', () => {
    const plan = longer(planned({ train: { batchSize: 64 } }), 400);
    const all = memoryOf(plan).total;
    const free = all / 3;
    const said = warning(plan, free)!;
    const [, taken, free_, batch, accumulate, less] =
      /^Training takes about (\S+) GB of memory, and (\S+) GB of 8\.0 GB are free: it may be ended by the system\. --set train\.batchSize=(\d+) --accumulate (\d+) takes about (\S+) GB, and as many samples a step\.$/
        .exec(said)!
        .map(Number);
    expect(taken).toBeCloseTo(all / 1e9, 1);
    expect(free_).toBeCloseTo(free / 1e9, 1);
    expect(batch! * accumulate!).toBe(64);
    const fitting = longer(planned({ train: { batchSize: batch! } }), 400);
    expect(memoryOf(fitting).total).toBeLessThanOrEqual(free);
    expect(memoryOf(longer(planned({ train: { batchSize: 2 * batch! } }), 400)).total).toBeGreaterThan(free);
    expect(less).toBeCloseTo(memoryOf(fitting).total / 1e9, 1);
  });

  test('names a length that fits where no batch does', () => {
    const said = warning(longer(planned(), 4000), 5e8)!;
    const [, time] = /Cut sequences to (\d+) time steps \(from 4000\): with --set train\.batchSize=4 /.exec(said)!;
    expect(memoryOf(longer(planned({ train: { batchSize: 4 } }), Number(time))).total).toBeLessThanOrEqual(5e8);
  });

  test('says where data or model alone are too much', () => {
    const plan = planned();
    const memory = memoryOf(plan);
    const of = (part: 'data' | 'parameters'): string | undefined =>
      memoryWarning(plan, { ...memory, total: 9e9, [part]: 9e9 }, machine(4e9));
    expect(of('data')).toContain('decalign convert DATA FOLDER');
    expect(of('parameters')).toContain('The model alone is too large');
  });
});

test('a default plan needs two modalities, and samples to train and to choose on', () => {
  expect(defaultPlan(dataset)!.config.train.batchSize).toBe(32);
  expect(defaultPlan({ ...dataset, modalities: dataset.modalities.slice(0, 1) })).toBeUndefined();
  expect(defaultPlan({ ...dataset, splits: { train: dataset.splits.train! } })).toBeUndefined();
});
