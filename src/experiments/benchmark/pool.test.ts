import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dataConfig } from './entries.ts';
import type { Job } from './job.ts';
import { JobPool } from './pool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));

const result = {
  format: 'decalign benchmark 1',
  seed: 1,
  best_epoch: null,
  epochs: null,
  valid: { mae: 1 },
  test: { mae: 2 },
  parameters: 3,
  seconds_per_step: null,
  peak_bytes: 4,
  seconds: 5,
};

/** Stands in for the command line: does what the job's source says. */
const script = path.join(folder, 'job.mjs');
writeFileSync(
  script,
  `import { mkdirSync, writeFileSync } from 'node:fs';
  const [source, directory] = process.argv.slice(2);
  const work = async () => {
    process.send({ epoch: 1, epochs: 2 });
    if (source === 'killed') process.kill(process.pid, 'SIGKILL');
    if (source === 'hangs') {
      setInterval(() => undefined, 1000);
      await new Promise((resolve) => process.on('message', (text) => text === 'stop' && resolve()));
      process.exit(0);
    }
    if (source === 'fails') {
      process.stderr.write('a warning\\ndecalign: it did not work.\\n');
      process.exit(1);
    }
    if (source === 'silent') process.exit(7);
    if (source === 'broken') throw new TypeError('no such thing');
    if (source === 'done') {
      mkdirSync(directory, { recursive: true });
      writeFileSync(directory + '/job.json', ${JSON.stringify(JSON.stringify(result))});
    }
    process.disconnect();
  };
  await work();`,
);

const job = (source: string, name = source): Job => ({
  source,
  directory: path.join(folder, name),
  ...dataConfig({ set: [], options: [] }),
  reference: 'ridge',
  seed: 1,
});
const start = ({ source, directory }: Job) =>
  fork(script, [source, directory], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });

test('each job ends by itself, whatever becomes of the others', async () => {
  const pool = new JobPool({ jobs: 2, start });
  const epochs: unknown[] = [];
  const sources = ['fails', 'killed', 'done', 'silent', 'broken', 'unfinished'];
  const outcomes = await Promise.all(sources.map((source) => pool.run(job(source), (event) => epochs.push(event))));
  expect(outcomes).toEqual([
    { status: 'failed', reason: 'it did not work.' },
    { status: 'failed', reason: 'its process was killed (SIGKILL), as happens when memory runs out' },
    { status: 'done', kept: false, result },
    { status: 'failed', reason: 'its process ended with 7' },
    { status: 'failed', reason: 'TypeError: no such thing' },
    { status: 'failed', reason: 'its process ended with 0' },
  ]);
  expect(epochs).toContainEqual({ epoch: 1, epochs: 2 });

  // Finished is finished: no process is started.
  const never = new JobPool({
    jobs: 1,
    start: () => {
      throw new Error('started');
    },
  });
  expect(await never.run(job('done'))).toEqual({ status: 'done', kept: true, result });
  await expect(never.run(job('other'))).rejects.toThrow('started');
});

test('no more run at a time than may', async () => {
  let [running, most] = [0, 0];
  const pool = new JobPool({
    jobs: 2,
    start: (next) => {
      most = Math.max(most, ++running);
      return start(next).on('close', () => running--);
    },
  });
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => pool.run(job('done', name))));
  expect(most).toBe(2);
});

test('aborted, jobs are told to stop and the rest does not start', async () => {
  const interruption = new AbortController();
  const pool = new JobPool({ jobs: 1, start, signal: interruption.signal });
  const outcomes = await Promise.all(
    ['hangs', 'done'].map((source) => pool.run(job(source, `${source}-2`), () => interruption.abort())),
  );
  expect(outcomes).toEqual([{ status: 'stopped' }, { status: 'stopped' }]);
});

test('a file that is no result of this version does not count', async () => {
  const pool = new JobPool({ jobs: 1, start });
  await pool.run(job('done', 'old'));
  writeFileSync(path.join(folder, 'old', 'job.json'), '{"format":"decalign benchmark 0"}');
  expect(await pool.run(job('done', 'old'))).toMatchObject({ status: 'done', kept: false });
});
