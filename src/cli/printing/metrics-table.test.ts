import { expect, test } from 'vitest';
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
