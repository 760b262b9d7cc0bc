/** Jobs of a planned experiment as an array of Slurm's: nodes that die, jobs that are put back, and a limit of time. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tablesOf } from '../cli/collected.ts';
import { decalign, filesIn, temporaryFolder } from '../cli/decalign.ts';
import { compiled } from '../compiled.ts';
import { environmentOf, parentOf } from './processes.ts';
import { startSlurm, whyNoPmix, whyNoSlurm, type Slurm } from './slurm.ts';

const problem = whyNoSlurm();
if (problem !== undefined) process.stderr.write(`The tests of Slurm are skipped: ${problem}.\n`);

const pmixProblem = problem ?? whyNoPmix();
if (problem === undefined && pmixProblem !== undefined)
  process.stderr.write(`The test of srun --mpi=pmix is skipped: ${pmixProblem}.\n`);

const folder = temporaryFolder();
/** A machine alone, and those of the cluster; the experiment has the same name in both. */
const [one, many] = ['one', 'many'].map((name) => path.join(folder, name)) as [string, string];

const asked = [
  ...['benchmark', 'synthetic', '--models', 'decalign@paper,decalign@paper:narrow=model.width=4'],
  ...[
    ...['data.synthetic.samples=64', 'model.width=8', 'model.heads=2', 'model.layers=1', 'train.patience=null'],
    ...['model.mixture.iterations=1', 'model.without=[heterogeneity, homogeneity]'],
  ].flatMap((pair) => ['--set', pair]),
];

/** A run that a process is at, as its folder tells. */
interface Begun {
  readonly run: string;
  readonly pid: number;
}

/** A run of a plan that has got past its first epoch and is not done: its process is halted there. */
function halted(name: string): Begun | undefined {
  const runs = path.join(many, name, 'runs');
  const locked = filesIn(runs).flatMap((file): Begun[] => {
    const pid = /^\.lock\.(\d+)\./.exec(path.basename(file))?.[1];
    return pid === undefined ? [] : [{ run: path.join(runs, path.dirname(file)), pid: Number(pid) }];
  });
  return locked.find(({ run, pid }) => {
    if (epochsOf(run) === 0) return false;
    // It may have ended meanwhile, as one that has trained does at once.
    if (!environmentOf(pid).has('SLURM_JOB_ID')) return false;
    process.kill(pid, 'SIGSTOP');
    if (!existsSync(path.join(run, 'result.json'))) return true;
    process.kill(pid, 'SIGCONT');
    return false;
  });
}

/** How many epochs a run has on record. */
const epochsOf = (run: string): number => {
  const file = path.join(run, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
};
/** What a job of Slurm's has said. */
const logOf = (name: string, number: string): string =>
  readFileSync(path.join(many, name, 'jobs', `${number}.log`), 'utf8');
/** How often a run was started. */
const startsOf = (run: string): number =>
  (JSON.parse(readFileSync(path.join(run, 'environment.json'), 'utf8')) as unknown[]).length;

describe.skipIf(problem !== undefined)('Slurm', () => {
  let slurm: Slurm;
  beforeAll(async () => {
    for (const each of [one, many]) mkdirSync(each);
    slurm = await startSlurm(3);
  });
  afterAll(() => slurm.stop());

  /** Submits the script that is printed for a plan. Returns the number of the array. */
  async function submitted(name: string, ...options: readonly string[]): Promise<string> {
    const script = await decalign(['plan', name, '--slurm'], { cwd: many });
    expect(script, script.stderr).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(path.join(many, `${name}.sbatch`), script.stdout);
    return (await slurm.call('sbatch', ['--parsable', ...options, `${name}.sbatch`], many)).trim();
  }

  async function planned(name: string, ...options: readonly string[]): Promise<void> {
    const { code, stderr } = await decalign([...asked, ...options, '--plan', name], { cwd: many });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }

  interface Ended {
    readonly number: string;
    readonly state: string;
    readonly code: string;
    readonly restarts: number;
    readonly node: string;
  }

  /** Waits until an array has ended, and returns what became of its jobs. */
  async function ended(array: string): Promise<Ended[]> {
    await slurm.until(`array ${array} has ended`, async () =>
      (await slurm.call('squeue', ['--noheader', '--jobs', array])).trim() === '' ? true : undefined,
    );
    const told = (await slurm.call('scontrol', ['show', 'job', array, '--oneliner'])).trim().split('\n');
    return told.map((line) => {
      const field = (name: string): string => new RegExp(` ${name}=(\\S*)`).exec(line)?.[1] ?? '';
      return {
        ...{ number: field('ArrayTaskId'), state: field('JobState'), code: field('ExitCode') },
        ...{ restarts: Number(field('Restarts')), node: field('BatchHost') },
      };
    });
  }

  test('an array of twelve, one of whose nodes is killed, has the tables of one machine bit for bit', async () => {
    const benchmark = ['--seeds', '1,2,3,4,5,6', '--epochs', '20'];
    await planned('compared', ...benchmark);
    const array = await submitted('compared');

    const { run, pid } = await slurm.until('a run is under way', () => halted('compared'));
    const node = environmentOf(pid).get('SLURMD_NODENAME')!;
    slurm.killNode(node, [parentOf(pid), pid]);
    expect(existsSync(path.join(run, 'result.json'))).toBe(false);

    const [alone, jobs] = await Promise.all([
      decalign([...asked, ...benchmark, '--out', 'compared', '--jobs', '2', '--quiet'], { cwd: one }),
      ended(array),
    ]);
    expect(alone, alone.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(jobs).toHaveLength(12);
    for (const job of jobs) expect(job).toMatchObject({ state: 'COMPLETED', code: '0:0' });
    const [again, ...others] = jobs.filter(({ restarts }) => restarts > 0);
    expect(others).toEqual([]);
    expect(again!.node).not.toBe(node);
    expect(startsOf(run)).toBe(2);
    // As the same job started again, it waited for no lease of the other machine.
    expect(logOf('compared', again!.number)).not.toContain('waiting');
    expect(await tablesOf(many, 'compared')).toEqual(await tablesOf(one, 'compared'));
  });

  test('a job that is put back writes its checkpoint, and goes on to the same bits', async () => {
    const benchmark = ['--models', 'decalign@paper', '--seeds', '7', '--epochs', '40'];
    await planned('again', ...benchmark);
    const array = await submitted('again');
    const { run, pid } = await slurm.until('the run is under way', () => halted('again'));
    await slurm.call('scontrol', ['requeue', array]);
    process.kill(pid, 'SIGCONT');

    const [alone, [job]] = await Promise.all([
      decalign([...asked, ...benchmark, '--out', 'again', '--quiet'], { cwd: one }),
      ended(array),
    ]);
    expect(alone, alone.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(job).toMatchObject({ state: 'COMPLETED', code: '0:0', restarts: 1 });
    expect(startsOf(run)).toBe(2);
    expect(logOf('again', '1')).toMatch(/^finishing the step.*\nInterrupted\. To go on:\n/m);
    expect(await tablesOf(many, 'again')).toEqual(await tablesOf(one, 'again'));
  });

  test('before the limit of time a job is told to write its checkpoint, and the next script goes on from there', async () => {
    await planned('long', '--models', 'decalign@paper', '--seeds', '1', '--epochs', '20000');
    // The script has the signal sent 60 s before the end. Slurm looks twice a minute, and so may send it half a minute early:
    // of two minutes the job has half a one to start in, however busy this machine is.
    const [job] = await ended(await submitted('long', '--time', '2'));
    expect(job).toMatchObject({ state: 'FAILED', code: '143:0' });
    expect(logOf('long', '1')).toMatch(
      /^finishing the step.*\nInterrupted\. To go on:\n {2}decalign job .*\/long 1\n$/m,
    );

    const [record] = filesIn(path.join(many, 'long')).filter((file) => path.basename(file) === 'config.json');
    const run = path.dirname(path.join(many, 'long', record!));
    expect(existsSync(path.join(run, 'checkpoint'))).toBe(true);
    const epochs = epochsOf(run);
    const array = await submitted('long');
    await slurm.until('the run is past where it was', () => epochsOf(run) > epochs || undefined);
    expect(startsOf(run)).toBe(2);
    await slurm.call('scancel', [array]);
    await ended(array);
  });

  const training = ['train', 'synthetic', ...asked.slice(4), '--epochs', '2', '--threads', '1', '--no-references'];

  test.skipIf(pmixProblem !== undefined)('srun --mpi=pmix is one training over ranks', async () => {
    const call = (out: string): string[] => [process.execPath, compiled(), ...training, '--out', out];
    const ranks = ['--nodes', '1', '--ntasks', '3', '--overcommit', '--mpi=pmix'];
    const printed = await slurm.call('srun', [...ranks, ...call('ranks')], many);
    const alone = await decalign([...training, '--out', 'ranks'], { cwd: one });
    expect(printed).toBe(alone.stdout);
    expect(startsOf(path.join(many, 'ranks'))).toBe(1);
  });

  test('srun without it is told so, and trains nothing', async () => {
    const call = [process.execPath, compiled(), ...training, '--out', 'strangers'];
    await expect(slurm.call('srun', ['--ntasks', '2', ...call], many)).rejects.toThrow(
      'srun has started 2 processes that do not know of each other: add --mpi=pmix',
    );
    expect(existsSync(path.join(many, 'strangers'))).toBe(false);
  });
});
