import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { constant, input } from '../tensor/index.ts';
import type { ModelTask } from './model.ts';
import { runOneBatch, type Numbers, type OneBatch } from './one-batch/testing.ts';
import { pmr, rebalance, similarity } from './pmr.ts';
import type { Modality } from './testing.ts';
import type { Network } from '../train/index.ts';

type Own = Readonly<Record<string, unknown>>;
const build =
  (own: Own = {}): Network['build'] =>
  (scope, inputs) =>
    pmr.build(scope, inputs, pmr.config.parse({ width: 4, blocks: 1, fusion: 'concat', ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3, 4, 1] },
  { name: 'audio', time: 1, width: 2 },
  { name: 'vision', time: 3, width: 4, lengths: [1, 3, 3, 2, 2, 3] },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8, 0];
const batch: OneBatch = { modalities, labels };

interface Golden {
  readonly labels: readonly number[];
  readonly counts: readonly number[];
  readonly prediction: readonly number[];
  readonly late: { readonly loss: number };
  readonly cases: readonly {
    readonly old: Numbers;
    readonly sums: Numbers;
    readonly prototypes: Numbers;
    readonly similarity: Numbers;
    readonly ratio: number;
    readonly loss: number;
    readonly lossAudio: number;
    readonly lossVision: number;
    readonly gradients: Numbers;
  }[];
}
const golden = JSON.parse(readFileSync('test/fixtures/models/pmr.json', 'utf8')) as Golden;
const task: ModelTask = { kind: 'classification', classes: 6 };

/** The public code's batch, at the turn from its first epoch to its second. */
const goldenBatch = ({ old, sums }: Golden['cases'][number], epoch = 2): OneBatch => ({
  modalities: [
    { name: 'audio', time: 3, width: 4 },
    { name: 'vision', time: 5, width: 3 },
  ],
  labels: golden.labels,
  task,
  epoch,
  states: {
    'state.epoch': [epoch - 1],
    ...Object.fromEntries(
      ['audio', 'vision'].flatMap((m) => [
        [`state.prototypes.${m}.value`, old[m]!],
        [`state.prototypes.${m}.known`, Array<number>(6).fill(1)],
        [`state.prototypes.${m}.sums`, sums[m]!],
        [`state.prototypes.${m}.counts`, golden.counts],
      ]),
    ),
  },
});

describe('as the public code', () => {
  test.each(golden.cases.map((one) => ({ ...one, weaker: one.ratio > 1 ? 'vision' : 'audio' })))(
    'with $weaker the weaker modality',
    async (one) => {
      const { prediction, losses, diagnostics, gradients, next } = await runOneBatch(build(), goldenBatch(one));
      const of = (m: string): number => (m === 'audio' ? one.lossAudio : one.lossVision);
      expect(relativeError(prediction, golden.prediction)).toBeLessThan(1e-10);
      for (const m of ['audio', 'vision'])
        expect(relativeError(next[`state.prototypes.${m}.value`]!, one.prototypes[m]!)).toBeLessThan(1e-10);
      expect(relativeError([losses['prototype']!], [of(one.weaker)])).toBeLessThan(1e-10);
      expect(relativeError([losses['task']! + losses['prototype']!], [one.loss])).toBeLessThan(1e-10);
      expect(diagnostics['score.audio']! / diagnostics['score.vision']!).toBeCloseTo(one.ratio, 10);
      for (const [name, values] of Object.entries(one.gradients))
        expect(relativeError(gradients[name]!, values), name).toBeLessThan(1e-9);
    },
  );

  test('its similarities', async () => {
    const [one] = golden.cases;
    const scope = input('h', [12, 4], 'float64');
    const prototypes = { value: input('p', [6, 4], 'float64'), known: constant(Array(6).fill(1), [6, 1], 'float64') };
    const h = one!.sums['audio']!.concat(one!.sums['audio']!);
    const { s } = await evaluate({ s: similarity(scope, prototypes) }, { h, p: one!.prototypes['audio']! });
    const p = one!.prototypes['audio']!;
    const expected = Array.from({ length: 72 }, (_, at) => {
      const [n, c] = [Math.floor(at / 6), at % 6];
      return -Math.hypot(...[0, 1, 2, 3].map((d) => h[4 * n + d]! - p[4 * c + d]!));
    });
    expect(relativeError(s!, expected)).toBeLessThan(1e-12);
  });

  test('after its last epoch of rebalancing, only the task is left', async () => {
    const { losses } = await runOneBatch(build(), goldenBatch(golden.cases[0]!, 102));
    expect(losses['prototype']).toBe(0);
    expect(relativeError([losses['task']!], [golden.late.loss])).toBeLessThan(1e-10);
    expect((await runOneBatch(build(), goldenBatch(golden.cases[0]!, 101))).losses['prototype']).toBeGreaterThan(0);
  });
});

test('every modality below the best is rebalanced, the best is not; equals are left alone', async () => {
  const classes = constant([0, 1], [2], 'float64');
  const s = (gap: number): ReturnType<typeof constant> => constant([0, -gap, -gap, 0], [2, 2], 'float64');
  const lossOf = async (...gaps: number[]): Promise<number> =>
    (await evaluate({ loss: rebalance(gaps.map(s), classes).loss }))['loss']![0]!;
  const crossEntropy = (gap: number): number => Math.log(1 + Math.exp(-gap));
  expect(await lossOf(3, 1, 2)).toBeCloseTo(crossEntropy(1) + crossEntropy(2), 12);
  expect(await lossOf(2, 2)).toBe(0);
});

describe('prototypes', () => {
  test('in the first epoch are the means of what it has shown so far', async () => {
    const first = await runOneBatch(build(), batch);
    expect(first.next['state.epoch']).toEqual([1]);
    expect(first.next['state.prototypes.text.known']!.every((k) => k === 0)).toBe(true);
    expect(first.next['state.prototypes.text.counts']).toEqual([0, 0, 2, 2, 0, 2, 0]);
    const second = await runOneBatch(build(), { ...batch, states: first.next });
    expect(second.next['state.prototypes.text.counts']).toEqual([0, 0, 4, 4, 0, 4, 0]);
    expect(second.losses['prototype']).toBeCloseTo(first.losses['prototype']!, 12);
  });

  test('follow with momentum when an epoch is over; a class that it did not show keeps its own', async () => {
    const first = await runOneBatch(build(), batch);
    const second = await runOneBatch(build(), { ...batch, epoch: 2, states: first.next });
    expect(second.next['state.prototypes.audio.known']).toEqual([0, 0, 1, 1, 0, 1, 0]);
    expect(second.losses['prototype']).toBeCloseTo(first.losses['prototype']!, 12);
    const states = { ...second.next, 'state.prototypes.audio.counts': [0, 0, 0, 2, 0, 2, 0] };
    const { next } = await runOneBatch(build(), { ...batch, epoch: 3, states });
    const [before, after] = [second, { next }].map((x) => x.next['state.prototypes.audio.value']!);
    expect(after!.slice(8, 12)).toEqual(before!.slice(8, 12));
  });
});

describe('labels of a regression whose classes have boundaries', () => {
  const boundaries = [-1, 0.1, 2.2];

  test('have the prototypes of these classes', async () => {
    const regression = await runOneBatch(build(), { ...batch, task: { kind: 'regression', boundaries } });
    const indices = { ...batch, labels: labels.map((y) => boundaries.filter((end) => y > end).length) };
    const { next } = await runOneBatch(build(), { ...indices, task: { kind: 'classification', classes: 4 } });
    for (const m of ['text', 'audio', 'vision'])
      expect(regression.next[`state.prototypes.${m}.sums`]).toEqual(next[`state.prototypes.${m}.sums`]);
  });

  test('have a single prototype where labels are all alike', async () => {
    const { losses, next } = await runOneBatch(build(), { ...batch, task: { kind: 'regression', boundaries: [] } });
    expect(next['state.prototypes.text.counts']).toEqual([6]);
    expect(losses['prototype']).toBeCloseTo(0, 12);
  });
});
