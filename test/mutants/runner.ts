/** Runs tests on changed sources in a process of its own, which is ended when a change makes it hang. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Outcome, Task } from './lane.ts';

/** Milliseconds that tests may take: generous, for a machine may be busy with other things than before. */
export const limitOf = (expected: number): number => 30_000 + 10 * expected;

/** Of a test file that was never run. */
const unknown = 20_000;

export class Runner {
  private lane: Promise<ChildProcess> | undefined;

  /** Milliseconds of each test file, of those that are known to pass without a change; shared by all runners. */
  constructor(private readonly passing: Map<string, number>) {}

  /** What fails with a file's text in place of its own, in this order of the tests; undefined where all of them pass. */
  async failure(file: string, text: string, tests: readonly string[]): Promise<string | undefined> {
    const expected = tests.reduce((sum, test) => sum + (this.passing.get(test) ?? unknown), 0);
    const outcome = await this.run({ file, text, tests }, limitOf(expected));
    if (outcome === 'hangs') return `no end in ${Math.round(limitOf(expected) / 1000)} s`;
    const { failure } = outcome;
    if (failure !== undefined) await this.ensurePassing(tests.filter((test) => failure.startsWith(test)));
    return failure;
  }

  /** Runs tests without a change, those that were not run so before. Throws where one fails. */
  async ensurePassing(tests: readonly string[]): Promise<void> {
    const others = tests.filter((test) => !this.passing.has(test));
    if (others.length === 0) return;
    const outcome = await this.run({ file: others[0]!, tests: others }, limitOf(others.length * 120_000));
    if (outcome === 'hangs') throw new Error(`The tests have no end as they are: ${others.join(', ')}.`);
    if (outcome.failure !== undefined)
      throw new Error(`A test fails as it is, without any change: ${outcome.failure}.`);
    for (const [test, time] of Object.entries(outcome.times)) this.passing.set(test, time);
  }

  private async run(task: Task, limit: number): Promise<Outcome | 'hangs'> {
    const lane = await (this.lane ??= started());
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome | 'hangs'): void => {
        clearTimeout(timer);
        lane.off('message', settle).off('exit', gone);
        resolve(outcome);
      };
      const gone = (): void => reject(new Error(`The tests of ${task.file} ended the process that ran them.`));
      const timer = setTimeout(() => {
        lane.off('exit', gone);
        this.end();
        settle('hangs');
      }, limit);
      lane.on('message', settle).on('exit', gone);
      lane.send(task);
    });
  }

  /** Ends the process and those that it started. */
  end(): void {
    void this.lane?.then(({ pid }) => {
      try {
        process.kill(-pid!, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    });
    this.lane = undefined;
  }
}

/** A group of processes of its own, so that all of it can be ended at once. */
function started(): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, 'lane.ts');
  const child = fork(script, { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', () => reject(new Error('Vitest did not start.')));
  });
}
