import { expect, test } from 'vitest';
import { outline } from './outline.ts';
import { confusionTable, metricsTable } from './metrics-table.ts';

test('metrics as papers print them: a row each, what is better by an arrow', () => {
  const rows = [
    { name: 'ridge', metrics: { mae: 1, corr: 0.25, rmse: 1234, r2: -0.5 } },
    { name: 'mean ± std', metrics: { mae: 0.98765, corr: 0.5, rmse: 2, r2: 0 }, deviations: { mae: 0.01, corr: 0.02 } },
  ];
  expect(metricsTable('regression', rows)).toBe(
    [
      '                    MAE ↓         Corr ↑  RMSE ↓    R² ↑',
      'ridge               1.000          0.250    1234  -0.500',
      'mean ± std  0.988 ± 0.010  0.500 ± 0.020   2.000   0.000',
    ].join('\n'),
  );
});

test('a confusion matrix: rows true, columns predicted, nothing as a dot', () => {
  const counts = [
    [10, 0],
    [3, 4],
  ];
  expect(confusionTable({ labels: ['no', 'yes'], counts })).toBe(
    ['          → no  → yes', 'true no     10      ·', 'true yes     3      4'].join('\n'),
  );
});

test('an outline: short values beside their names, long lists cut, numbers rounded', () => {
  const value = {
    name: 'x',
    absent: undefined,
    range: [-3, 3],
    mean: 0.123456789,
    ids: Array.from({ length: 100 }, (_, n) => `sample-${n}`),
    parts: [{ name: 'a', size: { rows: 1 } }],
    nothing: [],
  };
  expect(outline(value)).toBe(
    [
      'name: x',
      'range: [-3, 3]',
      'mean: 0.123457',
      'ids:',
      ...Array.from({ length: 12 }, (_, n) => `  - sample-${n}`),
      '  … 88 more',
      'parts:',
      '  - name: a',
      '    size: { rows: 1 }',
      'nothing: []',
      '',
    ].join('\n'),
  );
});
