/** Measures of decoupling on the command line, in processes of their own. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { compiled } from '../compiled.ts';
import { complete, decalign, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const quick = [...tiny, '--epochs', '1', '--no-references', '--quiet'];
const small = ['data.synthetic.samples=40', 'data.synthetic.seed=3'].flatMap((pair) => ['--set', pair]);
const call = (...args: string[]): Promise<Finished> => decalign(args, { cwd: folder });
const resultOf = (run: string): { decoupling?: { score?: number } } =>
  JSON.parse(readFileSync(path.join(folder, run, 'result.json'), 'utf8')) as { decoupling?: { score?: number } };

let trained: Finished;
beforeAll(async () => {
  trained = await call('train', 'synthetic', ...quick, ...small, '--out', 'run');
});

test('without the decoupling there are no parts: train tells no D, and the command says why', async () => {
  const { code, stdout } = await call(
    ...['train', 'synthetic', ...quick, ...small, '--set', 'model.decouple=false', '--out', 'one-feature'],
  );
  expect(code).toBe(0);
  expect(stdout).not.toContain('Decoupling D');
  expect(resultOf('one-feature').decoupling).toBeUndefined();
  const refused = await call('decoupling', 'one-feature');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('decalign, as it is configured, keeps no unique and common parts apart');
  const figure = await call('figures', 'one-feature', '--only', 'decoupling', '--out', 'drawn');
  expect(figure.stderr).toContain('DecAlign keeps no unique and common parts apart');
  const sizes = complete.slice(0, complete.indexOf('--recipe'));
  const benchmark = await call(
    ...['benchmark', 'synthetic', ...sizes, ...small, '--epochs', '1', '--quiet', '--decoupling', '--seeds', '1'],
    ...['--models', 'decalign:mfd=model.decouple=false', '--out', 'compared'],
  );
  expect(benchmark.code, benchmark.stderr).toBe(0);
  const table = JSON.parse(readFileSync(at('compared/synthetic.json'), 'utf8')) as { rows: readonly object[] };
  expect(table.rows).toHaveLength(1);
  expect(table.rows[0]).not.toHaveProperty('decoupling');
  expect(benchmark.stderr).not.toContain('keeps no unique');
});

test('train tells D, result.json keeps what it is made of, and the command finds the same again', async () => {
  expect(trained.code, trained.stderr).toBe(0);
  const { decoupling } = resultOf('run');
  expect(Object.keys(decoupling!).sort()).toEqual(
    ['agreement', 'commonFromUnique', 'leak', 'overlap', 'score', 'uniqueFromCommon', 'uniqueFromUnique'].sort(),
  );
  expect(trained.stdout).toContain(`Decoupling D ${decoupling!.score!.toFixed(3)} of 1 on the test split`);
  const { code, stdout } = await call('decoupling', 'run', '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as { data: string; decoupling: object; factors: object };
  expect(report).toMatchObject({ data: 'synthetic', split: 'test', decoupling });
  expect(Object.values(report.factors).every((figure) => Number.isFinite(figure))).toBe(true);
  expect(Object.keys(report).sort()).toEqual(
    [
      ...['run', 'data', 'split', 'samples', 'paired', 'decoupling', 'reading', 'notes', 'retrieval', 'dependence'],
      ...['labels', 'reconstruction', 'gap', 'factors', 'factorsByKernel', 'intervals'],
    ].sort(),
  );
});

test('as a table, each figure on a line of at most 80 columns', async () => {
  const { code, stdout } = await call('decoupling', 'run', '--split', 'valid');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^synthetic, valid split \(\d+ samples\)\n\nD +\d\.\d{3} /);
  for (const name of ['A', 'L', 'U', 'retrieval at 10', 'HSIC of', 'Label from', 'R2 of features', 'cS', 'uO'])
    expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
  expect(stdout).toMatch(/^MMD \(Eq\. 11\) .*\d\.\d{3} to \d\.\d{3}$/m);
  expect(stdout).toMatch(/^Not decoupled: common features of a sample agree too little/m);
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('folds: the mean of D, each measured on the fold that it was tested on', async () => {
  const { code, stdout, stderr } = await call(
    'train',
    'synthetic',
    ...quick,
    ...small,
    '--folds',
    '3',
    '--out',
    'folds',
  );
  expect(code, stderr).toBe(0);
  const scores = [1, 2, 3].map((fold) => resultOf(`folds/fold-${fold}`).decoupling!.score!);
  const mean = scores.reduce((sum, score) => sum + score, 0) / 3;
  expect(stdout).toContain(`Decoupling D ${mean.toFixed(3)} of 1, mean of the folds`);
});

test('what cannot be measured is told in one line', async () => {
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await call('decoupling', ...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
    return stderr;
  };
  const short = ['--epochs', '1', '--no-references', '--quiet'];
  save(at('small.pkl'), tables());
  const without = await call('train', 'small.pkl', '--model', 'mult', ...short, '--out', 'mult');
  expect(without.code, without.stderr).toBe(0);
  expect(without.stdout).not.toContain('Decoupling');
  expect(await refusal('mult')).toContain('mult keeps no unique and common parts apart');
  expect((await call('train', 'small.pkl', ...quick, '--out', 'gone')).code).toBe(0);
  renameSync(at('small.pkl'), at('elsewhere.pkl'));
  expect(await refusal('gone')).toContain('is not here; name it, as in decalign decoupling gone DATA.');
  writeFileSync(at('run/config.json'), '{');
  expect(await refusal('run')).toMatch(
    /^decalign: run\/config.json cannot be read .*; name the data, as in decalign decoupling run DATA\.$/m,
  );
  const { code, stderr } = await call('decoupling', 'run', 'synthetic', '--json');
  expect(code, stderr).toBe(0);
  const { train } = tables();
  save(at('train.pkl'), { train: train! });
  expect(await refusal('gone', 'train.pkl')).toContain('has no split "test"');
});

test("a model of one's own whose parts are not there is refused before it is trained", async () => {
  writeFileSync(
    at('mine.mjs'),
    `import { defineModel, linear, z } from '${path.join(path.dirname(compiled()), '../index.js')}';
export default defineModel({
  name: 'mine',
  config: z.strictObject({}),
  parts: (m) => ({ unique: 'unique.' + m, common: 'shared' }),
  build(scope, { features, labels }) {
    const [x] = Object.values(features).map(({ value }) => value.mean([1]));
    const prediction = linear(scope.at('head'), x, 1).reshape([x.shape[0]]);
    const representations = Object.fromEntries(Object.keys(features).map((m) => ['unique.' + m, x]));
    return { prediction, losses: labels ? { task: prediction.sub(labels).abs().mean() } : {}, diagnostics: {}, representations };
  },
});
`,
  );
  const { code, stderr } = await call('train', 'synthetic', '--model', 'mine.mjs', '--quiet', '--out', 'mine');
  expect(code).toBe(1);
  expect(stderr).toContain('parts("text").common: it must name a representation that build gives');
  expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
});

test('a benchmark has a column of D, which it measures again where a run lacks it', async () => {
  const settings = ['model.width=8', 'model.heads=2', 'data.synthetic.samples=150'].flatMap((pair) => ['--set', pair]);
  const compared = (...more: string[]): Promise<Finished> =>
    call(
      ...'benchmark synthetic --models majority,decalign@decoupled --seeds 1,2 --epochs 1 --jobs 1'.split(' '),
      ...[...settings, '--out', 'benchmark', '--decoupling', '--quiet', ...more],
    );
  const { code, stdout, stderr } = await compared();
  expect(code, stderr).toBe(0);
  const read = (ending: string): string => readFileSync(at(`benchmark/synthetic.${ending}`), 'utf8');
  const { rows } = JSON.parse(read('json')) as {
    rows: { model: string; runs: { run: string }[]; decoupling?: { mean: number; std: number; runs: number[] } }[];
  };
  const [majority, model] = rows;
  expect(majority!.decoupling).toBeUndefined();
  const { mean, std, runs } = model!.decoupling!;
  const files = model!.runs.map(({ run }) => path.join(run, 'result.json'));
  expect(runs).toEqual(files.map((file) => resultOf(path.dirname(file)).decoupling!.score));
  expect(mean).toBeGreaterThan(0);
  expect(mean).toBeCloseTo((runs[0]! + runs[1]!) / 2, 12);
  const cell = `${mean.toFixed(3)} ± ${std.toFixed(3)}`;
  for (const text of [stdout, read('md')]) expect(text).toContain(cell);
  expect(stdout).toMatch(/ D +p bootstrap/);
  expect(stdout).toMatch(/^Majority .* – +<?\d\.\d{3} +<?\d\.\d{3}$/m);
  expect(read('md')).toContain('| D ↑ |');
  expect(read('tex')).toContain(cell.replace('±', '$\\pm$'));
  const [head, ...lines] = read('csv')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  expect(lines.map((line) => line[head!.indexOf('decoupling')])).toEqual(['', String(mean)]);

  const measured = await call('decoupling', path.dirname(files[0]!));
  expect(measured.stdout).toMatch(
    /^information of the transport plan +0\.\d{3} +of 1\neffective prototypes of text +[1-7]\.\d +of 7$/m,
  );
  const first = path.resolve(folder, files[0]!);
  writeFileSync(
    first,
    JSON.stringify({ ...(JSON.parse(readFileSync(first, 'utf8')) as object), decoupling: undefined }),
  );
  const again = await compared('--resume', '--json');
  expect(again.code, again.stderr).toBe(0);
  expect((JSON.parse(again.stdout) as { data: { rows: typeof rows }[] }).data[0]!.rows[1]!.decoupling).toEqual({
    mean,
    std,
    runs,
  });
});
