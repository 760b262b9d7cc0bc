import { expect, test } from 'vitest';
import { arrowOf, headingLines, labelOf } from './headings.ts';
import { metricKinds, metricsOf } from './metric.ts';

test('a score that several conventions have is called by its own; no two metrics of a kind are called alike', () => {
  expect(labelOf('mosi', 'acc2')).toBe('Acc-2 (neg/pos)');
  expect(labelOf('mosi', 'f1_nonneg')).toBe('F1 (neg/non-neg)');
  // One convention: values of 0 count as not positive.
  expect(labelOf('sims', 'f1')).toBe('F1 (non-pos/pos)');
  expect(labelOf('classification', 'waf1')).toBe('WAF1');
  for (const kind of metricKinds) {
    const labels = metricsOf(kind).map((name) => labelOf(kind, name));
    expect(new Set(labels).size).toBe(labels.length);
  }
  expect([arrowOf('mae'), arrowOf('r2')]).toEqual(['↓', '↑']);
});

test('a heading has a second line where a name says what a score is of', () => {
  expect(headingLines('mosi', ['mae', 'acc2', 'acc7'])).toEqual([
    ['', 'Acc-2 ↑', ''],
    ['MAE ↓', 'neg/pos', 'Acc-7 ↑'],
  ]);
  expect(headingLines('regression', ['mae', 'r2'])).toEqual([['MAE ↓', 'R² ↑']]);
  expect(headingLines('mosi', ['mae'])).toEqual([['MAE ↓']]);
});
