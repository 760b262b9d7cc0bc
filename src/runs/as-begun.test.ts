/** Runs that an earlier release began are gone on with as they were begun: by their values, on their samples. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Samples, Split } from '../data/dataset.ts';
import { inMemory } from '../data/features.ts';
import { fit, openModel, predict, synthetic, type Dataset, type FitOptions } from '../index.ts';
import { isTree, type Tree } from '../json/tree.ts';
import { datasetBegun } from './as-begun.ts';
import { hashOf } from './data-hash.ts';
import type { RunResult } from './training-run.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-begun-'));
afterAll(() => rmSync(folder, { recursive: true }));

const changed = (dataset: Dataset, change: (samples: Samples) => Partial<Samples>): Dataset => ({
  ...dataset,
  splits: Object.fromEntries(
    Object.entries(dataset.splits).map(([split, samples]) => [split as Split, { ...samples, ...change(samples) }]),
  ),
});
const samples = { train: 40, valid: 16, test: 12 };
const percent = changed(
  { ...synthetic({ samples, modalities: 2 }), metrics: 'regression', task: { kind: 'regression', range: [5, 95] } },
  ({ labels }) => ({ labels: labels!.map((y) => 50 + 15 * y) }),
);

const config: NonNullable<FitOptions['config']> = {
  recipe: 'paper',
  model: { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3 } },
  train: { epochs: 2, threads: 1 },
};
/** The values of these keys that stand for what was done before there were any. */
const before = { labelScale: 'given', labelClasses: 'rounded' } as const;

/** A run of before, as it ended; and the same one as it was stopped after its first epoch, in the folder `NAME-stopped`. */
async function runOfBefore(name: string, dataset: Dataset): Promise<RunResult> {
  const call = { config: { ...config, data: before }, out: path.join(folder, `${name}-stopped`) };
  const stop = new AbortController();
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === 'epoch') stop.abort();
  };
  await expect(fit(dataset, { ...call, signal: stop.signal, onEvent })).rejects.toThrow('aborted');
  forgetKeys(path.join(call.out, 'config.json'));
  return (await fit(dataset, { ...call, out: path.join(folder, name) })).result;
}

/** Takes the keys out of a record, as if it had been written before there were any. */
function forgetKeys(file: string): void {
  const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isTree(record) || !isTree(record['config']) || !isTree(record['config']['data'])) throw new TypeError(file);
  const data: Tree = Object.fromEntries(
    Object.entries(record['config']['data']).filter(([key]) => !Object.hasOwn(before, key)),
  );
  writeFileSync(file, JSON.stringify({ ...record, config: { ...record['config'], data } }));
}

/** Goes on with a copy of the stopped run as a call of today does, on the dataset as it is read today. */
async function goOn(name: string, dataset: Dataset, data: NonNullable<FitOptions['config']>['data'] = {}) {
  const out = path.join(folder, `${name}-again`);
  rmSync(out, { recursive: true, force: true });
  cpSync(path.join(folder, `${name}-stopped`), out, { recursive: true });
  return fit(dataset, { config: { ...config, data }, out, resume: true });
}

describe('of labels that had no scale of their own', () => {
  let whole: RunResult;
  beforeAll(async () => {
    whole = await runOfBefore('percent', percent);
  });

  test('goes on as it was begun, bit for bit, called without the keys', async () => {
    const { model, result } = await goOn('percent', percent);
    expect({ ...result, run: whole.run }).toEqual(whole);
    expect(await predict(model, percent)).toEqual(await predict(openModel(whole.run), percent));
    expect(model.data.labels).toBeUndefined();
  });

  test('does not go on otherwise than it was begun', async () => {
    await expect(goOn('percent', percent, { labelScale: 'standardised' })).rejects.toThrow(
      '"data.labelScale" was "given" and is now "standardised"',
    );
  });

  test('nor on other samples', async () => {
    const other = changed(percent, ({ labels }) => ({ labels: labels!.map((y) => y + 1) }));
    await expect(goOn('percent', other)).rejects.toThrow('cannot resume on other data');
  });
});

describe('of samples that were read otherwise', () => {
  const gap = (i: number): boolean => i % 7 === 0;
  const named = { kind: 'classification', classes: ['1', '2', '3'] } as const;
  const fromZero = { kind: 'classification', classes: ['0', '1', '2', '3'] } as const;
  const classified = synthetic({ samples, modalities: 2, task: 'classification' });
  /** With every seventh number of true steps at a value. */
  const withGaps = (dataset: Dataset, value: number): Dataset => ({
    ...changed(dataset, (each) => ({
      features: Object.fromEntries(
        Object.entries(each.features).map(([name, array]) => {
          const data = inMemory(array).data.map((x, i) => (gap(i) && x !== 0 ? value : x));
          return [name, { shape: array.shape, data }];
        }),
      ),
    })),
    modalities: dataset.modalities.map((each) => ({ ...each, cleaned: Number.isNaN(value) ? 1 : 0 })),
  });
  const shifted = changed(classified, ({ labels }) => ({ labels: labels!.map((label) => label + 1) }));

  test.each<[string, { readonly then: Dataset; readonly now: Dataset }]>([
    ['missing numbers, which were zeros', { then: withGaps(percent, 0), now: withGaps(percent, NaN) }],
    [
      'classes 1, 2, 3, which had a class 0',
      { then: { ...shifted, task: fromZero }, now: { ...classified, task: named } },
    ],
    [
      'both',
      {
        then: withGaps({ ...shifted, task: fromZero }, 0),
        now: withGaps({ ...classified, task: named }, NaN),
      },
    ],
    [
      'fewer classes than their preset has',
      { then: { ...classified, task: { kind: 'classification', classes: ['a', 'b', 'c', 'd'] } }, now: classified },
    ],
  ])('%s: goes on, bit for bit', async (name, { then, now }) => {
    const whole = await runOfBefore(name, then);
    const { model, result } = await goOn(name, now);
    expect({ ...result, run: whole.run }).toEqual(whole);
    expect(model.data).toEqual(openModel(whole.run).data);
    expect(model.parameters).toEqual(openModel(whole.run).parameters);
  });

  test('a modality that samples lack was one step of zeros, and lengths that zeros told ended before missing numbers', () => {
    const [name, other] = percent.modalities.map((each) => each.name) as [string, string];
    const time = percent.modalities[0]!.time;
    const width = percent.modalities[0]!.width;
    /** The first sample lacks `other`, and its last step of `name` is missing. */
    const made = (
      value: number,
      { length, absent }: { readonly length: number; readonly absent: number },
    ): Dataset => ({
      ...changed(percent, (each) => {
        const [data, none] = [name, other].map((m) => inMemory(each.features[m]!).data.slice()) as [
          Float32Array,
          Float32Array,
        ];
        data.fill(2, 0, time * width).fill(value, (time - 1) * width, time * width);
        none.fill(0, 0, none.length / each.ids.length);
        return {
          features: {
            [name]: { shape: each.features[name]!.shape, data },
            [other]: { shape: each.features[other]!.shape, data: none },
          },
          lengths: {
            [name]: Int32Array.from(each.lengths[name]!, (known, n) => (n === 0 ? length : known)),
            [other]: Int32Array.from(each.lengths[other]!, (known, n) => (n === 0 ? absent : known)),
          },
        };
      }),
      modalities: percent.modalities.map((each) => ({
        ...each,
        lengthSource: each.name === name ? { kind: 'trailing-zeros' } : { kind: 'given' },
      })),
    });
    const then = made(0, { length: time - 1, absent: 1 });
    const now = made(NaN, { length: time, absent: 0 });
    expect(hashOf(now)).not.toBe(hashOf(then));
    expect(hashOf(datasetBegun(now, folder, hashOf(then)))).toBe(hashOf(then));
    expect(datasetBegun(now, folder, 'of others')).toBe(now);
  });
});
