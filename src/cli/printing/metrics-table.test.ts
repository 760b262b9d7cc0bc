import { afterEach, expect, test, vi } from 'vitest';
import { confusionTable, metricsTable, scoresByNameTable } from './metrics-table.ts';

afterEach(() => vi.unstubAllEnvs());

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

test('what two-class scores are of stands below their names, by every convention that a kind has', () => {
  const metrics = {
    mae: 1,
    corr: 0,
    acc2: 0.5,
    f1: 0.5,
    acc2_nonneg: 0.25,
    f1_nonneg: 0.25,
    acc3: 0,
    acc5: 0,
    acc7: 0,
  };
  const row = { name: 'constant (median)', metrics };
  vi.stubEnv('COLUMNS', '80');
  expect(metricsTable('mosi', [row])).toBe(
    [
      '                                  Acc-2 ↑     F1 ↑      Acc-2 ↑         F1 ↑',
      '                   MAE ↓  Corr ↑  neg/pos  neg/pos  neg/non-neg  neg/non-neg',
      'constant (median)  1.000   0.000    0.500    0.500        0.250        0.250',
      '',
      '                   Acc-3 ↑  Acc-5 ↑  Acc-7 ↑',
      'constant (median)    0.000    0.000    0.000',
    ].join('\n'),
  );
  expect(metricsTable('sims', [row]).split('\n')[1]).toMatch(/^ +MAE ↓ +Corr ↑ +non-pos\/pos +Acc-3 ↑ /);
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

test('scores by label: a row each, a dash where a score is undefined', () => {
  const values = { map: 0.5, 'acc/a/b': 0.75, 'ap/a/b': 0.5, 'auc/a/b': 0.25, 'acc/never': 1, 'f1/other': 1 };
  expect(scoresByNameTable(['a/b', 'never'], values)).toBe(
    ['       Acc ↑   AP ↑  AUC ↑', 'a/b    0.750  0.500  0.250', 'never  1.000      –      –'].join('\n'),
  );
  expect(scoresByNameTable(['a'], { mae: 1 })).toBe('');
});
