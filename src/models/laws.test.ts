/**
 * What holds for every model, whatever it is made of. A new model is held to it as it is: a row only makes it smaller, so
 * that it is tested in seconds.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { labelScaleOf } from '../runs/label-scale.ts';
import { padded } from './golden/testing.ts';
import { models, type Model, type ModelName, type ModelTask } from './index.ts';
import { learn } from './learning/testing.ts';
import {
  asBatched,
  compileBatch,
  declaredBy,
  mapValues,
  openBatchError,
  withGarbage,
  type BatchOutcome,
  type BatchProgram,
  type Build,
  type OneBatch,
} from './one-batch/testing.ts';
import { size } from '../tensor/index.ts';
import { featuresOf, valuesFor, type Modality } from './testing.ts';

type Own = Readonly<Record<string, unknown>>;

interface Row {
  /** Settings at a size that tests can afford. */
  readonly small: Own;
  /** Settings that learn within a few epochs, without dropout, and how they are trained. */
  readonly learning: Own;
  readonly train?: Own;
  /** Why it takes one label of a sample alone, where it does. */
  readonly oneLabel?: string;
  /** Why more padded steps do change what comes out, where they do; what stands in them never does. */
  readonly stepsCount?: string;
}

const asItIs: Row = { small: {}, learning: {} };

const layer = (width: number): Own => ({ width });
const rows: Readonly<Partial<Record<ModelName, Row>>> = {
  decalign: {
    small: { width: 4, heads: 2, layers: 1, mixture: { prototypes: 3 }, transport: { tolerance: 1e-12 } },
    learning: { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3, iterations: 1 } },
    train: { epochs: 20, learningRate: 2e-2 },
  },
  mfm: {
    small: {
      ...{ hidden: 2, memory: 3, attention: layer(4), candidate: layer(3), retain: layer(2), update: layer(5) },
      ...{ latent: 3, labelLatent: 3, factor: 4, labelFactor: 3 },
    },
    learning: {
      ...{ hidden: 8, memory: 8, attention: layer(8), candidate: layer(8), retain: layer(8), update: layer(8) },
      ...{ latent: 8, labelLatent: 16, factor: 4, labelFactor: 16, weights: { prior: 1 } },
      dropout: { factor: 0, labelFactor: 0 },
    },
  },
  mult: {
    // A wider kernel than a sequence is long would see its padding.
    small: { width: 4, heads: 2, layers: 2, selfLayers: 1, kernel: 1 },
    learning: {
      ...{ width: 8, heads: 2, layers: 1, selfLayers: 1, kernel: 1 },
      dropout: { text: 0, embedding: 0, attention: 0, output: 0 },
    },
  },
  pmr: {
    oneLabel: 'it has a prototype of each class',
    small: { width: 4, blocks: 1, fusion: 'concat' },
    learning: { width: 16, blocks: 1, fusion: 'hidden' },
  },
  cubemlp: {
    small: {
      ...{ width: 4, steps: 6 },
      blocks: [
        { steps: 4, channels: 4 },
        { steps: 2, channels: 3 },
      ],
    },
    learning: { width: 16, steps: null, recurrentLayers: 1, blocks: [{ steps: 3, channels: 8 }] },
    train: { epochs: 20 },
  },
  'muta-net': {
    small: { width: 4, heads: 2, intraLayers: 1, interLayers: 1 },
    learning: { width: 8, heads: 2, intraLayers: 1, interLayers: 1 },
  },
  misa: {
    small: { width: 4, feedForward: 8 },
    learning: { width: 16, feedForward: 16, recurrent: 8, dropout: { transformer: 0, output: 0 } },
    train: { learningRate: 3e-3, batchSize: 8, epochs: 14 },
  },
  cenet: {
    small: { width: 4, heads: 2, layers: 1 },
    learning: { width: 16, layers: 1, dropout: { attention: 0, hidden: 0 } },
  },
  'self-mm': {
    oneLabel: 'it makes labels of each modality about one',
    small: { hidden: 3, encoded: 2, features: 4, fusion: 5 },
    learning: { hidden: 8, encoded: 8, features: 8, fusion: 16 },
  },
  fdmer: {
    small: { width: 4, heads: 2, layers: 1 },
    learning: { width: 16, layers: 1, dropout: { input: 0, residual: 0, output: 0 } },
  },
  aobert: {
    small: { width: 4, heads: 2, layers: 1 },
    learning: { width: 16, layers: 1, dropout: { input: 0, residual: 0, output: 0 } },
  },
  dmd: {
    small: { width: 4, heads: 2, layers: 1, selfLayers: 1, kernel: 2 },
    stepsCount: 'features common to all modalities are flattened over time, so that weights belong to steps',
    learning: {
      ...{ width: 8, heads: 2, layers: 1, selfLayers: 1, kernel: 1 },
      dropout: { text: 0, embedding: 0, attention: 0, output: 0 },
    },
  },
  mcis: {
    small: { width: 4, heads: 2, layers: 1 },
    learning: { width: 16, heads: 4, layers: 1, dropout: { input: 0, residual: 0, output: 0 } },
  },
  cggm: {
    small: { width: 4, heads: 2, layers: 3, classifierLayers: 1 },
    stepsCount: 'modalities are joined in time, padding included, and positions numbered after that',
    learning: {
      ...{ width: 10, heads: 5, layers: 3, classifierLayers: 1 },
      dropout: { embedding: 0, attention: 0, relu: 0, residual: 0, output: 0 },
    },
  },
};

const modalities: readonly Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3, 4, 1] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2, 5, 4] },
  { name: 'vision', time: 2, width: 4 },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8, 0];
const batch: OneBatch = { modalities, labels };
const classes: OneBatch = { ...batch, labels: [0, 1, 1, 0, 3, 0], task: { kind: 'classification', classes: 4 } };
const alone = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [3] }) }));
const valued = (value: (m: Modality, i: number) => number): Modality[] =>
  modalities.map((m) => ({ ...m, values: featuresOf(m, 6).map((_, i) => value(m, i)) }));

const special: readonly (readonly [string, OneBatch])[] = [
  ['a single sample', { modalities: alone, labels: [1.5] }],
  ['one step each', { modalities: modalities.map(({ name, width }) => ({ name, width, time: 1 })), labels }],
  ['two modalities without text', { modalities: modalities.slice(1), labels }],
  ['four modalities', { modalities: [...modalities, { name: 'touch', time: 7, width: 2 }], labels }],
  ['classes, one of them missing', classes],
  ['a single class', { ...classes, labels: [1, 1, 1, 1, 1, 1] }],
  ['labels that are all alike', { ...batch, labels: labels.map(() => 0) }],
  ['constant features', { modalities: valued(() => 1), labels }],
  ['features of zero', { modalities: valued(() => 0), labels }],
  ['samples that are all alike', { modalities: valued((m, i) => Math.sin(i % (m.time * m.width))), labels }],
];

/** Holds all that a batch gives, gradients included, to another. */
function expectSame(a: BatchOutcome, b: BatchOutcome, limit: number): void {
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(Math.min(limit, 1e-11));
  expect(Object.keys(a.losses)).toEqual(Object.keys(b.losses));
  for (const [name, value] of Object.entries(b.losses))
    expect(relativeError([a.losses[name]!], [value]), name).toBeLessThan(limit);
  for (const [name, values] of Object.entries(b.gradients))
    expect(relativeError(a.gradients[name]!, values), name).toBeLessThan(limit);
}

function shuffled(given: OneBatch, order: readonly number[]): OneBatch {
  const rows = <T>(values: readonly T[], size: number): T[] =>
    order.flatMap((n) => values.slice(n * size, (n + 1) * size));
  return {
    ...given,
    labels: rows(given.labels, 1),
    modalities: given.modalities.map((m) => ({
      ...m,
      values: rows(featuresOf(m, order.length), m.time * m.width),
      ...(m.lengths && { lengths: rows(m.lengths, 1) }),
    })),
  };
}

describe.each(Object.entries<Model>(models))('%s', (name, model) => {
  const { small, learning, train, oneLabel, stepsCount } = rows[name as ModelName] ?? asItIs;
  const building =
    (own: Own): Build =>
    (scope, inputs) =>
      model.build(scope, inputs, model.config.parse(own));
  const build = building(small);

  // Batches that differ in values alone share a program.
  const programs = new Map<string, Promise<BatchProgram>>();
  async function run(given: OneBatch): Promise<BatchOutcome> {
    const inputs = given.modalities.map((m) => [m.name, m.time, m.width, !!m.lengths, !!m.present]);
    const key = JSON.stringify([inputs, given.labels.length, given.task]);
    if (!programs.has(key)) programs.set(key, compileBatch(build, given));
    return (await programs.get(key)!).run(given);
  }
  let whole: BatchOutcome;
  beforeAll(async () => {
    whole = await run(batch);
  });
  afterAll(async () => {
    for (const program of programs.values()) await (await program).dispose();
  });

  test('padding never counts, whatever stands there', async () => {
    expectSame(await run({ ...batch, modalities: withGarbage(modalities, 6) }), whole, 1e-9);
  });

  test(stepsCount ? `more padding does: ${stepsCount}` : 'more padding does not either', async () => {
    const longer = await run({ ...batch, modalities: modalities.map((m) => padded(m, 6, 2)) });
    if (stepsCount) expect(() => expectSame(longer, whole, 1e-3)).toThrow('expected');
    else expectSame(longer, whole, 1e-9);
  });

  test('the order of samples does not matter', async () => {
    const order = [3, 1, 5, 0, 4, 2];
    const moved = await run(shuffled(batch, order));
    expectSame(moved, { ...whole, prediction: order.map((n) => whole.prediction[n]!) }, 1e-6);
  });

  test('a modality that a sample lacks counts for it nowhere, whatever stands in its place', async () => {
    const absent = [[0, 2, 1, 3, 0, 1], [1, 5, 0, 2, 5, 0], undefined];
    const lacking = modalities.map((m, i) => ({ ...m, ...(absent[i] && { lengths: absent[i] }) }));
    const [one, other] = [1, 1e6].map((garbage) => ({ ...batch, modalities: asBatched(lacking, 6, garbage) }));
    const outcome = await run(one!);
    expect(await run(other!)).toEqual(outcome);
    for (const values of [outcome.prediction, ...Object.values(outcome.losses), ...Object.values(outcome.gradients)])
      expect([values].flat().every(Number.isFinite)).toBe(true);
    // What is told of absences is for losses; a prediction is the one that `--drop` gives.
    const untold = one!.modalities.map((m): Modality => {
      const { name, time, width, values, lengths } = m;
      return { name, time, width, ...(values && { values }), ...(lengths && { lengths }) };
    });
    expect((await run({ ...batch, modalities: untold })).prediction).toEqual(outcome.prediction);
  });

  test('a prediction knows nothing of the labels', async () => {
    const other = await run({ ...batch, labels: labels.map((label) => 1 - label) });
    expect(other.prediction).toEqual(whole.prediction);
    expect(other.losses['task']).not.toBe(whole.losses['task']);
  });

  test('labels in another unit teach it the same, and it predicts in that unit', async () => {
    const how = { labelScale: 'standardised', labelClasses: 'quantiles' } as const;
    const of = { task: { kind: 'regression', range: [-3, 3] }, metrics: 'regression' } as const;
    const classes = model.labelClasses?.(model.config.parse(small));
    const last = async (values: number[]): Promise<BatchOutcome> => {
      const scale = labelScaleOf({ labels: Float32Array.from(values) }, how, { ...of, classes });
      const given = { ...batch, labels: values, task: { kind: 'regression' as const, ...scale } };
      let states = {};
      for (const epoch of [1, 2]) states = (await run({ ...given, epoch, states })).next;
      return run({ ...given, epoch: 3, states });
    };
    const [one, other] = [await last([...labels]), await last(labels.map((y) => 1000 * y + 5))];
    const prediction = other.prediction.map((y) => (y - 5) / 1000);
    expect(relativeError(prediction, one.prediction)).toBeLessThan(1e-6);
    expectSame({ ...other, prediction: one.prediction }, one, 1e-5);
  });

  test('one program predicts any number of samples, each by itself', async () => {
    expect(await openBatchError(build, modalities)).toBeLessThan(1e-5);
  });

  test('with labels and without, the same parameters are declared', () => {
    expect(declaredBy(build, modalities, { labels: true })).toEqual(declaredBy(build, modalities, { labels: false }));
  });

  test('every parameter has a gradient, except those that are chosen on validation', async () => {
    const chosen = Object.keys(model.chosenOnValidation?.(model.config.parse(small)) ?? {});
    expect([...Object.keys(whole.gradients), ...chosen].toSorted()).toEqual(Object.keys(whole.shapes).toSorted());
    // Some losses wait for the third epoch, and rectifiers let nothing through on one side.
    const second = await run({ ...batch, epoch: 2, states: whole.next });
    const third = { ...batch, epoch: 3, states: second.next };
    const negated = mapValues(whole.shapes, (shape, of) => valuesFor(of, size(shape)).map((value) => -value));
    const seen = [whole, await run(third), await run({ ...third, parameters: negated })];
    const idle = Object.keys(whole.gradients).filter((of) =>
      seen.every((each) => each.gradients[of]!.every((g) => g === 0)),
    );
    expect(idle).toEqual([]);
  });

  test.each([['a batch', batch] as const, ...special])('all is finite for %s', async (_, given) => {
    const outputs = given.task?.kind === 'classification' ? given.task.classes : 1;
    let states = {};
    for (const epoch of [1, 2, 3]) {
      const { prediction, losses, gradients, next } = await run({ ...given, epoch, states });
      expect(prediction).toHaveLength(given.labels.length * outputs);
      for (const [of, values] of Object.entries({ prediction, ...gradients, ...next }))
        expect(values, of).toSatisfy((list: number[]) => list.every(Number.isFinite));
      for (const [of, value] of Object.entries(losses)) expect(value, of).toSatisfy(Number.isFinite);
      states = next;
    }
  });

  const scales = [
    { standardised: { mean: 0, deviation: 1 }, boundaries: [0.2] },
    { standardised: { mean: 500, deviation: 1000 }, boundaries: [0.1] },
  ];
  const several = [
    ['several labels', { kind: 'multilabel', labels: 2 }, [1, 0, 0, 1, NaN, 1, 0, 0, 1, 1, NaN, NaN]],
    ['several targets', { kind: 'multitarget', targets: scales }, [1, 900, 0, NaN, -2, 1, 0, -3000, 2, 2, 0.5, 60]],
  ] as const satisfies readonly (readonly [string, ModelTask, readonly number[]])[];
  if (oneLabel === undefined)
    test.each(several)('all is finite for %s, of which some are absent', async (_, task, own) => {
      const given = { ...batch, labels: own, task };
      const program = await compileBatch(build, given);
      let states = {};
      for (const epoch of [1, 2, 3]) {
        const { prediction, losses, gradients, next } = await program.run({ ...given, epoch, states });
        expect(prediction).toHaveLength(own.length);
        for (const [of, values] of Object.entries({ prediction, ...gradients, ...next }))
          expect(values, of).toSatisfy((list: number[]) => list.every(Number.isFinite));
        for (const [of, value] of Object.entries(losses)) expect(value, of).toSatisfy(Number.isFinite);
        states = next;
      }
      const [kept, other] = [await program.run(given), await program.run({ ...given, labels: own.toReversed() })];
      expect(other.prediction).toEqual(kept.prediction);
      expect(other.losses['task']).not.toBe(kept.losses['task']);
      await program.dispose();
    });
  else
    test.each(several)('%s are refused', (_, task, own) =>
      expect(compileBatch(build, { ...batch, labels: own, task })).rejects.toThrow(
        `takes one label of each sample, and the task ${task.kind} has several: ${oneLabel}; choose another model.`,
      ),
    );

  test('one modality is too few', () => {
    expect(() => declaredBy(build, modalities.slice(0, 1), { labels: true })).toThrow(
      / needs at least two modalities, got text\.$/,
    );
  });

  test('it learns', async () => {
    const { mae, meanMae } = await learn(building(learning), train);
    expect(mae / meanMae).toBeLessThan(0.6);
  });
});
