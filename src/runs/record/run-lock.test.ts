import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { forgetDeadLocks, isLock, lockRun } from './run-lock.ts';
import { madeClock, taken } from './testing.ts';

let dir: string;
let children: ChildProcess[] = [];
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-lock-'))));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const locks = (): string[] => readdirSync(dir).filter(isLock);

interface Holder {
  /** The name of its machine. Default: this one. */
  readonly machine?: string;
  /** What it does once it holds the run. Default: nothing, without an end. */
  readonly then?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a process that locks the run until it is killed; resolves when it holds the lock, or with the error that it
 * met.
 */
async function holder({ machine, then = 'setInterval(() => {}, 1000)', env = {} }: Holder = {}): Promise<{
  readonly child: ChildProcess;
  readonly said: string;
}> {
  const here = machine === undefined ? '' : `os.hostname = () => '${machine}'; syncBuiltinESMExports();`;
  const script = `import os from 'node:os';
    import { syncBuiltinESMExports } from 'node:module';
    import { writeSync } from 'node:fs';
    ${here}
    const { lockRun } = await import(${JSON.stringify(new URL('run-lock.ts', import.meta.url).href)});
    try {
      const { value: lock } = await lockRun(${JSON.stringify(dir)}, { terms: { seconds: 30, renewal: 0.01 } }).next();
      writeSync(1, 'held');
      ${then};
    } catch (error) { writeSync(1, error.message); }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  return { child, said };
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

test('one holds it, and the next after it was given back', async () => {
  const { release } = await taken(lockRun(dir));
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  await expect(taken(lockRun(dir))).rejects.toThrow(`${dir} is being trained into by this very process`);
  release();
  expect(readdirSync(dir)).toEqual([]);
  (await taken(lockRun(dir))).release();
});

test('another process is refused by the name of the first, and takes over once that is dead', async () => {
  const { child, said } = await holder();
  expect(said).toBe('held');
  await expect(taken(lockRun(dir))).rejects.toThrow(
    new RegExp(
      `being trained into by process ${child.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\d [\\d:]+ \\(UTC\\)`,
    ),
  );
  // The process that was refused leaves the holder's lock alone, and no lock of its own.
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  child.kill('SIGKILL');
  await ended(child);
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  const { release } = await taken(lockRun(dir));
  expect(readdirSync(dir)).toEqual([expect.stringContaining(`.lock.${process.pid}.`)]);
  release();
});

test('a process that exits in the middle of something gives it back', async () => {
  const { child } = await holder({ then: 'process.exit(3)' });
  if (child.exitCode === null) await ended(child);
  expect(child.exitCode).toBe(3);
  expect(readdirSync(dir)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('a process id that has come to another process is no holder', async () => {
  // Two ids of living processes, this one and the first of the system, each with the start of another process.
  for (const pid of [process.pid, 1]) writeFileSync(join(dir, `.lock.${pid}.12-abcdef01.${hostname()}`), '');
  const { release } = await taken(lockRun(dir));
  expect(locks()).toHaveLength(1);
  release();
});

test('of several processes that come at once, one gets it', async () => {
  const told = await Promise.all(Array.from({ length: 4 }, () => holder()));
  expect(told.filter(({ said }) => said === 'held')).toHaveLength(1);
  for (const { said } of told) expect(said).toMatch(/^held$|being trained into by process/);
});

test('of a run that is finished, the locks of the dead are removed, and that of the living stays', async () => {
  const { child } = await holder();
  forgetDeadLocks(dir);
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  child.kill('SIGKILL');
  await ended(child);
  forgetDeadLocks(dir);
  expect(readdirSync(dir)).toEqual([]);
});

describe('of a process on another machine', () => {
  const lock = (): string => join(dir, '.lock.77.12-abcdef01.elsewhere.example.org');
  const lease = { seconds: 30, since: '2031-05-06T07:08:09.000Z', looking: false, renewed: 4 };
  const write = (change: object = {}): void => writeFileSync(lock(), JSON.stringify({ ...lease, ...change }));

  test('the lease runs out where nobody renews it, which takes its time and is told', async () => {
    write();
    const looks: number[] = [];
    const { release, said } = await taken(lockRun(dir, { clock: madeClock((time) => looks.push(time)) }));
    expect(looks.at(-1)).toBe(30_000);
    expect(said).toEqual([
      `${dir} is held by process 77 on elsewhere.example.org: waiting until its lease of 30 s is renewed or has run out`,
    ]);
    expect(locks()).toEqual([expect.stringContaining(`.lock.${process.pid}.`)]);
    release();
  });

  test('a renewal at the last moment says that it lives, whatever its clock', async () => {
    write();
    const clock = madeClock((time) => {
      if (time === 29_000) write({ renewed: 5 });
    });
    await expect(taken(lockRun(dir, { clock }))).rejects.toThrow(
      `${dir} is being trained into by process 77 on elsewhere.example.org, since 2031-05-06 07:08:09 (UTC): wait for it, or give --out another directory.`,
    );
    expect(readdirSync(dir)).toEqual(['.lock.77.12-abcdef01.elsewhere.example.org']);
  });

  test('that has ended while it was watched, nothing is left to wait for', async () => {
    write();
    const looks: number[] = [];
    const clock = madeClock((time) => {
      looks.push(time);
      rmSync(lock(), { force: true });
    });
    (await taken(lockRun(dir, { clock }))).release();
    expect(looks).toEqual([1000]);
  });

  test('waiting ends with its signal, and leaves no lock', async () => {
    write();
    const stop = new AbortController();
    stop.abort();
    await expect(taken(lockRun(dir, { signal: stop.signal }))).rejects.toBe(stop.signal.reason);
    expect(locks()).toHaveLength(1);
  });

  test.each([
    ['a container of this machine', { processes: 'pid:[1]' }],
    ['the same job, not started again', { slurm: { job: '8', restarts: 2 } }],
    ['another job', { slurm: { job: '7', restarts: 0 } }],
    ['no job', {}],
  ])('%s is waited for', async (_, change) => {
    for (const [name, value] of [['SLURM_JOB_ID', '8'], ['SLURM_RESTART_COUNT', '2']] as const) vi.stubEnv(name, value); // prettier-ignore
    const name = 'processes' in change ? `.lock.${process.pid}.12-abcdef01.${hostname()}` : lock();
    writeFileSync(join(dir, name.replace(`${dir}/`, '')), JSON.stringify({ ...lease, ...change }));
    const { said, release } = await taken(lockRun(dir, { clock: madeClock() }));
    expect(said).toHaveLength(1);
    release();
  });

  test('a job that Slurm has started again takes over from itself at once', async () => {
    const before = await holder({ machine: 'node1', env: { SLURM_JOB_ID: '8' } });
    expect(before.said).toBe('held');
    vi.stubEnv('SLURM_JOB_ID', '8');
    vi.stubEnv('SLURM_RESTART_COUNT', '1');
    const clock = madeClock(() => {
      throw new Error('waited');
    });
    const { said, release } = await taken(lockRun(dir, { clock }));
    expect(said).toEqual([]);
    expect(locks()).toHaveLength(1);
    release();
  });

  test('that is busy with a single long step, and never looks up, the lease is renewed', async () => {
    const { child, said } = await holder({ machine: 'node1', then: 'for (;;);' });
    expect(said).toBe('held');
    const { sleep, now } = madeClock();
    const clock = {
      now,
      // However slow this machine is, the clock goes on only once there was a renewal since the last look.
      sleep: async (time: number, signal: AbortSignal | undefined) => {
        const name = locks().find((each) => each.endsWith('node1'))!;
        const before = readFileSync(join(dir, name), 'utf8');
        await vi.waitUntil(() => readFileSync(join(dir, name), 'utf8') !== before, { timeout: 60_000 });
        await sleep(time, signal);
      },
    };
    await expect(taken(lockRun(dir, { clock }))).rejects.toThrow(`by process ${child.pid} on node1`);
  });

  test('one that was taken for dead, and is not, finds out before it writes', async () => {
    const { check, release } = await taken(lockRun(dir));
    check();
    rmSync(join(dir, locks()[0]!));
    expect(check).toThrow(`${dir} has been taken by another process, since this one gave no sign of life for 30 s`);
    release();
  });

  test('of an earlier release there is no lease, so it is believed, and the error says what to do', async () => {
    writeFileSync(lock(), '');
    await expect(taken(lockRun(dir))).rejects.toThrow(
      new RegExp(`by process 77 on elsewhere.example.org, .*; if that process is no more, delete ${lock()}\\.`),
    );
    expect(readdirSync(dir)).toHaveLength(1);
  });

  test.each([
    ['the first by name goes on, once the other has given way', '.lock.9999999.1-a.zz', 'gone'],
    ['the second by name gives way', '.lock.0.1-a.zz', 'refused'],
  ])('of two that look at once, %s', async (_, name, end) => {
    const file = join(dir, name);
    const other = (renewed: number): void => writeFileSync(file, JSON.stringify({ ...lease, looking: true, renewed }));
    other(0);
    let renewals = 0;
    const clock = madeClock(() => (++renewals < 40 ? other(renewals) : rmSync(file, { force: true })));
    const locking = taken(lockRun(dir, { clock }));
    if (end === 'refused') await expect(locking).rejects.toThrow('being trained into by process 0 on zz');
    else (await locking).release();
    expect(renewals).toBe(end === 'refused' ? 1 : 40);
  });
});
