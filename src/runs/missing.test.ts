/** Samples that lack a modality, and numbers that are missing: trained on, kept in the model, predicted and exported. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selectModalities } from '../data/datasets/select.ts';
import type { Samples, Split } from '../data/dataset.ts';
import { inMemory } from '../data/features.ts';
import { withoutModalities } from '../data/missing.ts';
import { exportOnnx, fit, openModel, predict, synthetic, type Dataset, type FitOptions } from '../index.ts';
import { openSession, type Values } from '../runtime/node.ts';
import type { OpenModel } from './open-model.ts';
import { preparedSplit } from './network.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-missing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sound = synthetic({ samples: { train: 48, valid: 16, test: 12 }, modalities: 2 });
const changedSplits = (dataset: Dataset, change: (samples: Samples, split: Split) => Samples): Dataset => ({
  ...dataset,
  splits: Object.fromEntries(
    (Object.entries(dataset.splits) as [Split, Samples][]).map(([split, samples]) => [split, change(samples, split)]),
  ),
});
/** A quarter of the samples without each modality. */
const lacking = changedSplits(sound, (samples) =>
  withoutModalities(samples, ['text', 'audio'], { rate: 0.25, seed: 2 }),
);
/** Some numbers of every modality are missing: those at which `isMissing` says so become `value`. */
const withGaps = (dataset: Dataset, value: number): Dataset =>
  changedSplits(dataset, (samples) => ({
    ...samples,
    features: Object.fromEntries(
      Object.entries(samples.features).map(([name, array]) => {
        const [, , width] = array.shape as [number, number, number];
        const isMissing = (i: number): boolean => i % width < 2 && Math.sin(i) > 0.6;
        const data = inMemory(array).data.map((x, i) => (isMissing(i) && x !== 0 ? value : x));
        return [name, { shape: array.shape, data }];
      }),
    ),
  }));

const config: FitOptions['config'] = {
  model: { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3 } },
  train: { epochs: 2, threads: 1 },
};
const trained = async (name: string, dataset: Dataset, more: FitOptions['config'] = {}): Promise<OpenModel> =>
  (await fit(dataset, { config: { ...config, ...more }, out: path.join(folder, name) })).model;
const predicted = async (model: OpenModel, dataset: Dataset): Promise<number[]> => [
  ...(await predict(model, dataset)).prediction,
];
const difference = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(...a.map((x, n) => Math.abs(x - b[n]!))) : NaN;

/** Predictions of an exported file for the raw samples of the split `test`. */
async function exported(model: OpenModel, dataset: Dataset, out: string): Promise<number[]> {
  const { largest_difference } = await exportOnnx(model, path.join(folder, out));
  expect(largest_difference).toBeLessThan(1e-5);
  const session = await openSession(readFileSync(path.join(folder, out, 'model.onnx')));
  const { features, lengths } = dataset.splits.test!;
  const arrays = Object.entries(features).map(([name, array]) => [name, inMemory(array)] as const);
  const results = await session.run(
    Object.fromEntries(
      arrays.flatMap(([name, { data }]): [string, Values][] => [
        [name, data],
        [`${name}_lengths`, BigInt64Array.from([...lengths[name]!], BigInt)],
      ]),
    ),
    Object.fromEntries(
      arrays.flatMap(([name, { shape }]) => [
        [name, shape],
        [`${name}_lengths`, [shape[0]!]],
      ]),
    ),
  );
  await session.dispose();
  return Array.from(results['prediction']!, Number);
}

describe('samples that lack modalities', () => {
  let model: OpenModel;
  beforeAll(async () => {
    model = await trained('lacking', lacking);
  });

  test('make a model that is told which samples have what, and that comes back from its file so', () => {
    expect(model.data.features.map(({ optional }) => optional)).toEqual([true, true]);
    expect(openModel(path.join(folder, 'lacking')).data).toEqual(model.data);
  });

  test('are predicted whatever stands in the place of what they lack', async () => {
    const garbage = changedSplits(lacking, (samples) => ({
      ...samples,
      features: Object.fromEntries(
        Object.entries(samples.features).map(([name, array]) => {
          const size = array.shape[1]! * array.shape[2]!;
          const data = inMemory(array).data.map((x, i) =>
            samples.lengths[name]![Math.floor(i / size)] === 0 ? 1e9 * Math.sin(i) : x,
          );
          return [name, { shape: array.shape, data }];
        }),
      ),
    }));
    expect(await predicted(model, garbage)).toEqual(await predicted(model, lacking));
  });

  test('are predicted by an exported file as by the model', async () => {
    expect(difference(await exported(model, lacking, 'lacking-onnx'), await predicted(model, lacking))).toBeLessThan(
      1e-5,
    );
  });

  test('may be all there are: a modality that the data has not is absent from each', async () => {
    const without = selectModalities(sound, ['audio']);
    const dropped = changedSplits(sound, (samples) => withoutModalities(samples, ['text'], { rate: 1, seed: 1 }));
    expect(await predicted(model, without)).toEqual(await predicted(model, dropped));
    const neither = selectModalities(sound, []);
    await expect(predict(model, neither)).rejects.toThrow(
      'synthetic has no modality of the model, which takes text, audio;',
    );
  });

  test('are told by no input where all training samples have everything, and predicted all the same', async () => {
    const whole = await trained('sound', sound);
    expect(whole.data.features.map(({ optional }) => optional)).toEqual([undefined, undefined]);
    expect(difference(await exported(whole, lacking, 'sound-onnx'), await predicted(whole, lacking))).toBeLessThan(
      1e-5,
    );
  });

  test('are left out of training where they have nothing', async () => {
    const nothing = changedSplits(sound, (samples, split) => {
      if (split !== 'train') return samples;
      return {
        ...samples,
        lengths: Object.fromEntries(
          Object.entries(samples.lengths).map(([name, lengths]) => [name, lengths.map((l, n) => (n < 8 ? 0 : l))]),
        ),
      };
    });
    const model40 = await trained('nothing', nothing);
    expect(model40.data.features.every(({ optional }) => !optional)).toBe(true);
    const messages = readFileSync(path.join(folder, 'nothing', 'warnings.jsonl'), 'utf8');
    expect(messages).toContain('8 samples of the split \\"train\\" have none of the modalities');
  });
});

describe('missing numbers', () => {
  const gappy = withGaps(sound, NaN);

  test('are predicted as the training mean, in memory and in an exported file alike', async () => {
    const model = await trained('gappy', gappy);
    expect(difference(await exported(model, gappy, 'gappy-onnx'), await predicted(model, gappy))).toBeLessThan(1e-5);
    const { fill } = model.standardisation['text']!;
    const filled = changedSplits(gappy, (samples) => {
      const text = inMemory(samples.features['text']!);
      const data = text.data.map((x, i) => (Number.isNaN(x) ? fill![i % text.shape[2]!]! : x));
      return { ...samples, features: { ...samples.features, text: { shape: text.shape, data } } };
    });
    expect(difference(await predicted(model, filled), await predicted(model, gappy))).toBeLessThan(1e-6);
  });

  test('have a feature of their own where they are to have an indicator', async () => {
    const model = await trained('indicator', gappy, { data: { missing: 'indicator' } });
    expect(model.data.features.map(({ width }, m) => width - sound.modalities[m]!.width)).toEqual([2, 2]);
    expect(difference(await exported(model, gappy, 'indicator-onnx'), await predicted(model, gappy))).toBeLessThan(
      1e-5,
    );
    expect(openModel(path.join(folder, 'indicator')).standardisation).toEqual(model.standardisation);
    const text = preparedSplit(gappy, 'test', model).features['text']!;
    const [, , width] = text.shape as [number, number, number];
    const marks = inMemory(text).data.filter((_, i) => i % width >= width - 2);
    expect(new Set(marks)).toEqual(new Set([0, 1]));
  });

  test('stay the raw 0 that they were in models of before, which know no mean to fill in', async () => {
    const now = await trained('before', sound);
    const standardisation = Object.fromEntries(
      Object.entries(now.standardisation).map(([name, { mean, scale }]) => [name, { mean, scale }]),
    );
    const before = { ...now, standardisation };
    const zeros = await predicted(before, withGaps(sound, 0));
    expect(await predicted(before, gappy)).toEqual(zeros);
    expect(difference(await exported(before, gappy, 'before-onnx'), zeros)).toBeLessThan(1e-5);
    expect(await predicted(now, gappy)).not.toEqual(zeros);
  });
});

test('a file that says that a modality is optional in any other way is refused', () => {
  const bytes = readFileSync(path.join(folder, 'lacking', 'best.safetensors'), 'latin1');
  expect(bytes).toContain('\\"optional\\":true');
  const file = path.join(folder, 'forged.safetensors');
  writeFileSync(file, bytes.replaceAll('\\"optional\\":true', '\\"optional\\":1   '), 'latin1');
  expect(() => openModel(file)).toThrow('data.features.0.optional');
});
