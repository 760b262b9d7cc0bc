import { describe, expect, test } from 'vitest';
import { synthetic } from '../data/datasets/synthetic.ts';
import { applyStandardisation, fitStandardisation } from '../data/standardise.ts';
import { Scope } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { gradients, input, size } from '../tensor/index.ts';
import { trainConfig } from '../train/train-config.ts';
import { train } from '../train/trainer.ts';
import { aobert } from './aobert.ts';
import { goldenOf } from './golden/testing.ts';
import { runOneBatch, withGarbage } from './one-batch/testing.ts';
import { featuresOf, valuesFor, type Modality } from './testing.ts';

const config = aobert.config.parse({ width: 4, heads: 2, layers: 1 });
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const garbage = withGarbage(modalities, 4);

interface Golden {
  readonly lengths: Readonly<Record<'text' | 'audio', number[]>>;
  /** Of the words, `[N, T]`; 0 is padding. */
  readonly ids: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly prediction: readonly number[];
  readonly task: number;
  readonly gradients: Readonly<Record<string, number[]>>;
  readonly alignment: {
    readonly swapped: Readonly<Record<'audio' | 'vision', number[]>>;
    readonly loss: number;
    readonly gradients: Readonly<Record<string, number[]>>;
  };
}

describe("the authors' code", () => {
  const golden = goldenOf<Golden>('aobert');
  const own = aobert.config.parse({ width: 8, heads: 2, layers: 2 });
  const words = golden.ids.flat().flatMap((id) => Array.from({ length: 5 }, (_, w) => Number(w === id - 1)));
  const given: Modality[] = [
    { name: 'text', time: 4, width: 5, lengths: golden.lengths.text, values: words },
    { name: 'vision', time: 4, width: 5 },
    { name: 'audio', time: 4, width: 3, lengths: golden.lengths.audio },
  ];

  test('gives the same predictions, loss and gradients', async () => {
    const found = await runOneBatch((scope, inputs) => aobert.build(scope, inputs, own), {
      modalities: given,
      labels: golden.labels,
    });
    expect(relativeError(found.prediction, golden.prediction)).toBeLessThan(1e-10);
    expect(relativeError([found.losses['task']!], [golden.task])).toBeLessThan(1e-10);
    for (const [name, values] of Object.entries(golden.gradients))
      expect(relativeError(found.gradients[name]!, values), name).toBeLessThan(1e-9);
  });

  test('tells pairs that belong from those that do not as well', async () => {
    const { loss, swapped, gradients: expected } = golden.alignment;
    const sites = { 'swapped.1': swapped.vision.map((s) => 1 - s), 'swapped.2': swapped.audio.map((s) => 1 - s) };
    const { values } = await pretrain(given, sites, { config: own });
    expect(relativeError(values['alignment']!, [loss])).toBeLessThan(1e-10);
    // Nothing is asked for, so the masked loss has no gradient.
    for (const [name, list] of Object.entries(expected))
      expect(relativeError(values[`d ${name}`]!, list), name).toBeLessThan(1e-9);
  });
});

/** A step of pretraining; masks by site say what is drawn: 0 where something happens. */
async function pretrain(
  given: readonly Modality[],
  masks: Readonly<Record<string, readonly number[]>> = {},
  { samples = 4, config: own = config } = {},
): Promise<{ values: Record<string, number[]>; shapes: Record<string, readonly number[]> }> {
  const scope = new Scope({ dtype: 'float64', training: true });
  const feeds: Record<string, readonly number[]> = {};
  const features = Object.fromEntries(
    given.map((m) => {
      const value = input(`features ${m.name}`, [samples, m.time, m.width], 'float64');
      feeds[`features ${m.name}`] = featuresOf(m, samples);
      if (!m.lengths) return [m.name, { value }];
      feeds[`mask ${m.name}`] = m.lengths.flatMap((l) => Array.from({ length: m.time }, (_, t) => Number(t < l)));
      return [m.name, { value, mask: input(`mask ${m.name}`, [samples, m.time], 'float64') }];
    }),
  );
  const inputs = {
    features,
    labels: input('labels', [samples], 'float64'),
    task: { kind: 'regression' as const },
    progress: { epoch: input('epoch', []), rows: input('rows', [samples], 'int64'), samples, stage: 'pretraining' },
  };
  const { losses, diagnostics } = aobert.build(scope, inputs, own);
  const parameters = [...scope.parameters];
  const total = Object.values(losses).reduce((a, b) => a.add(b));
  const found = gradients(
    total,
    parameters.map(([, { value }]) => value),
  );
  for (const [name, { value }] of parameters) feeds[name] = valuesFor(name, size(value.shape));
  for (const [site, { mask }] of scope.dropouts)
    feeds[site] = masks[site.replace('dropout.pretext.', '')] ?? Array<number>(size(mask.shape)).fill(1);
  const values = await evaluate(
    {
      ...losses,
      ...diagnostics,
      ...Object.fromEntries(found.flatMap((g, i) => (g ? [[`d ${parameters[i]![0]}`, g] as const] : []))),
    },
    feeds,
  );
  return { values, shapes: Object.fromEntries(parameters.map(([name, { value }]) => [name, value.shape])) };
}

const [no, yes] = [1, 0];
const drawn = {
  'asked.0': [yes, no, yes, no, no, yes, no, no, yes, no, no, no, no, no, yes, yes],
  'hidden.0': Array<number>(16).fill(yes),
  'asked.1': [no, yes, no, no, yes, no, no, no, no, no, no, no, yes, no, no, no],
  'hidden.1': [no, yes, no, no, no, no, no, no, no, no, no, no, yes, no, no, no],
  'swapped.1': [yes, no, no, yes],
  'swapped.2': [no, yes, no, no],
};

describe('pretraining', () => {
  test('what is hidden is not seen, padding neither', async () => {
    const all = { ...drawn, 'asked.0': Array<number>(16).fill(yes), 'asked.1': Array<number>(16).fill(yes) };
    const hidden = { ...all, 'hidden.1': Array<number>(16).fill(yes) };
    const plain = await pretrain(garbage, hidden);
    const { values } = await pretrain(modalities, hidden);
    for (const [name, found] of Object.entries(values))
      expect(relativeError(plain.values[name]!, found), name).toBeLessThan(1e-9);
    // Where no text is seen in any stream, the alignment loss does not depend on it.
    const blind = { ...hidden, 'asked.2': Array<number>(16).fill(yes), 'hidden.2': Array<number>(16).fill(yes) };
    const other = modalities.map((m, i) => (i === 0 ? { ...m, values: valuesFor('other', 48) } : m));
    const [a, b] = [await pretrain(other, blind), await pretrain(modalities, blind)];
    expect(a.values['alignment']![0]).toBeCloseTo(b.values['alignment']![0]!, 12);
    expect(a.values['masked']![0]).not.toBeCloseTo(b.values['masked']![0]!, 3);
  });

  test('a swapped pair is the pair of the sample before', async () => {
    const audio = modalities[1]!;
    const rows = featuresOf(audio, 4);
    const order = [3, 1, 2, 2];
    const exchanged = modalities.map((m) =>
      m.name === 'audio'
        ? {
            ...m,
            lengths: order.map((n) => audio.lengths![n]!),
            values: order.flatMap((n) => rows.slice(n * 10, (n + 1) * 10)),
          }
        : m,
    );
    const { values: a } = await pretrain(modalities, { 'swapped.1': [yes, no, no, yes] });
    const { values: b } = await pretrain(exchanged, {});
    // The same encodings under other targets: the gradient of the alignment's bias tells the difference of two labels of 4.
    const [da, db] = [a, b].map((v) => v['d pretext.alignment.bias']!);
    expect(db![1]! - da![1]!).toBeCloseTo(-2 / 4 / 2, 12);
    expect(a['alignmentTold']![0]! >= 0 && a['alignmentTold']![0]! <= 1).toBe(true);
  });

  test('nothing asked costs nothing; a batch of one has nothing to swap', async () => {
    expect((await pretrain(modalities)).values['masked']).toEqual([0]);
    const one = modalities.map((m) => ({ ...m, ...(m.lengths && { lengths: [3] }) }));
    const { values } = await pretrain(
      one,
      { 'asked.0': [yes, no, no, no], 'hidden.0': [yes, no, no, no] },
      { samples: 1 },
    );
    expect(Object.values(values).every((v) => v.every(Number.isFinite))).toBe(true);
  });

  test('trains the encoder and its own heads', async () => {
    const { values, shapes } = await pretrain(modalities, drawn);
    const idle = Object.keys(shapes).filter((name) => !values[`d ${name}`]);
    expect(idle.every((name) => /^(pooler|score|classifier)\./.test(name))).toBe(true);
    expect(Object.keys(values).filter((name) => /^d pretext\./.test(name))).toHaveLength(9);
  });
});

test('pretraining comes first and lowers its losses', async () => {
  const own = aobert.config.parse({ width: 16, layers: 1, pretraining: { epochs: 4, masked: 0.4 } });
  const { splits, modalities: kinds } = synthetic({ samples: { train: 96, valid: 8, test: 1 }, noise: 0.2 });
  const statistics = fitStandardisation(splits.train!);
  const epochs: Readonly<Record<string, number>>[] = [];
  const events = train({
    compile,
    network: {
      name: 'aobert',
      stages: aobert.stages?.(own, { stepsPerEpoch: 1 }) ?? [],
      build: (scope, inputs) => aobert.build(scope, inputs, own),
    },
    spec: {
      features: kinds.map(({ name, time, width }) => ({ name, time, width, masked: true })),
      task: { kind: 'regression' },
    },
    train: applyStandardisation(splits.train!, statistics),
    valid: applyStandardisation(splits.valid!, statistics),
    seed: 1,
    config: trainConfig.parse({ epochs: 1, batchSize: 16, threads: 1 }),
    selection: { metric: 'mae', better: 'lower' },
    evaluate: () => ({ mae: 1 }),
  });
  for await (const event of events) if (event.type === 'epoch') epochs.push(event.losses);
  expect(epochs.map((losses) => Object.keys(losses)[0])).toEqual(['masked', 'masked', 'masked', 'masked', 'task']);
  expect(epochs[3]!['masked']).toBeLessThan(epochs[0]!['masked']!);
  expect(epochs[3]!['alignment']).toBeLessThan(0.75);
});
