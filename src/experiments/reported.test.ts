import { expect, test } from 'vitest';
import { metrics } from '../metrics/metric.ts';
import { models } from '../models/index.ts';
import { reportedFor, reportedOn } from './reported.ts';

const datasets = ['mosi', 'mosei', 'sims', 'iemocap'];

test('every table has all fourteen models of the paper in its order, and DecAlign is the best of each column', () => {
  for (const dataset of datasets) {
    const { columns, rows } = reportedOn(dataset)!;
    // DecAlign comes first among the models, and last in the tables.
    const [decalign, ...others] = Object.keys(models);
    expect(Object.keys(rows)).toEqual([...others, decalign!].filter((name) => Object.hasOwn(rows, name)));
    expect(Object.keys(rows)).toHaveLength(14);
    for (const [c, metric] of columns.entries()) {
      const column = Object.values(rows).map((row) => row[c]!);
      expect(rows['decalign']![c]).toBe(Math[metrics[metric].better === 'lower' ? 'min' : 'max'](...column));
    }
    for (const row of Object.values(rows)) expect(row).toHaveLength(columns.length);
  }
});

test('a row is found by the name of its model', () => {
  expect(reportedFor('mosi', 'self-mm')).toEqual({ mae: 0.765, corr: 0.764, acc2: 82.88, acc7: 42.03, f1: 83.04 });
  expect(reportedFor('iemocap', 'cggm')).toEqual({ wacc: 72.25, waf1: 72.17 });
  for (const [dataset, model] of [
    ['mosi', 'mine'],
    ['synthetic', 'mult'],
    ['mosi', 'toString'],
    ['toString', 'mult'],
  ] as const)
    expect(reportedFor(dataset, model)).toBeUndefined();
});
