import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluate } from '../../metrics/metric.ts';
import { holm } from '../../metrics/significance.ts';
import { readPredictions } from '../../runs/record/predictions.ts';
import { ablationEntries } from '../ablation.ts';
import { compare, type EntryOutcome } from './compare.ts';
import { document } from './document.ts';
import type { BenchmarkData, Entry } from './entries.ts';
import type { Comparison } from './cells.ts';
import { csv, latex, markdown, textTable } from './tables.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

const labels = Array.from({ length: 80 }, (_, n) => 2.5 * Math.sin(n * 1.7));
const data: BenchmarkData = {
  source: 'mosi_small.pkl',
  name: 'mosi_small',
  dataset: 'mosi',
  task: 'regression',
  metrics: 'mosi',
  classes: [],
  samples: { train: 200, valid: 40, test: 80 },
  warnings: [],
  hash: 'abc',
};

/** A finished run that is off by `error` in a way of its own. */
function run(name: string, seed: number, error: number): EntryOutcome['runs'][number] {
  const directory = path.join(folder, `${name}-${seed}`);
  mkdirSync(directory);
  const values = labels.map((label, n) => label + error * (1 + 0.3 * Math.sin(seed * 5 + n * 2.3)));
  const lines = values.map((prediction, n) => JSON.stringify({ id: String(n), label: labels[n], prediction }));
  writeFileSync(path.join(directory, 'predictions.jsonl'), `${lines.join('\n')}\n`);
  const test = evaluate('mosi', values, labels);
  const result = {
    format: 'decalign benchmark 1' as const,
    seed,
    best_epoch: 2,
    epochs: 5,
    valid: test,
    test,
    parameters: 12345,
    seconds_per_step: 0.0123,
    peak_bytes: 2e8,
    seconds: 3,
  };
  return { directory, result };
}

const model = (id: string): Entry => ({ id, model: id });
const outcomes: EntryOutcome[] = [
  { entry: model('decalign'), runs: [run('d', 1, 0.5), run('d', 2, 0.52)], failures: [] },
  {
    entry: model('mult'),
    runs: [],
    failures: [
      { what: 'seed 1', reason: 'Training diverged, 50 % of it.', status: 'failed' },
      { what: 'seed 2', reason: 'its process was killed', status: 'failed' },
    ],
  },
  { entry: { id: 'ridge', reference: 'ridge' }, runs: [run('r', 1, 0.8)], failures: [] },
  {
    entry: model('my_own'),
    runs: [run('m', 1, 0.1)],
    failures: [{ what: 'seed 2', reason: 'no memory', status: 'failed' }],
  },
  { entry: model('self-mm'), runs: [run('s', 1, 0.5), run('s', 2, 0.52)], failures: [] },
];
const comparison: Comparison = { data, rows: compare(data, outcomes), seeds: [1, 2], rule: 'At most 3 epochs.' };
const row = (id: string) => comparison.rows.find((each) => each.id === id)!;

test('references first, models as in the paper, DecAlign last', () => {
  expect(comparison.rows.map(({ title }) => title)).toEqual(['Ridge', 'MulT', 'Self-MM', 'my_own', 'DecAlign']);
  expect(comparison.rows.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'partial', 'done']);
});

test('what is to be known of a model stands below a table that has it, and no other', () => {
  const reconstructed = compare(data, [{ entry: model('fdmer'), runs: [run('f', 1, 0.6)], failures: [] }]);
  const below = (rows: Comparison['rows']): string => markdown({ ...comparison, rows });
  expect(below(reconstructed)).toContain('\nFDMER: Reconstructed from the abstract of its paper');
  expect(below(comparison.rows)).not.toContain('Reconstructed');
});

test('differences are tested against DecAlign, on the same resamples', () => {
  const better = row('ridge').against!;
  expect(better.bootstrap['mae']!.value).toBeCloseTo(-0.29, 1);
  expect(better.bootstrap['mae']!.high).toBeLessThan(0);
  expect(better.bootstrap['mae']!.p).toBeLessThan(0.001);
  expect(better.wilcoxon).toMatchObject({ pairs: 80, exact: false });
  expect(better.wilcoxon.p).toBeLessThan(1e-6);
  const alike = row('self-mm').against!;
  // The same predictions by the same seeds: what resamples differ in is which seeds were drawn.
  expect(alike.bootstrap['mae']).toMatchObject({ value: 0, low: expect.any(Number) as number });
  expect(alike.bootstrap['mae']!.low).toBeLessThan(0);
  expect(alike.bootstrap['mae']!.p).toBeGreaterThan(0.5);
  expect(alike.wilcoxon.p).toBe(1);
  expect(row('decalign').against).toBeUndefined();
  expect(row('mult').against).toBeUndefined();
  expect(compare(data, outcomes)).toEqual(comparison.rows);
});

test('p-values are corrected over the rows, and the corrected one of the bootstrap is the verdict', () => {
  const tested = ['ridge', 'self-mm', 'my_own'].map((id) => row(id).against!);
  const known = (p: number | null): number => p ?? Number.NaN;
  expect(tested.map(({ corrected }) => corrected.bootstrap)).toEqual(
    holm(tested.map((each) => known(each.bootstrap['mae']!.p))),
  );
  expect(tested.map(({ corrected }) => corrected.wilcoxon)).toEqual(holm(tested.map((each) => known(each.wilcoxon.p))));
  expect(tested.map(({ verdict }) => verdict)).toEqual(['wins', 'ties', 'loses']);
});

test('where all samples are of one group no resample differs: nothing wins or loses, and no p-value is shown', () => {
  const { ids } = readPredictions(outcomes[0]!.runs[0]!.directory);
  const grouped = (groupOf: (n: number) => string): Comparison => {
    const own = { ...data, groups: new Map(ids.map((id, n) => [id, groupOf(n)])) };
    return { ...comparison, data: own, rows: compare(own, outcomes) };
  };
  const verdicts = ({ rows }: Comparison): unknown[] => rows.flatMap(({ against }) => against?.verdict ?? []);
  const [twenty, one] = [grouped((n) => `video ${n % 20}`), grouped(() => 'video')];
  expect(verdicts(twenty)).toContain('wins');
  expect(verdicts(one)).toEqual(['ties', 'ties', 'ties']);
  const why = 'All test samples are of one group, so that no p-value tells a difference from luck.';
  for (const write of [markdown, latex]) {
    expect(write(one)).toContain(why);
    expect(write(twenty)).not.toContain(why);
  }
  expect(markdown(one)).toMatch(/^\| Ridge \|.* \| – \| – \| ties \| 12,345 \|/m);
  expect(latex(one)).toMatch(/^ +Ridge & .* & -- & -- & 12\{,\}345 & /m);
  expect(
    textTable(one)
      .find(([name]) => name === 'Ridge')!
      .slice(-2),
  ).toEqual(['–', '–']);
  const [heads, ridge] = csv(one).split('\n');
  const p = heads!.split(',').findIndex((head) => head.startsWith('p_'));
  expect(ridge!.split(',').slice(p, p + 5)).toEqual(['', '', '', '', 'ties']);
  const { rows } = JSON.parse(JSON.stringify(document(one))) as { rows: { against?: unknown }[] };
  expect(rows[0]!.against).toMatchObject({
    bootstrap: { mae: { value: expect.any(Number) as number, low: null, high: null, p: null } },
    wilcoxon: { p: null },
    corrected: { bootstrap: null, wilcoxon: null },
  });
});

test('samples of a group are drawn together, and are one pair of the signed-rank test', () => {
  const groups = new Map(labels.map((_, n) => [String(n), `video ${n % 8}`]));
  const rows = compare({ ...data, groups }, outcomes);
  const { wilcoxon, bootstrap } = rows.find(({ id }) => id === 'ridge')!.against!;
  expect(wilcoxon).toMatchObject({ pairs: 8, exact: true, p: 2 / 2 ** 8 });
  expect(bootstrap['mae']!.value).toBeCloseTo(row('ridge').against!.bootstrap['mae']!.value, 12);
  expect(bootstrap['mae']).not.toEqual(row('ridge').against!.bootstrap['mae']);
  const text = markdown({ ...comparison, data: { ...data, groups }, rows });
  expect(text).toContain('(paired bootstrap of 8 groups and 2 seeds) and of mean errors by group averaged over seeds');
  expect(text).toContain(
    'averaged over seeds (Wilcoxon signed-rank). The signed-rank test has no spread of seeds in it,',
  );
  expect(markdown({ ...comparison, seeds: [1] })).not.toContain('no spread of seeds');
  expect(markdown(comparison)).toContain(
    'of 80 test samples (nothing tells groups) and 2 seeds) and of errors by sample',
  );
});

test('without DecAlign nothing is tested', () => {
  expect(compare(data, outcomes.slice(1)).every(({ against }) => against === undefined)).toBe(true);
});

test('classes: wrong ones are the errors', () => {
  const directory = path.join(folder, 'classes');
  mkdirSync(directory);
  const lines = [0, 1, 1, 0].map((label, n) =>
    JSON.stringify({ id: String(n), label, prediction: [1, n > 0 ? 2 : 0] }),
  );
  writeFileSync(path.join(directory, 'predictions.jsonl'), `${lines.join('\n')}\n`);
  const result = { ...run('c', 1, 1).result, test: { wacc: 0.75, uacc: 0.75, waf1: 0.73, macro_f1: 0.7 } };
  const own = { entry: model('decalign'), runs: [{ directory, result }], failures: [] };
  const emotions: BenchmarkData = {
    ...data,
    dataset: 'iemocap',
    metrics: 'classification',
    classes: ['a', 'b'],
    samples: { ...data.samples, test: 4 },
  };
  const [other] = compare(emotions, [own, { ...own, entry: model('mfm') }]);
  expect(other).toMatchObject({ reported: { wacc: 63.38, waf1: 63.41 }, against: { wilcoxon: { p: 1 } } });
});

test('Markdown: best in bold, what failed by name, the paper beside', () => {
  const text = markdown(comparison);
  const lines = text.split('\n');
  const line = (name: string): string => lines.find((each) => each.startsWith(`| ${name}`))!;
  const width = lines.find((each) => each.startsWith('| Model'))!.split('|').length;
  for (const each of lines.filter((other) => other.startsWith('|'))) expect(each.split('|')).toHaveLength(width);
  // Rows that print alike are best together; one without all its seeds is not.
  expect(line('DecAlign')).toMatch(
    /^\| DecAlign \| \*\*0\.\d{3} ± 0\.\d{3}\*\* \| .* \| 12,345 \| 12\.3 \| 200 (\| – ){5}\|$/,
  );
  expect(line('Self-MM')).toContain('| **0.');
  expect(line('my_own (1 of 2 seeds)')).not.toContain('**');
  expect(line('MulT (failed)')).toMatch(
    /^\| MulT \(failed\) \| – .* \| 0\.846 \| 0\.725 \| 81\.70 \| 40\.05 \| 81\.66 \|$/,
  );
  expect(line('Ridge')).toMatch(/ 0\.00\d \(<0\.001\) \| <0\.001 \(<0\.001\) \| wins \| /);
  expect(text).toContain('- MulT, seed 2: its process was killed');
  expect(text).toContain('At most 3 epochs.');
  expect(text).toContain('200/40/80 samples');
});

test('the paper has figures of DecAlign by its own recipes alone, and of other models whatever the recipe', () => {
  const decalign = (recipe?: string): Entry =>
    recipe === undefined ? model('decalign') : { id: `decalign@${recipe}`, model: 'decalign', recipe };
  const among = (entries: readonly Entry[], versionBegun?: number): Comparison['rows'] =>
    compare(
      data,
      entries.map((entry) => ({ entry, runs: [], failures: [] })),
      { given: { set: [], options: [], ...(versionBegun !== undefined && { versionBegun }) } },
    );
  const maes = (rows: Comparison['rows']): unknown => rows.map(({ id, reported }) => [id, reported?.['mae']]);
  expect(maes(among([model('mult'), decalign(), ...['decoupled', 'paper', 'authors'].map(decalign)]))).toEqual([
    ['mult', 0.846],
    ['decalign@decoupled', undefined],
    ['decalign@paper', 0.735],
    ['decalign@authors', 0.735],
    ['decalign', undefined],
  ]);
  // A benchmark of before the recipe `decoupled` was the default.
  expect(maes(among([decalign()], 2))).toEqual([['decalign', 0.735]]);
  // Of none of the rows there is no column either.
  expect(markdown({ ...comparison, rows: among([decalign()]) })).not.toContain('in the paper');
  expect(latex({ ...comparison, rows: among([decalign()]) })).not.toContain('In the paper');
  expect(csv({ ...comparison, rows: among([decalign()]) })).not.toContain('paper_');
});

test('the ablations of the paper are of its own recipes too', () => {
  const rows = (recipe: string): Comparison['rows'] =>
    compare(
      data,
      ablationEntries({ recipe, tables: [4], given: { set: [], options: [] }, data: [data] }).entries.map((entry) => ({
        ...{ entry, runs: [], failures: [] },
      })),
      { about: 'ablation' },
    );
  expect(rows('paper').find(({ id }) => id.endsWith('without-mmd'))!.reported).toEqual({ mae: 0.748, f1: 84.17 });
  expect(rows('decoupled').filter(({ reported }) => reported)).toEqual([]);
});

test('CSV: a line per row, as many cells each', () => {
  const [heads, ...lines] = csv(comparison).trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  const count = heads!.split(',').length;
  // Cells with commas are quoted.
  for (const line of lines) expect(line.replaceAll(/"[^"]*"/g, '').split(',')).toHaveLength(count);
  expect(lines[1]).toContain('"seed 1: Training diverged, 50 % of it.; seed 2: its process was killed"');
  expect(lines[4]!.split(',')[5]).toBe(String(row('decalign').test!.mean['mae']));
});

test('LaTeX: booktabs, nothing left to escape', () => {
  const text = latex(comparison);
  for (const part of [
    '\\toprule',
    '\\midrule',
    '\\bottomrule',
    'mosi\\_small',
    '\\textbf{0.',
    '\\underline{',
    '$<$0.001',
  ])
    expect(text).toContain(part);
  const lines = text.split('\n').filter((line) => line.endsWith('\\\\') && !line.includes('multicolumn'));
  for (const line of lines) expect(line.split(' & ')).toHaveLength(18);
  expect(text).toContain('% failed: MulT, seed 1: Training diverged');
  expect(text.replaceAll(/^%.*$/gm, '')).not.toMatch(/(?<!\\)_|[–±↓↑]/);
});

test('leaks stand below every table and in JSON', () => {
  const warned = {
    ...comparison,
    data: { ...data, warnings: ['2 ids in more than one split (a$_$1, b_2): keep each in one.'] },
  };
  expect(markdown(warned)).toContain('\n\n**Warning:** 2 ids in more than one split (a$_$1, b_2)');
  expect(latex(warned)).toContain('Warning: 2 ids in more than one split (a\\$\\_\\$1, b\\_2)');
  expect(document(warned)).toMatchObject({ warnings: warned.data.warnings });
  for (const write of [markdown, latex]) expect(write(comparison)).not.toContain('Warning');
});

test('both conventions of two-class scores, named; the paper beside that of its authors', () => {
  const [heading] = markdown(comparison).match(/^\| Model.*$/m)!;
  for (const name of ['Acc-2 (neg/pos) ↑', 'Acc-2 (neg/non-neg) ↑', 'F1 (neg/pos) ↑', 'F1 (neg/non-neg) ↑'])
    expect(heading).toContain(`| ${name} |`);
  expect(heading).toContain('| Acc-2 (neg/pos) in the paper | Acc-7 in the paper | F1 (neg/pos) in the paper |');
  expect(latex(comparison)).toContain('Acc-2 (neg/non-neg) ($\\uparrow$)');
  expect(csv(comparison).split('\n')[0]).toContain(',acc2,acc2_std,f1,f1_std,acc2_nonneg,acc2_nonneg_std,');
  expect(textTable(comparison).slice(0, 2)).toEqual([
    ['', '', '', 'Acc-2 ↑', 'Acc-2 ↑', '', 'F1 ↑', 'F1 ↑', '', ''],
    ['', 'MAE ↓', 'Corr ↑', 'neg/pos', 'neg/non-neg', 'Acc-7 ↑', 'neg/pos', 'neg/non-neg', 'p bootstrap', 'p Wilcoxon'],
  ]);
});

test('plain columns and JSON', () => {
  const table = textTable(comparison);
  expect(new Set(table.map(({ length }) => length))).toEqual(new Set([10]));
  const text = JSON.stringify(document(comparison));
  expect(JSON.parse(text)).toMatchObject({
    data: { name: 'mosi_small', hash: 'abc' },
    reported: { table: 'Table 1' },
    rows: [
      { model: 'ridge', status: 'done' },
      { model: 'mult', status: 'failed', failures: [{ what: 'seed 1' }, { what: 'seed 2' }] },
      { model: 'self-mm', runs: [{ seed: 1 }, { seed: 2 }] },
      { model: 'my_own' },
      { model: 'decalign', parameters: 12345, std: { test: {} } },
    ],
  });
});
