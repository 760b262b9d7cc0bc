/** An experiment that is planned, whose jobs are done one by one, and whose tables are collected. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalignHere, filesIn, temporaryFolder, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const call = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
const small = [
  ...['model.width=8', 'model.heads=2', 'model.layers=1', 'model.mixture.iterations=1'],
  'model.without=[heterogeneity, homogeneity]',
].flatMap((pair) => ['--set', pair]);

const benchmarkOf = (...rest: readonly string[]): readonly string[] => [
  ...['benchmark', 'mosi.pkl', '--models', 'majority,decalign@paper', ...small],
  ...rest,
];

beforeAll(() => {
  save(at('mosi.pkl'), tables());
  mkdirSync(at('of-files'));
  writeFileSync(at('of-files/jobs'), 'none');
});

describe('a benchmark', () => {
  const asked = benchmarkOf('--epochs', '1', '--seeds', '1,2');

  test('is planned without a run', async () => {
    const planned = await call(...asked, '--plan', 'planned');
    expect(planned).toMatchObject({
      code: 0,
      stderr: '',
      stdout: '3 jobs. Do each by decalign job planned N, and then decalign collect planned\n',
    });
    expect(existsSync(at('planned/runs'))).toBe(false);
    expect(await call('plan', 'planned')).toMatchObject({
      code: 0,
      stdout: '0 of 3 jobs are done.\nnot done: jobs 1-3\n',
    });
  });

  test('does a job once', async () => {
    expect((await call('job', 'planned', '2')).stdout).toMatch(/^job 2 \(mosi decalign@paper seed 1\): valid mae \d/);
    const before = readFileSync(at('planned/jobs/2.json'), 'utf8');
    expect(await call('job', 'planned', '2')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'job 2 (mosi decalign@paper seed 1) is done already\n',
    });
    expect(readFileSync(at('planned/jobs/2.json'), 'utf8')).toBe(before);
  });

  test('collected too early says what is missing, in its tables too', async () => {
    const early = await call('collect', 'planned');
    expect(early.code).toBe(1);
    expect(early.stderr).toMatch(/^not done: jobs 1,3\ndecalign: 2 of 2 did not finish all their runs: /);
    expect(early.stdout).toContain('Majority / median (not done)');
    const table = readFileSync(at('planned/mosi.md'), 'utf8');
    expect(table).toContain('DecAlign (paper) (1 of 2 seeds)');
    expect(table).toContain(
      'Not done:\n\n- Majority / median, fit: job 1 has not been started\n- DecAlign (paper), seed 2: job 3 has not been started\n',
    );
    const { data } = JSON.parse((await call('collect', 'planned', '--json')).stdout) as { data: unknown[] };
    expect(data[0]).toMatchObject({
      rows: [
        { model: 'majority', status: 'missing', failures: [{ what: 'fit', status: 'missing' }] },
        { model: 'decalign@paper', status: 'partial', failures: [{ what: 'seed 2', status: 'missing' }] },
      ],
    });
    for (const ending of ['md', 'csv', 'tex'])
      expect(readFileSync(at(`planned/mosi.${ending}`), 'utf8')).not.toMatch(/\bfailed\b/i);
  });

  test('a job that was begun and has not ended is not done either', async () => {
    cpSync(at('planned'), at('begun'), { recursive: true });
    const [result] = filesIn(at('begun/runs')).filter((file) => path.basename(file) === 'job.json');
    rmSync(path.join(at('begun/runs'), result!));
    await call('collect', 'begun');
    expect(readFileSync(at('begun/mosi.csv'), 'utf8')).toMatch(/,missing,.*,seed 1: job 2 is not done;/);
    rmSync(at('begun'), { recursive: true });
  });

  test('has the tables of one that ran by itself, and is finished', async () => {
    for (const number of ['1', '3']) expect(await call('job', 'planned', number)).toMatchObject({ code: 0 });
    const { code, stderr, stdout } = await call('collect', 'planned');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\nDecAlign \(paper\) +\d\.\d{3} ± /);
    for (const ending of ['md', 'csv', 'tex', 'json']) expect(existsSync(at(`planned/mosi.${ending}`))).toBe(true);
    const listed = JSON.parse((await call('runs', folder, '--json')).stdout) as unknown;
    expect(listed).toMatchObject([{ kind: 'benchmark', status: 'finished', models: ['majority', 'decalign@paper'] }]);
    expect(await call('plan', 'planned', '--slurm')).toMatchObject({ code: 1, stdout: '' });
  });

  test('is planned again with more seeds, done for the most part, and every job keeps its number', async () => {
    expect(await call(...asked, '--plan', 'planned')).toMatchObject({ code: 1 });
    const more = await call(...asked, '--seeds', '3,1,2', '--plan', 'planned', '--resume', '--json');
    expect(JSON.parse(more.stdout)).toEqual({ plan: 'planned', jobs: 4, stages: ['1-4'] });
    expect((await call('plan', 'planned')).stdout).toBe('3 of 4 jobs are done.\nnot done: job 4\n');
    expect(await call('job', 'planned', '2')).toMatchObject({
      stdout: 'job 2 (mosi decalign@paper seed 1) is done already\n',
    });
  });

  test('planned again with fewer, it lacks the number of what is left out, which the next one gets', async () => {
    await call(...asked, '--seeds', '3,2', '--plan', 'planned', '--resume');
    expect((await call('plan', 'planned')).stdout).toBe('2 of 3 jobs are done.\nnot done: job 4\n');
    expect((await call('job', 'planned', '2')).stderr).toMatch(/2\.json is missing: it was left out/);
    await call(...asked, '--seeds', '3,2,9', '--plan', 'planned', '--resume');
    expect((await call('plan', 'planned')).stdout).toBe('2 of 4 jobs are done.\nnot done: jobs 2,4\n');
  });
});

test('a job that fails says so, and its reason is in the tables', async () => {
  const failing = ['--set', 'train.learningRate=1e30', '--set', 'train.onNonfinite=stop'];
  const asked = benchmarkOf('--epochs', '2', '--seeds', '1');
  await call(...asked, ...failing, '--plan', 'failing');
  const failed = await call('job', 'failing', '2');
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^decalign: Training diverged/);
  await call('job', 'failing', '1');
  const { code, stderr, stdout } = await call('collect', 'failing');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^job 2 \(mosi decalign@paper seed 1\) failed: Training diverged/);
  expect(stdout).toContain('DecAlign (paper) (failed)');
});

test('data that is not as it was when it was planned is refused', async () => {
  save(at('moved.pkl'), tables());
  await call(
    'sweep',
    'moved.pkl',
    ...small,
    '--epochs',
    '1',
    '--grid',
    'train.learningRate=0.001,0.01',
    '--plan',
    'moved',
  );
  const { train, ...rest } = tables();
  save(at('moved.pkl'), { ...rest, train: { ...train, regression_labels: train!['regression_labels']!.toReversed() } });
  expect(await call('job', 'moved', '1')).toMatchObject({
    code: 1,
    stderr:
      'decalign: moved.pkl has not the samples that it had when the job was planned; put it back as it was, or plan anew.\n',
  });
});

test('data that is not there any more is told by the job, in one line', async () => {
  save(at('gone.pkl'), tables());
  const planned = await call('benchmark', 'gone.pkl', '--models', 'ridge', '--seeds', '1', '--plan', 'without-data');
  expect(planned.stdout).toMatch(/^1 job\. Do it by decalign job without-data N/);
  rmSync(at('gone.pkl'));
  const says =
    'gone.pkl is not there: start the job in the folder where it was planned, or where that is the path of the data.';
  expect(await call('job', 'without-data', '1')).toMatchObject({ code: 1, stdout: '', stderr: `decalign: ${says}\n` });
  expect((await call('plan', 'without-data')).stdout).toBe(
    `0 of 1 jobs are done.\njob 1 (gone ridge) failed: ${says}\n`,
  );
});

describe('a plan that is damaged', () => {
  const asked = benchmarkOf('--epochs', '1', '--seeds', '1');
  const anew = (): Promise<Finished> => call(...asked, '--plan', 'damaged', '--resume');

  test('is not taken for one that is done, and is planned anew', async () => {
    await call(...asked, '--plan', 'damaged');
    rmSync(at('damaged/jobs/2.json'));
    for (const command of ['plan', 'collect'])
      expect(await call(command, 'damaged')).toMatchObject({
        code: 1,
        stderr: 'decalign: damaged has no job 2: its jobs are 1 to 1; where one is missing, plan anew with --resume.\n',
      });
    expect(await anew()).toMatchObject({ code: 0 });
    rmSync(at('damaged/jobs/1.json'));
    expect((await call('job', 'damaged', '1')).stderr).toBe(
      `decalign: ${path.join('damaged', 'jobs', '1.json')} is missing: it was left out when the plan was last made, or lost; plan anew, by the command that did, with --resume.\n`,
    );
  });

  test.each(['', '{"kind"'])('so too where nothing can be read of it: %j', async (text) => {
    writeFileSync(at('damaged/benchmark.json'), text);
    expect((await call('plan', 'damaged')).stderr).toMatch(/benchmark\.json is no plan that can be read: plan anew/);
    expect(await anew()).toMatchObject({ code: 0, stderr: '' });
    expect((await call('plan', 'damaged')).stdout).toBe('0 of 2 jobs are done.\nnot done: jobs 1-2\n');
  });

  test.each<[object, string]>([
    [{ seeds: [] }, 'seeds: '],
    [{ data: [{}] }, 'data.0.source: '],
    [{ entries: [{ id: 'mine', model: 'mine' }] }, 'entries.0: no model of that name'],
    [{ given: {} }, 'given.set: '],
    [{ kind: 'sweep' }, 'entries: not one for each combination of values'],
  ])('what is JSON and no plan says where it is wrong: %j', async (wrong, says) => {
    const file = at('damaged/benchmark.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as object), ...wrong }));
    for (const command of ['plan', 'collect']) {
      const { stderr } = await call(command, 'damaged');
      expect(stderr).toContain(`benchmark.json is no plan that can be read (${says}`);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    writeFileSync(file, before);
  });

  test('a configuration in a job file that no run can have is refused', async () => {
    const file = at('damaged/jobs/2.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('"epochs": 1', '"epochs": -1'));
    expect((await call('job', 'damaged', '2')).stderr).toBe(
      'decalign: The configuration of job 2: train.epochs: expected number to be >0, got -1.\n',
    );
    writeFileSync(file, before);
  });
});

describe('with random search', () => {
  const asked = ['benchmark', 'mosi.pkl', '--models', 'decalign@paper', ...small, '--epochs', '1', '--seeds', '1,2'];

  test('seeds wait for trials, and say so', async () => {
    const planned = await call(...asked, '--tune', '2', '--plan', 'tuned');
    expect(planned.stdout).toMatch(/^4 jobs: random trials 1-2 first, then 3-4\. /);
    expect(await call('job', 'tuned', '4')).toMatchObject({
      code: 1,
      stderr: 'decalign: job 4 (mosi decalign@paper seed 2) waits for random trials: of jobs 1-2 not all are done.\n',
    });
    expect((await call('plan', 'tuned')).stdout).toBe('0 of 4 jobs are done.\nnot done: jobs 1-4\n');
  });

  test('a batch script has the trials first', async () => {
    const { stdout } = await call('plan', 'tuned', '--slurm');
    expect(stdout).toContain('\n#SBATCH --array=1-2\n');
    expect(stdout).toContain(
      '\n# These wait for the ones above: sbatch --dependency=afterany:JOB --array=3-4 THIS_SCRIPT\n',
    );
    expect(stdout).toMatch(/\n#SBATCH --requeue\n/);
    expect(stdout).toContain(`\ncd ${folder} || exit\nexec ${process.execPath} `);
    expect(stdout).toMatch(/ job \S*\/tuned "\$SLURM_ARRAY_TASK_ID" --quiet\n$/);
  });

  test('the best trial is one of the seeds', async () => {
    for (const number of ['1', '2']) expect(await call('job', 'tuned', number)).toMatchObject({ code: 0 });
    expect((await call('job', 'tuned', '3')).stdout).toContain('is done already');
    expect(await call('job', 'tuned', '4')).toMatchObject({ code: 0 });
    const { stdout } = await call('collect', 'tuned', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ data: [{ rows: [{ tuned: { trials: 2 }, status: 'done' }] }] });
  });

  test('more trials and seeds get numbers after those that there are, and trials still come first', async () => {
    const more = await call(...asked, '--seeds', '1,2,3', '--tune', '3', '--plan', 'tuned', '--resume');
    expect(more.stdout).toMatch(/^6 jobs: random trials 1-2,5 first, then 3-4,6\. /);
    const { stdout } = await call('plan', 'tuned', '--slurm');
    expect(stdout).toContain('\n#SBATCH --array=5\n');
    expect(stdout).toContain(' --array=3-4,6 THIS_SCRIPT\n');
  });
});

test.each<[string, readonly string[], 1 | 2, RegExp]>([
  ['a folder without jobs', ['job', '.', '1'], 1, /^decalign: \. has no jobs: plan them/],
  ['no number', ['job', 'planned', 'last'], 2, /"last" is no number of a job: they count from 1/],
  ['a number beyond', ['job', 'planned', '99'], 1, /has no job 99: its jobs are 1 to 4/],
  ...['0', '-1', '1.5', '1e3', '99999999999999999999', ''].map((text): [string, readonly string[], 2, RegExp] => [
    `the number "${text}"`,
    ['job', 'planned', text],
    2,
    /is no number of a job: they count from 1/,
  ]),
  ['a folder without a plan', ['collect', 'nowhere'], 1, /nowhere has no jobs/],
  ['a plan that is nowhere', ['plan', 'nowhere'], 1, /nowhere has no jobs/],
  ['a folder in which jobs is a file', ['plan', 'of-files'], 1, /of-files has no jobs/],
  ['--plan without a name', ['benchmark', 'mosi.pkl', '--plan', ''], 2, /--plan <dir>.*It must name a folder/],
  ['--out without a name', ['train', 'mosi.pkl', '--out', ''], 2, /--out <dir>.*It must name a folder/],
  ['--slurm as JSON', ['plan', 'planned', '--slurm', '--json'], 2, /--slurm and --json cannot be given together/],
  [
    '--plan and --out',
    ['benchmark', 'mosi.pkl', '--plan', 'a', '--out', 'b'],
    2,
    /--plan and --out cannot be given together/,
  ],
])('%s is refused in one line', async (_, args, code, says) => {
  const refused = await call(...args);
  expect(refused).toMatchObject({ code, stdout: '' });
  expect(refused.stderr).toMatch(says);
  expect(refused.stderr.trim().split('\n')).toHaveLength(1);
});
