import { describe, expect, test } from 'vitest';
import { evaluate } from '../metrics/metric.ts';
import { thresholdsIn, validationMetrics } from './thresholds.ts';

const names = ['happy', 'sad'];
const data = { task: { kind: 'multilabel', names }, metrics: 'multilabel' } as const;
const logit = (p: number): number => Math.log(p / (1 - p));
// "happy" is told best between 0.2 and 0.3, "sad" at any threshold between 0.4 and 0.6.
const probabilities = [0.9, 0.6, 0.3, 0.4, 0.2, 0.7, 0.1, 0.1];
const prediction = Float32Array.from(probabilities, logit);
const labels = Float32Array.of(1, 1, 1, 0, 0, 1, 0, NaN);

describe('thresholds', () => {
  const found = validationMetrics(data, prediction, labels);

  test('are chosen on validation, and are metrics of the epoch', () => {
    expect(found['threshold/happy']).toBeCloseTo(0.25, 6);
    expect(found['threshold/sad']).toBe(0.5);
    expect(found).toMatchObject({ macro_f1: 1, 'f1/happy': 1, exact_match: 1 });
    expect(evaluate('multilabel', prediction, labels, names)['f1/happy']).toBeCloseTo(2 / 3, 9);
  });

  test('are read from these; a label that has none has 0.5, and other tasks have none', () => {
    expect(thresholdsIn(data, found)).toEqual([found['threshold/happy'], 0.5]);
    expect(thresholdsIn(data, {})).toEqual([0.5, 0.5]);
    expect(thresholdsIn({ task: { kind: 'regression', range: [0, 1] } }, {})).toBeUndefined();
  });
});

test('other tasks have the metrics that they have', () => {
  const task = { kind: 'regression', range: [0, 1] } as const;
  const [values, truth] = [Float32Array.of(1, 2), Float32Array.of(1, 3)];
  expect(validationMetrics({ task, metrics: 'regression' }, values, truth)).toEqual(
    evaluate('regression', values, truth),
  );
});
