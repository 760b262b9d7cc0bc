import { describe, expect, test } from 'vitest';
import { evaluate } from '../runtime/testing.ts';
import { input } from '../tensor/index.ts';
import type { ModelTask } from './model.ts';
import { classesFor, oneLabelOf, outputsOf, taskLoss } from './task.ts';

const multilabel: ModelTask = { kind: 'multilabel', labels: 2 };
const scale = { standardised: { mean: 0, deviation: 1 }, boundaries: [0.5] };
const multitarget: ModelTask = { kind: 'multitarget', targets: [scale, { ...scale, boundaries: [] }] };

describe('classes of several labels', () => {
  const of = async (rows: readonly (readonly number[])[], task: ModelTask): Promise<number[]> => {
    const labels = input('labels', [rows.length, 2]);
    return [...(await evaluate({ classes: classesFor(labels, task) }, { labels: rows.flat() }))['classes']!];
  };

  test('are those of the first sample all of whose labels are alike', async () => {
    const rows = [
      [0, 1],
      [1, 1],
      [0, 1],
      [0, 0],
      [1, 1],
    ];
    expect(await of(rows, multilabel)).toEqual([0, 1, 0, 3, 1]);
  });

  test('tell an absent label from both others, and take two that are absent for alike', async () => {
    expect(
      await of(
        [
          [0, 1],
          [NaN, 1],
          [1, 1],
          [NaN, 1],
        ],
        multilabel,
      ),
    ).toEqual([0, 1, 2, 1]);
  });

  test('divide each target at its boundary; one that is constant tells nothing', async () => {
    const rows = [
      [0.4, 7],
      [0.6, 7],
      [-3, 7],
      [9, 7],
      [NaN, 7],
    ];
    expect(await of(rows, multitarget)).toEqual([0, 1, 0, 1, 4]);
  });
});

test.each([
  ['l1', (1 + 0 + 6) / 3],
  ['mse', (1 + 0 + 36) / 3],
] as const)('the %s loss of several targets is over those that are there', async (form, expected) => {
  const [prediction, labels] = [input('prediction', [2, 2]), input('labels', [2, 2])];
  const loss = taskLoss(prediction, labels, multitarget, form);
  const found = await evaluate({ loss }, { prediction: [1, 2, 3, 6], labels: [2, 2, NaN, 0] });
  expect(found['loss']![0]).toBeCloseTo(expected, 6);
});

test('a head has an output per label, and a model of one label says why it takes no more', () => {
  expect([multilabel, multitarget].map(outputsOf)).toEqual([2, 2]);
  expect(() => oneLabelOf(multitarget, 'Fusion', 'it has one prototype')).toThrow(
    'Fusion takes one label of each sample, and the task multitarget has several: it has one prototype; choose another model.',
  );
  expect(oneLabelOf({ kind: 'regression' }, 'Fusion', '')).toEqual({ kind: 'regression' });
});
