/** Runs tests on changed sources in a process of its own, which is ended when a change makes it hang. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Outcome, Task, TestRun } from './lane.ts';

/** Milliseconds that tests may take: generous, for the machine may be busier than before. */
const limitOf = (expected: number): number => 30_000 + 10 * expected;

/** Of a test file that was never run. */
const longest = 600_000;

/** Test files as they run on the sources as they are: what all runners find out, each file once. */
export class KnownTests {
  readonly runs = new Map<string, TestRun>();
  readonly underway = new Map<string, Promise<void>>();
}

export class Runner {
  private lane: ChildProcess | undefined;
  /** For what tests write, which those that are killed leave behind. */
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'decalign-mutants-'));

  constructor(private readonly known: KnownTests) {}

  /** What fails with a file's text in place of its own, in this order of the tests; undefined where all of them pass. */
  async failure(changed: NonNullable<Task['changed']>, tests: readonly string[]): Promise<string | undefined> {
    const limit = limitOf(tests.reduce((sum, test) => sum + this.known.runs.get(test)!.milliseconds, 0));
    const outcome = await this.run({ changed, tests }, limit);
    return outcome === 'hangs' ? `no end in ${Math.round(limit / 1000)} s` : outcome.failure;
  }

  /** Runs the tests that were not yet run on the sources as they are. Throws where one fails. */
  async know(tests: readonly string[]): Promise<void> {
    const others = tests.filter((test) => !this.known.underway.has(test));
    const done = this.runAsTheyAre(others);
    for (const test of others) this.known.underway.set(test, done);
    await Promise.all(tests.flatMap((test) => this.known.underway.get(test) ?? []));
  }

  private async runAsTheyAre(tests: readonly string[]): Promise<void> {
    if (tests.length === 0) return;
    const outcome = await this.run({ tests }, tests.length * longest);
    if (outcome === 'hangs') throw new Error(`The tests have no end as they are: ${tests.join(', ')}.`);
    if (outcome.failure !== undefined) throw new Error(`A test fails without any change: ${outcome.failure}.`);
    for (const [test, found] of Object.entries(outcome.runs)) this.known.runs.set(test, found);
  }

  private async run(task: Task, limit: number): Promise<Outcome | 'hangs'> {
    const lane = (this.lane ??= await started(this.folder));
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome | 'hangs'): void => {
        clearTimeout(timer);
        lane.off('message', settle).off('exit', gone);
        resolve(outcome);
      };
      const gone = (): void => reject(new Error(`The process of the tests ended: ${task.tests.join(', ')}.`));
      const timer = setTimeout(() => {
        lane.off('exit', gone);
        this.kill();
        settle('hangs');
      }, limit);
      lane.on('message', settle).on('exit', gone);
      lane.send(task);
    });
  }

  end(): void {
    this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills the process and those that it started. */
  private kill(): void {
    if (this.lane?.pid === undefined) return;
    try {
      process.kill(-this.lane.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    this.lane = undefined;
  }
}

/** A group of processes of its own, so that all of it can be ended at once. */
function started(folder: string): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, 'lane.ts');
  // Warnings of Node are those of changed sources.
  const env = { ...process.env, TMPDIR: folder, NODE_NO_WARNINGS: '1' };
  const child = fork(script, { detached: true, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', () => reject(new Error('Vitest did not start.')));
  });
}
