import { describe, expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { goldenError, goldenOf, type Golden } from './golden/testing.ts';
import { runOneBatch, type Build, type Numbers, type OneBatch } from './one-batch/testing.ts';
import { selfMm } from './self-mm.ts';
import type { Modality } from './testing.ts';

const small = { hidden: 3, encoded: 2, features: 4, fusion: 5 };
const build =
  (own: Readonly<Record<string, unknown>> = {}): Build =>
  (scope, inputs) =>
    selfMm.build(scope, inputs, selfMm.config.parse({ ...small, ...own }));

const modalities: Modality[] = [
  { name: 'text', time: 3, width: 3, lengths: [3, 2, 1, 3] },
  { name: 'audio', time: 4, width: 2, lengths: [1, 4, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, -0.8] };

test('values, losses, gradients and the labels it makes are those of the public code', async () => {
  const golden = goldenOf<Golden & { states: Numbers; next: Numbers }>('self-mm');
  const own = {
    text: 'first',
    hidden: { audio: 3, vision: 2 },
    encoded: { audio: 4, vision: 3 },
    features: { text: 4, audio: 3, vision: 2 },
    range: 2,
  };
  const outcome = await runOneBatch(build(own), {
    modalities: [
      { name: 'text', time: 2, width: 5 },
      { name: 'audio', time: 4, width: 3, lengths: [4, 2, 1, 3, 4, 1] },
      { name: 'vision', time: 5, width: 2, lengths: [5, 1, 2, 4, 3, 5] },
    ],
    labels: golden.labels,
    epoch: 3,
    states: golden.states,
  });
  expect(Object.keys(golden.gradients)).toEqual(Object.keys(outcome.shapes));
  expect(goldenError(outcome, golden)).toBeLessThan(1e-9);
  for (const [name, values] of Object.entries(golden.next))
    expect(relativeError(outcome.next[name]!, values), name).toBeLessThan(1e-9);
});

describe('the labels of a modality', () => {
  test('are the true ones in the first epoch, and count for nothing then', async () => {
    const { losses, next } = await runOneBatch(build(), batch);
    for (const m of ['text', 'audio', 'vision']) {
      expect(losses[`own.${m}`]).toBe(0);
      expect(next[`state.self.own.${m}.labels`]).toEqual(batch.labels);
    }
    expect(next['state.self.known']).toEqual([1, 1, 1, 1]);
  });

  test('move from the second epoch on, within the range', async () => {
    const first = await runOneBatch(build(), batch);
    const second = await runOneBatch(build({ range: 0.5 }), { ...batch, epoch: 2, states: first.next });
    const moved = second.next['state.self.own.text.labels']!;
    expect(moved).not.toEqual(batch.labels);
    // With n = 2 a third of the old label is left.
    moved.forEach((label, n) => expect(Math.abs(label - batch.labels[n]! / 3)).toBeLessThanOrEqual(1 / 3 + 1e-12));
    const third = await runOneBatch(build(), { ...batch, epoch: 3, states: second.next });
    expect(third.losses['own.text']).toBeGreaterThan(0);
    expect(third.next['state.self.fusion.labels']).toEqual(batch.labels);
  });

  test('stay where no sample is negative', async () => {
    const positive = { ...batch, labels: [2, 1, 0, 3] };
    const first = await runOneBatch(build(), positive);
    const { next, losses } = await runOneBatch(build(), { ...positive, epoch: 2, states: first.next });
    expect(next['state.self.own.text.labels']).toEqual(positive.labels);
    expect(losses['own.text']).toBe(0);
  });

  test('of classes lie within ±1 and are finite', async () => {
    const classes: OneBatch = { ...batch, labels: [2, 0, 0, 1], task: { kind: 'classification', classes: 4 } };
    let states: Numbers = {};
    for (const epoch of [1, 2, 3]) {
      const { next, losses } = await runOneBatch(build(), { ...classes, epoch, states });
      for (const loss of Object.values(losses)) expect(loss).toSatisfy(Number.isFinite);
      states = next;
    }
    const labels = states['state.self.own.audio.labels']!;
    expect(labels).toHaveLength(16);
    expect(labels.every((y) => Math.abs(y) <= 1)).toBe(true);
    // Nobody is of the last class: there is no centre to go by.
    expect(labels.filter((_, i) => i % 4 === 3)).toEqual([-1, -1, -1, -1]);
  });
});

describe('labels that people gave to each modality', () => {
  const ownLabels = { text: [1, -1, 0, 2], audio: [0, 0, 1, -1], vision: [-2, 1, 1, 0] };

  test('are what its own task is about', async () => {
    const audioAt = (y: number): OneBatch => ({ ...batch, ownLabels: { ...ownLabels, audio: [y, y, y, y] } });
    const given = await runOneBatch(build({ labels: 'annotated' }), audioAt(100));
    const moved = await runOneBatch(build({ labels: 'annotated' }), audioAt(110));
    expect(given.next).toEqual({});
    expect(Object.keys(given.losses)).toEqual(['task', 'own.text', 'own.audio', 'own.vision']);
    expect(moved.losses['own.audio']! - given.losses['own.audio']!).toBeCloseTo(10, 9);
    expect(moved.losses['own.text']).toBe(given.losses['own.text']);
    const ofOwnTasks = Object.keys(given.shapes).filter((name) => name.startsWith('own.'));
    for (const name of ofOwnTasks) expect(given.gradients[name], name).toBeDefined();
  });

  test('of classes are learned by cross-entropy', async () => {
    const classes: OneBatch = { ...batch, labels: [2, 0, 0, 1], task: { kind: 'classification', classes: 3 } };
    const own = { text: [0, 1, 2, 0], audio: [1, 1, 1, 1], vision: [2, 2, 0, 0] };
    const { losses } = await runOneBatch(build({ labels: 'annotated' }), { ...classes, ownLabels: own });
    for (const loss of Object.values(losses)) expect(loss).toBeGreaterThan(0);
  });

  test('have to be there', async () => {
    const { text, vision } = ownLabels;
    const some = { ...batch, ownLabels: { text, vision } };
    await expect(runOneBatch(build({ labels: 'annotated' }), some)).rejects.toThrow(
      'model.labels is annotated, but the data has no labels of "audio" alone; set it to made.',
    );
  });
});

test('what cannot be built says why', async () => {
  await expect(runOneBatch(build({ hidden: { vision: 3 } }), batch)).rejects.toThrow(
    'model.hidden names vision but not the modality "audio"; add it, or "other".',
  );
});
