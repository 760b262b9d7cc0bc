import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../config/index.ts';
import { jobCount, noteFailure, plannedJob, ranges, stateOf, writeJobs, type JobFile } from './jobs.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'decalign-jobs-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const config = resolveConfig({});
const ofFolder = (folder: string, what = 'seed 1'): JobFile => ({
  name: { data: 'mosi', entry: 'decalign', what },
  seed: 1,
  task: { folder, source: 'mosi.pkl', data: config.data, text: config.text, config },
});
/** What a finished job leaves. */
function finish(folder: string, mae: number): void {
  mkdirSync(path.join(dir, folder), { recursive: true });
  const result = { format: 'decalign benchmark 1', seed: 1, best_epoch: 1, epochs: 1, parameters: 1, peak_bytes: 1 };
  const figures = { valid: { mae }, test: { mae: -mae }, seconds: 1, seconds_per_step: 1 };
  writeFileSync(path.join(dir, folder, 'job.json'), JSON.stringify({ ...result, ...figures }));
}
const write = (jobs: readonly JobFile[]): void => {
  writeJobs(dir, new Map(jobs.map((job, i) => [i + 1, job])));
};
const state = (number: number): unknown => stateOf(dir, plannedJob(dir, number));

test('a job lies below the folder of its experiment, wherever that is', () => {
  const fold = { of: 3, index: 1 };
  write([ofFolder('runs/a'), { ...ofFolder('runs/b'), fold }]);
  expect(plannedJob(dir, 1).job).toMatchObject({ directory: path.join(dir, 'runs/a/seed-1'), source: 'mosi.pkl' });
  expect(plannedJob(dir, 1).job!.text.bert.cache).toBe(path.join(dir, 'text'));
  expect(plannedJob(dir, 2).job).toMatchObject({ directory: path.join(dir, 'runs/b/seed-1/fold-2'), fold });
});

test.each(['', '{"format": "decalign', '[]'])('a job whose result is damaged is not done: %s', (text) => {
  write([ofFolder('runs/a')]);
  finish('runs/a/seed-1', 1);
  expect(state(1)).toMatchObject({ status: 'done' });
  writeFileSync(path.join(dir, 'runs/a/seed-1/job.json'), text);
  expect(state(1)).toMatchObject({ status: 'missing' });
});

test('a job is done, has failed or is missing; one that is done has not failed', () => {
  write([ofFolder('runs/a')]);
  expect(state(1)).toEqual({ status: 'missing', reason: 'job 1 has not been started' });
  mkdirSync(path.join(dir, 'runs/a/seed-1'), { recursive: true });
  expect(state(1)).toEqual({ status: 'missing', reason: 'job 1 is not done' });
  noteFailure(dir, 1, 'It broke\n  in the middle.\n');
  expect(state(1)).toEqual({ status: 'failed', reason: 'It broke in the middle.' });
  noteFailure(dir, 1, undefined);
  expect(state(1)).toMatchObject({ status: 'missing' });
  noteFailure(dir, 1, 'It broke.');
  finish('runs/a/seed-1', 0.5);
  expect(state(1)).toMatchObject({ status: 'done', result: { valid: { mae: 0.5 } } });
});

describe('a job file that is JSON and no job says where it is wrong', () => {
  const best = { trials: [[1]], metric: 'mae', better: 'lower' as const };
  const written = (job: object, number = 1): void => {
    writeFileSync(path.join(dir, `jobs/${number}.json`), JSON.stringify({ format: 'decalign job 1', ...job }));
  };
  const own = ofFolder('runs/a');
  const ofTask = (task: object): object => ({ ...own, task: { ...own.task, ...task } });
  beforeEach(() => write([ofFolder('runs/a')]));

  test.each<[object, string]>([
    [{ ...own, seed: -5 }, 'seed: '],
    [ofTask({ folder: '../elsewhere' }), 'task.folder: none below runs/'],
    [ofTask({ folder: 'runs/../../elsewhere' }), 'task.folder: none below runs/'],
    [ofTask({ text: {} }), 'task.text: '],
    [ofTask({ config: {} }), 'task.config: '],
    [ofTask({ config: undefined }), 'task: neither of a model nor of a reference, or of both'],
    [{ ...own, best }, 'neither a task nor the best of trials, or both'],
    [{ ...own, task: undefined, best: { ...best, trials: [] } }, 'best.trials: '],
  ])('%j', (job, says) => {
    written(own);
    expect(plannedJob(dir, 1).job).toMatchObject({ seed: 1 });
    written(job);
    expect(() => plannedJob(dir, 1)).toThrow(`jobs/1.json is no job that can be read (${says}`);
  });

  test('one that is the best of itself', () => {
    written({ ...own, task: undefined, best });
    expect(() => plannedJob(dir, 1)).toThrow('jobs/1.json is no job that can be read: plan anew');
  });
});

test('planned anew, jobs that are no more go, and what failed may be tried again', () => {
  write([ofFolder('runs/a'), ofFolder('runs/b'), ofFolder('runs/c')]);
  noteFailure(dir, 1, 'It broke.');
  writeFileSync(path.join(dir, 'jobs', '1.log'), 'mine');
  write([ofFolder('runs/a'), ofFolder('runs/b')]);
  expect(readdirSync(path.join(dir, 'jobs')).sort()).toEqual(['1.json', '1.log', '2.json']);
  expect(jobCount(dir)).toBe(2);
});

test.each([
  ['no plan', 0, /has no jobs: plan them/],
  ['a number beyond', 3, /has no job 3: its jobs are 1 to 2; where one is missing/],
])('%s is an error', (_, number, says) => {
  if (number > 0) write([ofFolder('runs/a'), ofFolder('runs/b')]);
  expect(() => plannedJob(dir, number)).toThrow(says);
});

test('a damaged file of a job is an error that names it', () => {
  write([ofFolder('runs/a')]);
  writeFileSync(path.join(dir, 'jobs/1.json'), '{"format":"decalign job 1"');
  expect(() => plannedJob(dir, 1)).toThrow(`${path.join(dir, 'jobs/1.json')} is no job that can be read`);
});

describe('seeds of the best trial', () => {
  const plan = (better: 'lower' | 'higher'): void => {
    const trial = (n: number): JobFile => ({ ...ofFolder(`runs/t${n}`, `trial ${n}`), settings: [`a=${n}`] });
    const seed = { ...ofFolder(''), task: undefined };
    const best = { trials: [[1], [2], [3]], metric: 'mae', better };
    write([trial(1), trial(2), trial(3), { ...seed, seed: 4, best }]);
  };

  test('wait until each trial is done or has failed', () => {
    plan('lower');
    finish('runs/t1/seed-1', 0.5);
    expect(plannedJob(dir, 4)).toMatchObject({ best: { status: 'open', jobs: [2, 3] } });
    expect(state(4)).toEqual({ status: 'missing', reason: 'job 4 waits for trials: of jobs 2-3 not all are done' });
    finish('runs/t2/seed-1', 0.4);
    noteFailure(dir, 3, 'It broke.');
    expect(plannedJob(dir, 4).job).toMatchObject({ directory: path.join(dir, 'runs/t2/seed-4'), seed: 4 });
  });

  test.each([
    ['lower', 2],
    ['higher', 3],
  ] as const)('are of the one whose metric of the validation split is best, where %s is better', (better, best) => {
    plan(better);
    for (const [n, mae] of [0.5, 0.4, 0.6].entries()) finish(`runs/t${n + 1}/seed-1`, mae);
    expect(plannedJob(dir, 4).best).toMatchObject({ trial: best - 1, settings: [`a=${best}`] });
  });

  test('have failed where all trials have', () => {
    plan('lower');
    for (const n of [1, 2, 3]) noteFailure(dir, n, `It broke ${n}.`);
    expect(plannedJob(dir, 4)).toMatchObject({
      best: { status: 'failed', reasons: ['It broke 1.', 'It broke 2.', 'It broke 3.'] },
    });
    expect(state(4)).toEqual({ status: 'failed', reason: 'all of its trials failed' });
  });
});

test.each([
  [[3], '3'],
  [[5, 1, 2, 3, 9, 10], '1-3,5,9-10'],
])('numbers %j are %s', (numbers, text) => expect(ranges(numbers)).toBe(text));
