import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLock, lockRun } from './run-lock.ts';
import { taken } from './testing.ts';
import { statusOf } from './status.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'decalign-status-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text = '{}'): void {
  mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
  writeFileSync(path.join(directory, name), text);
}
/** The least that the result of a single run has. */
const result = JSON.stringify({ valid: { mae: 1 } });
const progressAt = (time: number): string =>
  JSON.stringify({
    ...{ epoch: 1, epochs: 2, step: 1, steps: 4, loss: 1, steps_per_second: 1, seconds_left: 3 },
    updated: new Date(time).toISOString(),
  });

describe('a run', () => {
  test('that has its result is finished, whoever holds it', () => {
    write('config.json');
    write('result.json', result);
    expect(statusOf(directory)).toBe('finished');
    write('.lock.999999999.1-abcdef01.elsewhere', '');
    expect(statusOf(directory)).toBe('finished');
  });

  test('is running while a process holds it, and interrupted after', async () => {
    write('config.json');
    const { release } = await taken(lockRun(directory));
    expect(statusOf(directory)).toBe('running');
    release();
    expect(statusOf(directory)).toBe('interrupted');
  });

  test('has failed where its progress has an error, unless a process goes on with it', async () => {
    write('config.json');
    write('progress.json', JSON.stringify({ ...(JSON.parse(progressAt(0)) as object), failure: 'Training diverged.' }));
    expect(statusOf(directory)).toBe('failed');
    const { release } = await taken(lockRun(directory));
    expect(statusOf(directory)).toBe('running');
    release();
    write('result.json', result);
    expect(statusOf(directory)).toBe('finished');
  });

  test('whose process is dead is interrupted', async () => {
    write('config.json');
    writeFileSync(path.join(directory, `.lock.${process.pid}.1-00000000.${await hostOf(directory)}`), '');
    expect(statusOf(directory)).toBe('interrupted');
  });

  test('on another machine is running as long as its progress is of the last minutes', () => {
    write('config.json');
    write('.lock.5.1-abcdef01.elsewhere', '');
    expect(statusOf(directory)).toBe('unknown');
    write('progress.json', progressAt(Date.now() - 60_000));
    expect(statusOf(directory)).toBe('running');
    write('progress.json', progressAt(Date.now() - 3_600_000));
    expect(statusOf(directory)).toBe('unknown');
  });

  test('on another machine whose clock is ahead is judged by what its lease was renewed', () => {
    const hour = 3_600_000;
    const lock = '.lock.5.1-abcdef01.elsewhere';
    const renewedAt = (time: number): void => utimesSync(path.join(directory, lock), time / 1000, time / 1000);
    write('config.json');
    write(lock, JSON.stringify({ seconds: 30, since: 'then', looking: false, renewed: 3 }));
    expect(statusOf(directory)).toBe('running');
    write('progress.json', progressAt(Date.now() + hour));
    expect(statusOf(directory)).toBe('running');
    // It is dead, and its progress stays in the future.
    renewedAt(Date.now() - hour);
    expect(statusOf(directory)).toBe('unknown');
    renewedAt(Date.now() + hour);
    expect(statusOf(directory)).toBe('unknown');
    // Clocks of machines differ by minutes, also where all is well.
    for (const ahead of [-120_000, 120_000]) {
      write('progress.json', progressAt(Date.now() + ahead));
      expect(statusOf(directory)).toBe('running');
    }
    rmSync(path.join(directory, 'progress.json'));
    renewedAt(Date.now() - 120_000);
    expect(statusOf(directory)).toBe('running');
  });

  test('on another machine with a lock of an earlier release has its progress alone', () => {
    write('config.json');
    write('.lock.5.1-abcdef01.elsewhere', '');
    write('progress.json', progressAt(Date.now() + 3_600_000));
    expect(statusOf(directory)).toBe('unknown');
  });

  test.each([
    ['nothing', {}],
    ['a damaged record', { 'config.json': '{', 'result.json': '{}' }],
    ['a damaged result', { 'config.json': '{}', 'result.json': '{"run":' }],
    ['a result without figures', { 'config.json': '{}', 'result.json': '{}' }],
    ['a result that is another object', { 'config.json': '{}', 'result.json': '{"valid":5}' }],
  ])('with %s is unknown', (_, files) => {
    for (const [name, text] of Object.entries(files)) write(name, text);
    expect(statusOf(directory)).toBe('unknown');
  });
});

describe('several seeds', () => {
  const seed = (n: number, ...names: string[]): void => {
    for (const name of names) write(`seed-${n}/${name}`, name === 'result.json' ? result : '{}');
  };

  test('are finished when all are and have been summarised', () => {
    seed(1, 'config.json', 'result.json');
    seed(2, 'config.json', 'result.json');
    expect(statusOf(directory)).toBe('interrupted');
    write('result.json');
    expect(statusOf(directory)).toBe('finished');
  });

  test('are running where one is, else interrupted where one is', async () => {
    seed(1, 'config.json');
    seed(2, 'config.json');
    const { release } = await taken(lockRun(path.join(directory, 'seed-2')));
    expect(statusOf(directory)).toBe('running');
    release();
    expect(statusOf(directory)).toBe('interrupted');
  });

  test('of a benchmark are summarised elsewhere', () => {
    seed(1, 'config.json', 'result.json', 'job.json');
    expect(statusOf(directory)).toBe('finished');
  });
});

/** This machine, as its locks name it. */
async function hostOf(folder: string): Promise<string> {
  const { release } = await taken(lockRun(folder));
  const name = readdirSync(folder).find(isLock)!;
  release();
  return name.split('.').slice(4).join('.');
}
