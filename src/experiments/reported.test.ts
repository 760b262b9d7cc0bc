import { expect, test } from 'vitest';
import { metrics } from '../metrics/metric.ts';
import { paperPlace, paperTitle, reportedFor, reportedOn } from './reported.ts';

const datasets = ['mosi', 'mosei', 'sims', 'iemocap'];

test('every table has all fourteen models, and DecAlign is the best of each column', () => {
  for (const dataset of datasets) {
    const { columns, rows } = reportedOn(dataset)!;
    expect(Object.keys(rows)).toHaveLength(14);
    for (const [c, metric] of columns.entries()) {
      const column = Object.values(rows).map((row) => row[c]!);
      expect(rows['decalign']![c]).toBe(Math[metrics[metric].better === 'lower' ? 'min' : 'max'](...column));
    }
    for (const row of Object.values(rows)) expect(row).toHaveLength(columns.length);
  }
});

test('models are found whatever marks their names have', () => {
  expect(reportedFor('mosi', 'self-mm')).toEqual({ mae: 0.765, corr: 0.764, acc2: 82.88, acc7: 42.03, f1: 83.04 });
  expect(reportedFor('iemocap', 'cggm')).toEqual({ wacc: 72.25, waf1: 72.17 });
  expect(paperTitle('muta-net')).toBe('MUTA-Net');
  for (const [dataset, model] of [
    ['mosi', 'mine'],
    ['synthetic', 'mult'],
    ['mosi', 'toString'],
    ['toString', 'mult'],
  ] as const)
    expect(reportedFor(dataset, model)).toBeUndefined();
});

test('the paper has DecAlign last, and others before it', () => {
  const order = ['decalign', 'mine', 'cggm', 'mfm'].toSorted((a, b) => paperPlace(a) - paperPlace(b));
  expect(order).toEqual(['mfm', 'cggm', 'mine', 'decalign']);
});
