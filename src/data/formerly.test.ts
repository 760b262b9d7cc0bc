/** What runs of before may have been trained on, of the datasets that are read otherwise today. */
import { describe, expect, test } from 'vitest';
import type { Dataset, Task } from './dataset.ts';
import { inMemory } from './features.ts';
import { formerly } from './formerly.ts';

interface Made {
  readonly task: Task;
  readonly data: readonly number[];
  readonly lengths: readonly number[];
  readonly cleaned?: number;
}

/** Samples of two steps of one feature. */
function dataset({ task, data, lengths, cleaned = 0 }: Made): Dataset {
  const count = lengths.length;
  return {
    ...{ name: 'small', task, metrics: task.kind === 'regression' ? 'regression' : 'classification' },
    modalities: [{ name: 'x', time: 2, width: 1, lengthSource: { kind: 'trailing-zeros' }, cleaned }],
    splits: {
      train: {
        ids: lengths.map((_, n) => String(n)),
        features: { x: { shape: [count, 2, 1], data: Float32Array.from(data) } },
        lengths: { x: Int32Array.from(lengths) },
        labels: Float32Array.from(lengths, (_, n) => n % 2),
      },
    },
  };
}
const regression: Task = { kind: 'regression', range: [0, 1] };
const told = (each: Dataset): unknown => {
  const { features, lengths, labels } = each.splits.train!;
  return [[...inMemory(features['x']!).data], [...lengths['x']!], [...labels!]];
};

describe('samples as releases of before read them', () => {
  test('are those of today where nothing changed', () => {
    const now = dataset({ task: regression, data: [1, 2, 3, 0], lengths: [2, 1] });
    expect([...formerly(now)]).toEqual([now]);
  });

  test('had zeros for missing numbers, which ended a sequence, and a step where a modality is absent', () => {
    const now = dataset({ task: regression, data: [1, NaN, 0, 0, NaN, 5], lengths: [2, 0, 2], cleaned: 2 });
    const [first, before, ...others] = [...formerly(now)];
    expect(first).toBe(now);
    expect(told(before!)).toEqual([
      [1, 0, 0, 0, 0, 5],
      [1, 1, 2],
      [0, 1, 0],
    ]);
    expect(others).toEqual([]);
  });

  test('had a class for every number up to the largest', () => {
    const now = dataset({ task: { kind: 'classification', classes: ['1', '3'] }, data: [1, 2, 3, 4], lengths: [2, 2] });
    const [, before, ...others] = [...formerly(now)];
    expect(before!.task).toEqual({ kind: 'classification', classes: ['0', '1', '2', '3'] });
    expect([...before!.splits.train!.labels!]).toEqual([1, 3]);
    expect(others).toEqual([]);
  });

  test('had both where both are there', () => {
    const task: Task = { kind: 'classification', classes: ['1', '2'] };
    const all = [...formerly(dataset({ task, data: [NaN, 2, 3, 4], lengths: [2, 2], cleaned: 1 }))];
    expect(all.map(({ task: own }) => own.kind === 'classification' && own.classes.length)).toEqual([2, 2, 3, 3]);
    expect(told(all[3]!)).toEqual([
      [0, 2, 3, 4],
      [2, 2],
      [1, 2],
    ]);
  });

  test('had the classes of today where these are no numbers', () => {
    const now = dataset({ task: { kind: 'classification', classes: ['no', 'yes'] }, data: [1, 2], lengths: [2] });
    expect([...formerly(now)]).toEqual([now]);
  });
});
