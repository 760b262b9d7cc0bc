import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetDeadLocks, isLock, lockRun } from './run-lock.ts';

let dir: string;
let children: ChildProcess[] = [];
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-lock-'))));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(dir, { recursive: true });
});

/**
 * Starts a process that locks the run until it is killed; resolves when it holds the lock, or with the error that it
 * met.
 */
async function holder(): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const script = `import { lockRun } from ${JSON.stringify(new URL('run-lock.ts', import.meta.url).href)};
    try { lockRun(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.message); }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  return { child, said };
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

test('one holds it, and the next after it was given back', () => {
  const release = lockRun(dir);
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  expect(() => lockRun(dir)).toThrow(`${dir} is being trained into by this very process`);
  release();
  expect(readdirSync(dir)).toEqual([]);
  lockRun(dir)();
});

test('another process is refused by the name of the first, and takes over once that is dead', async () => {
  const { child, said } = await holder();
  expect(said).toBe('held');
  expect(() => lockRun(dir)).toThrow(
    new RegExp(
      `being trained into by process ${child.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\d [\\d:]+ \\(UTC\\)`,
    ),
  );
  // The process that was refused leaves the holder's lock alone, and no lock of its own.
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  child.kill('SIGKILL');
  await ended(child);
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  const release = lockRun(dir);
  expect(readdirSync(dir)).toEqual([expect.stringContaining(`.lock.${process.pid}.`)]);
  release();
});

test('a process that exits in the middle of something gives it back', async () => {
  const script = `import { lockRun } from ${JSON.stringify(new URL('run-lock.ts', import.meta.url).href)};
    lockRun(${JSON.stringify(dir)}); process.exit(3);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  });
  children.push(child);
  await ended(child);
  expect(child.exitCode).toBe(3);
  expect(readdirSync(dir)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('a process id that has come to another process is no holder', () => {
  // Two ids of living processes, this one and the first of the system, each with the start of another process.
  for (const pid of [process.pid, 1]) writeFileSync(join(dir, `.lock.${pid}.12-abcdef01.${hostname()}`), '');
  const release = lockRun(dir);
  expect(readdirSync(dir).filter(isLock)).toHaveLength(1);
  release();
});

test('of a process on another machine nothing is known, so it is believed, and the error says what to do', () => {
  const lock = join(dir, '.lock.77.12-abcdef01.elsewhere.example.org');
  writeFileSync(lock, '');
  expect(() => lockRun(dir)).toThrow(
    new RegExp(`by process 77 on elsewhere.example.org, .*; if that process is no more, delete ${lock}\\.`),
  );
  expect(readdirSync(dir)).toHaveLength(1);
});

test('of several processes that come at once, no two get it', async () => {
  const told = await Promise.all(Array.from({ length: 4 }, () => holder()));
  expect(told.filter(({ said }) => said === 'held').length).toBeLessThanOrEqual(1);
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
