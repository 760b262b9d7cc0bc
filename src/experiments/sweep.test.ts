import { expect, test } from 'vitest';
import { configOf } from './benchmark/entries.ts';
import { shortKeys, sweepCells, type Sweep, type SweepRow } from './sweep-cells.ts';
import { csv, document, markdown, textTable } from './sweep-tables.ts';

const decalign = { id: 'decalign', model: 'decalign' };
const keys = [
  { key: 'model.weights.heterogeneity', values: [0.01, 0.1] },
  { key: 'model.weights.homogeneity', values: [0.05, 0.5, 1] },
];
const none = { set: [], options: [] } as const;

test('every combination is a cell, the last key changing fastest, under names that tell it', () => {
  const cells = sweepCells(decalign, keys);
  expect(cells.map(({ values }) => values)).toEqual([
    [0.01, 0.05],
    [0.01, 0.5],
    [0.01, 1],
    [0.1, 0.05],
    [0.1, 0.5],
    [0.1, 1],
  ]);
  expect(cells[4]!.entry.id).toBe('decalign:heterogeneity=0.1,homogeneity=0.5');
  expect(configOf(cells[4]!.entry, 'x.pkl', none).model).toMatchObject({
    weights: { heterogeneity: 0.1, homogeneity: 0.5, pairing: 1 },
  });
});

test('keys are named by so many of their last parts as tell them apart', () => {
  expect(shortKeys(['model.mixture.prototypes', 'train.learningRate'])).toEqual(['prototypes', 'learningRate']);
  expect(shortKeys(['model.dropout.input', 'model.other.input'])).toEqual(['dropout.input', 'other.input']);
  expect(shortKeys(['recipe'])).toEqual(['recipe']);
});

test('values may be of any kind, and a key that is none is refused as it was given', () => {
  const [full, text] = sweepCells(decalign, [{ key: 'model.mixture.covariance', values: ['full', 'diagonal'] }]);
  expect(full!.entry.id).toBe('decalign:covariance=full');
  expect(configOf(text!.entry, 'x.pkl', none).model).toMatchObject({ mixture: { covariance: 'diagonal' } });
  const [wrong] = sweepCells(decalign, [{ key: 'model.widht', values: [8] }]);
  expect(() => configOf(wrong!.entry, 'x.pkl', none)).toThrow(
    '--grid model.widht=8: unknown key "model.widht"; did you mean "model.width"?',
  );
});

const metricsOf = (mae: number): Record<string, number> => ({ mae, corr: 0.5, rmse: 1, r2: 0.2 });
const row = (mae: number, status: SweepRow['status'] = 'done'): SweepRow => ({
  ...{ id: `decalign:width=${mae}`, values: [mae], status, seeds: [1, 2], runs: [] },
  failures: status === 'done' ? [] : [{ what: 'seed 3', reason: 'no memory', status: 'failed' as const }],
  valid: { mean: metricsOf(mae), std: metricsOf(0.01) },
  test: { mean: metricsOf(9), std: metricsOf(0.02) },
});
const rows = [row(0.8), row(0.7, 'partial'), row(0.75)];
const sweep: Sweep = {
  data: {
    ...{ source: 'own.pkl', name: 'own', dataset: 'own', task: 'regression', metrics: 'regression', classes: [] },
    ...{ samples: { train: 10, valid: 5, test: 6 }, warnings: ['an id twice'], hash: 'abc' },
  },
  ...{
    model: decalign,
    keys: [{ key: 'model.width', values: [0.8, 0.7, 0.75] }],
    seeds: [1, 2],
    rule: 'At most 3 epochs.',
  },
  ...{ metric: 'mae', rows, best: rows[2]!, test: false },
};

test('tables tell the validation split alone, unless the test split is asked for', () => {
  const asked = { ...sweep, test: true };
  for (const write of [markdown, csv, (each: Sweep) => JSON.stringify(document(each))]) {
    expect(write(sweep)).not.toMatch(/\b9(\.0+)?\b/);
    expect(write(asked)).toMatch(/\b9(\.0+)?\b/);
  }
  expect(markdown(sweep)).toContain('| 0.75 | 0.750 ± 0.010 |');
  expect(markdown(sweep)).toContain('**Warning:** an id twice');
});

test('the best is of those with all their seeds, and what failed is told', () => {
  expect(textTable(sweep).map((line) => line.at(-1))).toEqual(['', '', '2 of 3 seeds', 'best']);
  expect(markdown(sweep)).toContain('- decalign:width=0.7, seed 3: no memory');
  expect(document(sweep)).toMatchObject({ best: { values: { 'model.width': 0.75 } } });
  const [heads, ...lines] = csv(sweep).trimEnd().split('\n');
  for (const line of lines) expect(line.split(',')).toHaveLength(heads!.split(',').length);
});
