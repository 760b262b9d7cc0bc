/** Ablations and sweeps in real processes: what is done is not done again, and what was looked at is told. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalign, filesIn, temporaryFolder } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = save(at('mosi.pkl'), tables());
const small = ['model.width=8', 'model.heads=2', 'model.mixture.iterations=1'].flatMap((pair) => ['--set', pair]);
const quick = [...small, '--epochs', '1', '--jobs', '2', '--quiet'];

/** When each job was finished, by its folder. */
const jobs = (out: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    filesIn(out)
      .filter((file) => path.basename(file) === 'job.json')
      .map((file) => [path.dirname(file), statSync(path.join(out, file)).mtimeMs]),
  );

interface Row {
  readonly model: string;
  readonly status: string;
  readonly mean: Readonly<Record<string, unknown>>;
  readonly against?: object;
  readonly reported?: object;
}
const rowsIn = (file: string): readonly Row[] =>
  (JSON.parse(readFileSync(at(file), 'utf8')) as { readonly rows: readonly Row[] }).rows;

test('a sweep tells validation alone, and goes on with more values', async () => {
  const call = (...grids: string[]): string[] => [
    ...['sweep', data, ...quick, '--out', at('swept')],
    ...grids.flatMap((grid) => ['--grid', grid]),
  ];
  const first = await decalign(call('model.weights.homogeneity=0,0.5', 'train.learningRate=0.001'), { cwd: folder });
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('mosi, validation split (10 samples), seed 1');
  const before = jobs(at('swept'));
  expect(Object.keys(before)).toHaveLength(2);
  const more = await decalign(
    [...call('model.weights.homogeneity=0,0.5', 'train.learningRate=0.001,0.01'), '--resume', '--json'],
    { cwd: folder },
  );
  expect(more, more.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(jobs(at('swept'))).toMatchObject(before);
  expect(Object.keys(jobs(at('swept')))).toHaveLength(4);
  const document = JSON.parse(more.stdout) as {
    readonly rows: readonly Row[];
    readonly best: { readonly model: string; readonly values: object };
  };
  expect(document.rows.map(({ model, mean }) => [model, Object.keys(mean)])).toEqual([
    ['decalign:homogeneity=0,learningRate=0.001', ['valid']],
    ['decalign:homogeneity=0,learningRate=0.01', ['valid']],
    ['decalign:homogeneity=0.5,learningRate=0.001', ['valid']],
    ['decalign:homogeneity=0.5,learningRate=0.01', ['valid']],
  ]);
  expect(Object.keys(document.best.values)).toEqual(['model.weights.homogeneity', 'train.learningRate']);
  // Its report is about the best cell, whichever it is, on validation.
  const { model } = document.best;
  expect(await reportOf('swept')).toContain(`${model.slice('decalign:'.length)}, one of 4 runs: MAE `);
  const listed = await decalign(['runs', folder, '--json'], { cwd: folder });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ kind: 'sweep', status: 'finished', models: ['decalign'] }]);
});

/** The page of an experiment, without its markup. */
async function reportOf(experiment: string): Promise<string> {
  const page = at(`${experiment}-report/report.html`);
  const { code, stderr } = await decalign(['report', at(experiment), '--out', page], { cwd: folder });
  expect(code, stderr).toBe(0);
  return readFileSync(page, 'utf8').replaceAll(/<[^>]*>/g, '');
}

test('an ablation tests each row against the full model, beside the paper, and is not done again', async () => {
  const call = [
    'ablate',
    data,
    ...quick,
    '--recipe',
    'paper',
    '--seeds',
    '1,2',
    '--tables',
    '3',
    '--out',
    at('ablated'),
  ];
  const first = await decalign(call, { cwd: folder });
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' });
  const rows = rowsIn('ablated/mosi.json');
  expect(rows.map(({ model, status }) => [model, status])).toEqual([
    ...['without-homogeneity', 'without-heterogeneity', 'without-both', 'without-mfd', 'without-decoupling-loss'].map(
      (name) => [`decalign@paper:${name}`, 'done'],
    ),
    ['decalign@paper', 'done'],
  ]);
  expect(rows.map(({ against }) => against !== undefined)).toEqual([true, true, true, true, true, false]);
  expect(rows.map(({ reported }) => reported)).toEqual([
    { mae: 0.747, f1: 84.46 },
    { mae: 0.754, f1: 84.03 },
    { mae: 0.784, f1: 81.92 },
    { mae: 0.794, f1: 81.56 },
    undefined,
    { mae: 0.735, f1: 85.82 },
  ]);
  expect(readFileSync(at('ablated/mosi.md'), 'utf8')).toMatch(
    /^\| without both alignments \|.*\| 0\.784 \| 81\.92 \|$/m,
  );
  for (const ending of ['csv', 'tex']) expect(existsSync(at('ablated', `mosi.${ending}`))).toBe(true);
  expect(await reportOf('ablated')).toContain('DecAlign (paper), one of 6 runs: MAE ');
  const before = jobs(at('ablated'));
  const again = await decalign([...call, '--resume'], { cwd: folder });
  expect(again, again.stderr).toMatchObject({ code: 0, stdout: first.stdout });
  expect(jobs(at('ablated'))).toEqual(before);
  const table = readFileSync(at('ablated/mosi.json'), 'utf8');
  const other = await decalign([...call, '--recipe', 'decoupled', '--resume'], { cwd: folder });
  expect(other.code).toBe(1);
  expect(other.stderr.trim().split('\n').at(-1)).toBe(
    `decalign: ${at('ablated')} holds an ablation of decalign@paper, not of decalign@decoupled: name a new directory.`,
  );
  expect(readFileSync(at('ablated/mosi.json'), 'utf8')).toBe(table);
});

test('figures of a sweep and of an ablation are those of the paper', async () => {
  const swept = await decalign(['figures', 'swept', '--out', 'drawn-sweep'], { cwd: folder });
  expect(swept, swept.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(filesIn(at('drawn-sweep'))).toEqual(['sensitivity.svg']);
  const named = ['--only', 'categories,gap,bubble'];
  const ablated = await decalign(['figures', 'ablated', '--out', 'drawn', ...named], { cwd: folder });
  expect(ablated, ablated.stderr).toMatchObject({ code: 0 });
  const says = (figure: string): string => readFileSync(at('drawn', `${figure}.svg`), 'utf8');
  expect(says('categories')).toContain('without heterogeneity (Hete)');
  expect(says('categories')).not.toContain('MFD');
  expect(says('gap')).not.toContain('without homogeneity');
  expect(says('bubble')).toContain('without the decoupling (MFD)');
});
