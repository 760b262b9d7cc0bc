import { describe, expect, test } from 'vitest';
import { worstSamples } from './worst.ts';

const regression = { metrics: 'mosi', classes: [] } as const;

describe('the largest errors', () => {
  test('are means over seeds, whatever the order of their samples', () => {
    const first = { ids: ['a', 'b', 'c'], labels: [0, 1, 2], values: [1, 1, 4] };
    const second = { ids: ['c', 'b', 'a'], labels: [2, 1, 0], values: [2, 2, 2] };
    expect(worstSamples(regression, [first, second]).samples).toEqual([
      { id: 'a', label: '0', prediction: '1.5', error: 1.5 },
      { id: 'c', label: '2', prediction: '3', error: 1 },
      { id: 'b', label: '1', prediction: '1.5', error: 0.5 },
    ]);
  });

  test('are of as many samples as are asked for, without those that have no label, and name groups', () => {
    const seed = { ids: ['v$_$1', 'v$_$2', 'w$_$1'], labels: [0, NaN, 0], values: [1, 9, 2] };
    expect(worstSamples(regression, [seed], 1).samples).toEqual([
      { id: 'w$_$1', group: 'w', label: '0', prediction: '2', error: 2 },
    ]);
    expect(worstSamples(regression, [seed]).samples).toHaveLength(2);
  });

  test('of an id that a file has twice are of each sample by itself', () => {
    const seed = { ids: ['a', 'a'], labels: [0, 0], values: [1, 3] };
    expect(worstSamples(regression, [seed, seed]).samples.map(({ error }) => error)).toEqual([3, 1]);
  });

  test('of classes are what the true class lacks of certainty', () => {
    const seed = { ids: ['a', 'b'], labels: [0, 1], values: [0.9, 0.1, 0.8, 0.2] };
    const { samples } = worstSamples({ metrics: 'classification', classes: ['sad', 'happy'] }, [seed]);
    expect(samples.map(({ id, label, prediction }) => [id, label, prediction])).toEqual([
      ['b', 'happy', 'sad (0.80)'],
      ['a', 'sad', 'sad (0.90)'],
    ]);
    expect(samples.map(({ error }) => error)).toEqual([expect.closeTo(0.8), expect.closeTo(0.1)]);
    // Logits, as runs of before kept them, are made probabilities.
    const logits = { ids: ['a'], labels: [1], values: [Math.log(3), 0] };
    expect(worstSamples({ metrics: 'classification', classes: ['x', 'y'] }, [logits]).samples[0]!.error).toBeCloseTo(
      0.75,
    );
  });

  test('of several labels are the share that is wrong, of those that are known', () => {
    const seed = { ids: ['a', 'b'], labels: [1, 0, NaN, 1, 1, 1], values: [2, -1, 5, -1, 3, 3] };
    const { samples } = worstSamples({ metrics: 'multilabel', classes: ['joy', 'fear', 'anger'] }, [seed]);
    expect(samples).toMatchObject([
      { id: 'b', label: 'joy, fear, anger', prediction: 'fear, anger', error: 1 / 3 },
      { id: 'a', label: 'joy', prediction: 'joy, anger', error: 0 },
    ]);
  });

  test('of several targets are in deviations of their labels', () => {
    const seed = { ids: ['a', 'b'], labels: [0, 0, 2, 200], values: [1, 0, 2, 300] };
    const { samples } = worstSamples({ metrics: 'multitarget', classes: ['x', 'y'] }, [seed]);
    // The deviations of the labels are 1 and 100.
    expect(samples.map(({ id, error }) => [id, error])).toEqual([
      ['a', 0.5],
      ['b', 0.5],
    ]);
    expect(samples[1]).toMatchObject({ label: 'x 2, y 200', prediction: 'x 2, y 300' });
  });
});
