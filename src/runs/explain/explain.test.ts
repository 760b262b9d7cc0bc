import { describe, expect, test } from 'vitest';
import type { Dataset, Samples } from '../../data/dataset.ts';
import { synthetic } from '../../data/datasets/synthetic.ts';
import { withoutModalities } from '../../data/missing.ts';
import { pickSamples } from '../../data/samples.ts';
import { models, type ModelName } from '../../models/index.ts';
import { openPredictor, predict, type Predictor } from '../open-model.ts';
import { explain } from './explain.ts';
import type { ExplainedSample } from './explanation.ts';
import { scaledStep, untrained } from './testing.ts';

const samples = { train: 48, valid: 12, test: 12 };
const modalities = ['text', 'audio', 'vision'];
const made = synthetic({ samples, modalities: 3, seed: 3 });
const row = 4;
const ids = [`test-${row}`];

const one = (dataset: Dataset): Samples => pickSamples(dataset.splits.test!, [row]);

/** The derivative of an output by a factor of the features of one step, at 1: what gradient times input is. */
async function centralDifference(
  predictor: Predictor,
  sample: Samples,
  { modality, step, output }: { readonly modality: string; readonly step: number; readonly output: number },
  by: number,
): Promise<number> {
  const at = async (factor: number): Promise<number> =>
    (await predictor.predict(scaledStep(sample, modality, step, factor))).prediction[output]!;
  return ((await at(1 + by)) - (await at(1 - by))) / (2 * by);
}

/** Compares the first, a middle and the last step of every modality, within rounding and what is left of curvature. */
async function expectExact(
  predictor: Predictor,
  sample: Samples,
  explained: ExplainedSample,
  output = 0,
): Promise<void> {
  const all = Object.entries(explained.modalities);
  const largest = Math.max(...all.flatMap(([, { contribution }]) => contribution!.steps.map(Math.abs)));
  expect(largest).toBeGreaterThan(1e-4);
  for (const [modality, { contribution }] of all) {
    const { steps, sum } = contribution!;
    expect(steps).toHaveLength(sample.lengths[modality]![0]!);
    expect(sum).toBe(steps.reduce((a, b) => a + b, 0));
    for (const step of [0, Math.floor(steps.length / 2), steps.length - 1]) {
      // A larger difference may reach over the kink of a ReLU, a smaller one has more rounding.
      const errors: number[] = [];
      for (const by of [2e-3, 4e-4]) {
        const found = await centralDifference(predictor, sample, { modality, step, output }, by);
        errors.push(Math.abs(steps[step]! - found));
      }
      expect(Math.min(...errors), `${modality} ${step}`).toBeLessThan(0.02 * largest + 2e-5);
    }
  }
}

describe.each(Object.keys(models) as ModelName[])('of %s', (name) => {
  const { model, dataset } = untrained(made, { model: { name } });

  test('contributions are what central differences say; occlusion is the sample without the modality', async () => {
    const predictor = await openPredictor(model, { threads: 1 });
    try {
      const sample = one(dataset);
      const [explained] = (await explain(model, dataset, { ids, threads: 1 })).samples;
      const [value] = (await predictor.predict(sample)).prediction;
      expect(explained!.output).toMatchObject({ name: 'prediction', kind: 'value' });
      expect(explained!.prediction).toBeCloseTo(value!, 5);
      await expectExact(predictor, sample, explained!);
      for (const modality of modalities) {
        const lacking = withoutModalities(sample, [modality], { rate: 1, seed: 1 });
        const [alone] = (await predictor.predict(lacking)).prediction;
        const { without } = explained!.modalities[modality]!;
        expect(without!.value).toBeCloseTo(alone!, 5);
        expect(without!.change).toBeCloseTo(value! - alone!, 5);
      }
    } finally {
      await predictor.dispose();
    }
  });
});

test('contributions are those of the prediction, whichever gradients the losses pass on', async () => {
  const { model, dataset } = untrained(made, { model: { uniqueGradient: false } });
  const predictor = await openPredictor(model, { threads: 1 });
  const [explained] = (await explain(model, dataset, { ids, threads: 1 })).samples;
  await expectExact(predictor, one(dataset), explained!);
  await predictor.dispose();
});

describe('of classes and labels', () => {
  const small = { model: { width: 8, heads: 2, layers: 1 } };

  test('the class that is predicted is explained, by its logit, or the one that is named', async () => {
    const { model, dataset } = untrained(synthetic({ samples, modalities: 3, task: 'classification' }), small);
    const { classes } = model.data.task as { readonly classes: readonly string[] };
    const predictor = await openPredictor(model, { threads: 1 });
    const logits = [...(await predictor.predict(one(dataset))).prediction];
    const best = logits.indexOf(Math.max(...logits));
    const [usual] = (await explain(model, dataset, { ids })).samples;
    expect(usual!.output).toMatchObject({ name: classes[best]!, kind: 'logit' });
    expect(usual!.prediction).toBe(classes[best]);
    expect(Object.keys(usual!.probabilities!)).toEqual(classes);
    expect(Object.keys(usual!.modalities['text']!.without!.probabilities!)).toEqual(classes);
    await expectExact(predictor, one(dataset), usual!, best);

    const other = (best + 1) % classes.length;
    const [named] = (await explain(model, dataset, { ids, target: classes[other]! })).samples;
    expect(named!.output.name).toBe(classes[other]);
    expect(named!.output.value).toBeCloseTo(logits[other]!, 5);
    await expectExact(predictor, one(dataset), named!, other);
    await predictor.dispose();
  });

  test('of several labels the likeliest is explained, and of several targets the first', async () => {
    for (const task of ['multilabel', 'multitarget'] as const) {
      const { model, dataset } = untrained(synthetic({ samples, modalities: 3, task }), small);
      const { names } = model.data.task as { readonly names: readonly string[] };
      const logits = [...(await predict(model, dataset)).prediction].slice(row * names.length).slice(0, names.length);
      const expected = task === 'multilabel' ? logits.indexOf(Math.max(...logits)) : 0;
      const [explained] = (await explain(model, dataset, { ids })).samples;
      expect(explained!.output).toMatchObject({
        name: names[expected],
        kind: task === 'multilabel' ? 'logit' : 'value',
      });
      expect(explained!.output.value).toBeCloseTo(logits[expected]!, 5);
      expect(Object.keys(explained!.label as object)).toEqual(names);
      const [last] = (await explain(model, dataset, { ids, target: names.at(-1)! })).samples;
      expect(last!.output.name).toBe(names.at(-1));
    }
  });

  test('a name that is none of them, or any where one value is predicted, is told with what there is', async () => {
    const { model, dataset } = untrained(synthetic({ samples, modalities: 2, task: 'multilabel' }), small);
    const { names } = model.data.task as { readonly names: readonly string[] };
    await expect(explain(model, dataset, { target: `${names[0]!}x` })).rejects.toThrow(`Did you mean "${names[0]!}"?`);
    const single = untrained(synthetic({ samples, modalities: 2 }), small);
    await expect(explain(single.model, single.dataset, { target: 'joy' })).rejects.toThrow('one value alone');
  });
});

describe('samples', () => {
  const { model, dataset } = untrained(made, { model: { width: 8, heads: 2, layers: 1 } });

  test('are explained in the order of their ids, with their labels, or the first so many', async () => {
    const found = await explain(model, dataset, { ids: ['test-7', 'test-2'] });
    expect(found.samples.map(({ id }) => id)).toEqual(['test-7', 'test-2']);
    expect(found.samples[1]!.label).toBe(dataset.splits.test!.labels![2]);
    expect((await explain(model, dataset, { ids: 2, split: 'valid' })).samples.map(({ id }) => id)).toEqual([
      'valid-0',
      'valid-1',
    ]);
  });

  test('that are not there are told with the nearest, or where they are', async () => {
    await expect(explain(model, dataset, { ids: ['tesst-3'] })).rejects.toThrow(
      'There is no sample "tesst-3" in the split test of synthetic; did you mean "test-3"?',
    );
    await expect(explain(model, dataset, { ids: ['nothing of the sort'] })).rejects.toThrow(
      'the first are "test-0", "test-1", "test-2".',
    );
    await expect(explain(model, dataset, { ids: ['train-3'] })).rejects.toThrow('is in the split train');
  });

  test('that lack a modality have nothing of it, and say so', async () => {
    const whole = dataset.splits.test!;
    const lengths = { ...whole.lengths, audio: whole.lengths['audio']!.with(row, 0) };
    const lacking: Dataset = { ...dataset, splits: { ...dataset.splits, test: { ...whole, lengths } } };
    const {
      samples: [explained],
      transport,
    } = await explain(model, lacking, { ids });
    expect(explained!.modalities['audio']).toEqual({ present: false });
    expect(explained!.modalities['text']!.assignment).toHaveLength(7);
    expect(transport!.fitted).toBe(samples.test - 1);
    const only = { ...lengths, vision: whole.lengths['vision']!.with(row, 0) };
    const alone: Dataset = { ...dataset, splits: { ...dataset.splits, test: { ...whole, lengths: only } } };
    expect((await explain(model, alone, { ids })).notes).toContainEqual(
      expect.stringContaining(`The sample ${ids[0]!} has one modality alone`),
    );
  });

  test('of which none has all modalities tell why there are no prototypes', async () => {
    const whole = dataset.splits.test!;
    const lengths = { ...whole.lengths, audio: new Int32Array(samples.test) };
    const lacking: Dataset = { ...dataset, splits: { ...dataset.splits, test: { ...whole, lengths } } };
    const { transport, notes } = await explain(model, lacking, { ids });
    expect(transport).toBeUndefined();
    expect(notes).toContainEqual(expect.stringContaining('No sample of the split has all modalities'));
  });
});

describe('attention of DecAlign', () => {
  const { model, dataset } = untrained(made, { model: { width: 8, heads: 2, layers: 2, kernel: 3, padding: 'valid' } });

  test('is of each modality to all others, by layer, head and true step; rows sum to 1', async () => {
    const [{ attention } = { attention: [] }] = (await explain(model, dataset, { ids })).samples;
    expect(attention.map(({ queries, layer }) => `${queries} ${layer}`)).toEqual(
      modalities.flatMap((m) => [`${m} 0`, `${m} 1`]),
    );
    const windows = (m: string): number => one(dataset).lengths[m]![0]! - 2;
    for (const { queries, keys } of attention) {
      expect(keys.map(({ modality }) => modality)).toEqual(modalities.filter((m) => m !== queries));
      for (const head of [0, 1]) {
        expect(keys[0]!.weights[head]).toHaveLength(windows(queries));
        for (const q of Array.from({ length: windows(queries) }, (_, i) => i)) {
          for (const { modality, weights } of keys) expect(weights[head]![q]).toHaveLength(windows(modality));
          const sum = keys.flatMap(({ weights }) => weights[head]![q]!).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(1, 5);
        }
      }
    }
  });

  test('without cross-modal attention is of each modality to itself', async () => {
    const alone = untrained(made, { model: { width: 8, heads: 2, layers: 1, without: ['cross-modal-attention'] } });
    const [{ attention } = { attention: [] }] = (await explain(alone.model, alone.dataset, { ids })).samples;
    expect(attention.map(({ queries, keys }) => [queries, keys.map(({ modality }) => modality)])).toEqual(
      modalities.map((m) => [m, [m]]),
    );
  });
});

test('attention of layers that serve losses alone is not shown: the classifiers of CGGM', async () => {
  const { model, dataset } = untrained(made, { model: { name: 'cggm' } });
  const [{ attention } = { attention: [] }] = (await explain(model, dataset, { ids })).samples;
  const { layers } = models.cggm.config.parse({});
  expect(attention.map(({ queries, layer }) => `${queries} ${layer}`)).toEqual(
    modalities.flatMap((m) => Array.from({ length: layers }, (_, i) => `${m} ${i}`)),
  );
});

describe('the plan and the prototypes of DecAlign', () => {
  const values = { model: { width: 8, heads: 2, layers: 1, mixture: { prototypes: { text: 3, other: 2 } } } };
  const { model, dataset } = untrained(made, values);

  test('are between all modalities; marginals are the masses of prototypes', async () => {
    const { transport, samples: explained } = await explain(model, dataset, { ids: samples.test });
    const { plan, pairs, prototypes, information } = transport!;
    expect(Object.entries(prototypes).map(([m, { masses }]) => [m, masses.length])).toEqual([
      ['text', 3],
      ['audio', 2],
      ['vision', 2],
    ]);
    expect((plan as number[][][]).map((a) => a.map((b) => b.length))).toEqual(Array(3).fill([2, 2]));
    expect(pairs.map((pair) => pair.modalities.join())).toEqual(['text,audio', 'text,vision', 'audio,vision']);
    for (const pair of pairs) {
      const [first, second] = pair.modalities.map((m) => prototypes[m]!.masses);
      const columns = pair.plan[0]!.map((_, j) => pair.plan.reduce((sum, each) => sum + each[j]!, 0));
      pair.plan.forEach((each, i) => expect(each.reduce((a, b) => a + b, 0)).toBeCloseTo(first![i]!, 4));
      columns.forEach((sum, j) => expect(sum).toBeCloseTo(second![j]!, 4));
    }
    const mean = pairs.reduce((sum, pair) => sum + pair.information! / pairs.length, 0);
    expect(information).toBeCloseTo(mean, 10);
    // ν is the mean of the samples' assignments, where prototypes are fitted to just these samples.
    for (const m of modalities) {
      const all = explained.map(({ modalities: own }) => own[m]!.assignment!);
      for (const each of all) expect(each.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      prototypes[m]!.masses.forEach((mass, k) =>
        expect(all.reduce((sum, each) => sum + each[k]! / all.length, 0)).toBeCloseTo(mass, 4),
      );
    }
  });

  test('have means and deviations in the width of unique features, and covariances where the cost has', async () => {
    const { transport } = await explain(model, dataset, { ids });
    const { means, deviations, covariances } = transport!.prototypes['text']!;
    expect([means, deviations].map((each) => [each!.length, each![0]!.length])).toEqual([
      [3, 8],
      [3, 8],
    ]);
    expect(covariances).toBeUndefined();
    const full = untrained(made, { model: { ...values.model, mixture: { prototypes: 2, covariance: 'full' } } });
    const found = (await explain(full.model, full.dataset, { ids })).transport!.prototypes['text']!;
    expect(found.covariances!.map((each) => [each.length, each[0]!.length])).toEqual(Array(2).fill([8, 8]));
    expect(found.covariances![1]![2]![5]).toBeCloseTo(found.covariances![1]![5]![2]!, 5);
  });

  test('are absent where the configuration solves for none, which is said', async () => {
    const without = untrained(made, { model: { width: 8, heads: 2, layers: 1, without: ['transport'] } });
    const { transport, notes, samples: explained } = await explain(without.model, without.dataset, { ids });
    expect(transport).toBeUndefined();
    expect(explained[0]!.modalities['text']).not.toHaveProperty('assignment');
    expect(notes).toEqual([expect.stringContaining('solves for no transport plan')]);
    const other = untrained(made, { model: { name: 'cubemlp' } });
    expect((await explain(other.model, other.dataset, { ids })).notes).toEqual([
      'cubemlp has no attention between steps of modalities that could be shown.',
      'cubemlp has no prototypes and no transport plan.',
    ]);
  });
});

test('an explanation is the same each time, and can be written as JSON', async () => {
  const { model, dataset } = untrained(made, { model: { width: 8, heads: 2, layers: 1 } });
  const [first, second] = [await explain(model, dataset, { ids }), await explain(model, dataset, { ids })];
  expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  expect(second).toEqual(first);
});
