/** Comparing models, in real processes: what fails takes nobody with it, and what is done is not done again. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalign, filesIn, temporaryFolder, type Finished } from './decalign.ts';
import { save, table, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('mosi-small.pkl');

const small = [
  ...['model.width=8', 'model.heads=2', 'model.layers=1', 'model.mixture.iterations=1'],
  'model.without=[heterogeneity, homogeneity]',
].flatMap((pair) => ['--set', pair]);
const call = (out: string, ...more: string[]): string[] => [
  'benchmark',
  data,
  ...small,
  '--jobs',
  '2',
  '--out',
  out,
  ...more,
];
const two = ['--models', 'majority,decalign,decalign@authors', '--seeds', '1,2', '--epochs', '2'];
const failing = ['--set', 'decalign@authors:train.learningRate=1e30'];

/** When each job of a benchmark was finished, by its folder. */
const jobs = (out: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    filesIn(out)
      .filter((file) => path.basename(file) === 'job.json')
      .map((file) => [path.dirname(file), statSync(path.join(out, file)).mtimeMs]),
  );

interface Document {
  readonly data: readonly {
    readonly rows: readonly {
      readonly model: string;
      readonly status: string;
      readonly runs: readonly { readonly seed: number; readonly test: object }[];
      readonly mean?: object;
      readonly against?: object;
      readonly tuned?: object;
      readonly failures?: readonly { readonly reason: string }[];
    }[];
  }[];
}
const parsed = ({ stdout }: Finished): Document => JSON.parse(stdout) as Document;
const outcomes = (document: Document): unknown =>
  document.data.map(({ rows }) => rows.map(({ model, runs }) => ({ model, tests: runs.map((run) => run.test) })));

let first: Finished;
beforeAll(async () => {
  save(data, tables());
  first = await decalign(call(at('first'), ...two, ...failing), { cwd: folder });
});

describe('a model that fails', () => {
  test('is shown with its reason, and the rest is done', () => {
    expect(first.code, first.stderr).toBe(1);
    expect(first.stderr).toMatch(/decalign@authors seed 2 failed: Training diverged at step /);
    expect(first.stderr.trimEnd().split('\n').at(-1)).toBe(
      'decalign: 1 of 3 did not finish all their runs: decalign@authors.',
    );
    expect(first.stdout).toContain('mosi-small, test split (9 samples), mean ± std over seeds 1, 2');
    expect(first.stdout).toMatch(/\nDecAlign \(authors\) \(failed\) +–/);
    expect(first.stdout).toMatch(/\nDecAlign +\d\.\d{3} ± \d\.\d{3} /);
    const files = filesIn(at('first')).filter((file) => !/^(runs|jobs)\b/.test(file));
    expect(files).toEqual(['benchmark.json', ...['csv', 'json', 'md', 'tex'].map((ending) => `mosi-small.${ending}`)]);
    expect(readFileSync(at('first', 'mosi-small.md'), 'utf8')).toContain(
      '- DecAlign (authors), seed 1: Training diverged',
    );
    const document = JSON.parse(readFileSync(at('first', 'mosi-small.json'), 'utf8')) as Document['data'][number];
    expect(document.rows.map(({ model, status }) => [model, status])).toEqual([
      ['majority', 'done'],
      ['decalign@authors', 'failed'],
      ['decalign', 'done'],
    ]);
    expect(document.rows[0]).toMatchObject({ against: { bootstrap: { mae: {} }, wilcoxon: {} } });
    expect(document.rows[2]).toMatchObject({ runs: [{ seed: 1, best_epoch: {} }, { seed: 2 }], peak_bytes: {} });
  });

  test('is tried again on resuming, the others are kept to the bit', async () => {
    const before = jobs(at('first'));
    expect(Object.keys(before)).toHaveLength(3);
    const again = await decalign(call(at('first'), ...two, '--resume', '--json'), { cwd: folder });
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout.trimEnd().split('\n')).toHaveLength(1);
    const { rows } = parsed(again).data[0]!;
    expect(rows.map(({ model, status }) => [model, status])).toEqual([
      ['majority', 'done'],
      ['decalign@authors', 'done'],
      ['decalign', 'done'],
    ]);
    const after = jobs(at('first'));
    expect(Object.keys(after)).toHaveLength(5);
    expect(after).toMatchObject(before);
  });
});

test('killed with -9 and resumed, it comes to the same without doing again what was done', async () => {
  const two = ['--models', 'majority,decalign', '--seeds', '1,2', '--epochs', '4', '--set', 'train.patience=null'];
  const whole = await decalign([...call(at('whole'), ...two), '--json', '--quiet'], { cwd: folder });
  expect(whole, whole.stderr).toMatchObject({ code: 0, stderr: '' });
  // A reference changes files fewer times than that, so it happens while the first model trains.
  const killed = await decalign(call(at('killed'), ...two, '--jobs', '1'), { cwd: folder, fault: 'PARENT@30' });
  expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  const before = jobs(at('killed'));
  expect(Object.keys(before)).toHaveLength(1);
  const resumed = await decalign([...call(at('killed'), ...two), '--resume', '--json'], { cwd: folder });
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  expect(outcomes(parsed(resumed))).toEqual(outcomes(parsed(whole)));
  expect(jobs(at('killed'))).toMatchObject(before);
  expect(Object.keys(jobs(at('killed')))).toHaveLength(3);
});

test('it is left alone by a second process, and interrupted, it says how to go on', async () => {
  // So many steps that no machine is done with them before the signal has reached it.
  const long = ['--models', 'majority,decalign', '--seeds', '1', '--epochs', '400', '--set', 'train.patience=null'];
  const asked = call('stopped', ...long, '--set', 'train.batchSize=4', '--jobs', '1');
  let second: Promise<Finished> | undefined;
  const stopped = await decalign(asked, {
    cwd: folder,
    onStderr(said, child) {
      if (second || !said.includes('mosi-small majority:')) return;
      second = decalign([...asked, '--resume'], { cwd: folder }).finally(() => child.kill('SIGINT'));
    },
  });
  expect(await second).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^decalign: .*stopped is being trained into by process \d+/) as string,
  });
  expect(stopped).toMatchObject({ code: 130, stdout: '' });
  expect(stopped.stderr).toMatch(/\nInterrupted. To go on:\n {2}decalign benchmark .* --resume\n$/);
  expect(existsSync(at('stopped', 'mosi-small.md'))).toBe(false);
});

test('classes, several files and random trials', async () => {
  const other = save(at('other.pkl'), { ...tables(), test: table(12, 5) });
  const result = await decalign(
    [
      ...call(at('classes'), other, '--task', 'classification', '--preset', 'iemocap', '--epochs', '1', '--tune', '2'),
      ...['--models', 'late-fusion,best-modality,decalign', '--seeds', '3', '--json', '--quiet'],
    ],
    { cwd: folder },
  );
  expect(result, result.stderr).toMatchObject({ code: 0, stderr: '' });
  const { data: compared } = parsed(result);
  expect(compared).toMatchObject([
    { data: { name: 'mosi-small' } },
    { data: { name: 'other', samples: { test: 12 } } },
  ]);
  for (const { rows } of compared) {
    expect(rows.map(({ model }) => model)).toEqual(['best-modality', 'late-fusion', 'decalign']);
    expect(rows[0]).toMatchObject({ mean: { test: { wacc: {}, waf1: {} } } });
    expect(rows[2]).toMatchObject({
      runs: [{ seed: 3 }],
      tuned: { trials: 2, settings: {} },
    });
    // Three classes are not those of IEMOCAP, whose published figures are therefore not set beside them.
    expect(rows[2]).not.toHaveProperty('reported');
  }
  // Two trials each, of which the better is the run of the only seed.
  expect(Object.keys(jobs(at('classes')))).toHaveLength(2 * (2 + 2));
});

test('one that is finished is not overwritten', async () => {
  const { code, stdout, stderr } = await decalign(['benchmark', data, '--out', at('first')], { cwd: folder });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^decalign: .*holds a benchmark.*never overwritten.*--resume.*\n$/);
});
