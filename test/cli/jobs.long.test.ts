/** The jobs of a planned experiment as processes that know nothing of each other: its tables are those of one machine, bit for bit. */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tablesOf } from './collected.ts';
import { decalign, filesIn, temporaryFolder, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
/** Two machines, in each of which the experiment has the same name. */
const [one, many] = ['one', 'many'].map((name) => path.join(folder, name)) as [string, string];
const data = path.join(folder, 'mosi.pkl');
const small = [
  ...['model.width=8', 'model.heads=2', 'model.layers=1', 'model.mixture.iterations=1', 'train.patience=null'],
  'model.without=[heterogeneity, homogeneity]',
].flatMap((pair) => ['--set', pair]);

beforeAll(() => {
  save(data, tables());
  for (const each of [one, many]) mkdirSync(each);
});

/** Does jobs two at a time, as GNU parallel or a queue with two workers does. */
async function inParallel(name: string, numbers: readonly number[]): Promise<void> {
  const left = [...numbers];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const done = await decalign(['job', name, String(next), '--quiet'], { cwd: many });
      expect(done, done.stderr).toMatchObject({ code: 0, stderr: '' });
    }
  };
  await Promise.all([worker(), worker()]);
}

const plannedOn = (cwd: string, args: readonly string[]): Promise<Finished> => decalign(args, { cwd });

test('a benchmark with random search, folds and D, one of whose jobs was killed, and one started twice', async () => {
  const asked = [
    ...['benchmark', data, ...small, '--models', 'ridge,decalign@paper', '--seeds', '1,2', '--epochs', '3'],
    ...['--tune', '2', '--folds', '3', '--group', 'none', '--decoupling'],
  ];
  const alone = await plannedOn(one, [...asked, '--out', 'compared', '--jobs', '2', '--quiet']);
  expect(alone, alone.stderr).toMatchObject({ code: 0 });
  const planned = await plannedOn(many, [...asked, '--plan', 'compared', '--json']);
  // Two trials and two seeds of a model, and a reference, on three folds.
  expect(JSON.parse(planned.stdout)).toEqual({ plan: 'compared', jobs: 15, stages: ['1-6', '7-15'] });

  const killed = await decalign(['job', 'compared', '1'], { cwd: many, fault: 'SIGKILL@50' });
  expect(killed).toMatchObject({ signal: 'SIGKILL' });
  let second: Promise<Finished> | undefined;
  const stopped = await decalign(['job', 'compared', '2'], {
    cwd: many,
    fault: 'SIGSTOP@50',
    onStderr(said, child) {
      if (second || !said.includes('stopped')) return;
      second = decalign(['job', 'compared', '2'], { cwd: many });
      void second.then(() => child.kill('SIGKILL'));
    },
  });
  expect(stopped.signal).toBe('SIGKILL');
  expect(await second).toMatchObject({ code: 1, stdout: '' });
  expect((await second)!.stderr).toMatch(
    /^decalign: job 2 \(.*\) is being done by process \d+ on .*: leave it to that one\.\n$/,
  );
  // What another process is at has not failed.
  expect(existsSync(path.join(many, 'compared/jobs/2.failed'))).toBe(false);

  await inParallel('compared', [1, 2, 3, 4, 5, 6]);
  await inParallel('compared', [7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(await tablesOf(many, 'compared')).toEqual(await tablesOf(one, 'compared'));
});

test('a sweep', async () => {
  const asked = [
    ...['sweep', data, ...small, '--model', 'decalign@paper', '--grid', 'train.learningRate=0.001,0.01', '--test'],
    ...['--seeds', '1,2', '--epochs', '1'],
  ];
  const alone = await plannedOn(one, [...asked, '--out', 'swept', '--jobs', '2', '--quiet']);
  expect(alone, alone.stderr).toMatchObject({ code: 0 });
  await plannedOn(many, [...asked, '--plan', 'swept']);
  await inParallel('swept', [1, 2, 3, 4]);
  expect(await tablesOf(many, 'swept')).toEqual(await tablesOf(one, 'swept'));
});

test('told to end, a job writes its checkpoint, ends with 143 and goes on when it is started again', async () => {
  const asked = ['benchmark', data, ...small, '--models', 'decalign@paper', '--seeds', '1', '--epochs', '9'];
  await plannedOn(many, [...asked, '--plan', 'ended']);
  const ended = await decalign(['job', 'ended', '1', '--quiet'], { cwd: many, fault: 'SIGTERM@50' });
  expect(ended).toMatchObject({
    code: 143,
    stdout: '',
    stderr: 'finishing the step; once more to stop at once\nInterrupted. To go on:\n  decalign job ended 1\n',
  });
  cpSync(path.join(many, 'ended'), path.join(one, 'ended'), { recursive: true });
  expect(await decalign(['job', 'ended', '1', '--quiet'], { cwd: one })).toMatchObject({ code: 0, stderr: '' });
  const [started] = filesIn(path.join(one, 'ended')).filter((file) => file.endsWith('environment.json'));
  expect(JSON.parse(readFileSync(path.join(one, 'ended', started!), 'utf8'))).toHaveLength(2);
});
