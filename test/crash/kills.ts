/** Kills a run again and again, resumes it, and compares what it comes to with a run that was left alone. */
import { existsSync, mkdirSync, readFileSync, rmSync, watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { random } from '../../src/data/random.ts';
import type { Finished } from '../process.ts';
import { leftovers, outcome, SmallRun } from './run.ts';

export interface KillOptions {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (tally: Tally) => void;
}

export interface Tally {
  /** Signals that found their process. */
  kills: number;
  /** Of these, with a checkpoint half-written or half-renamed. */
  inCheckpoint: number;
  /** With any file half-written. */
  inFile: number;
  /** Runs that reached their end, all of them compared. */
  runs: number;
  failures: string[];
}

/**
 * A third of the kills come at any time of a run, startup included; a third as soon as a checkpoint is being written;
 * a third at any call that changes a file, before it or in the middle of a write. A run that reaches its end before its
 * kill is compared, and the next begins.
 */
export async function killAgainAndAgain({ folder, kills, seed, onKill }: KillOptions): Promise<Tally> {
  const run = new SmallRun(folder);
  const whole = path.join(folder, 'whole');
  const counted = path.join(folder, 'calls');
  const started = performance.now();
  const alone = await run.start(whole, { calls: counted });
  const milliseconds = performance.now() - started;
  if (alone.code !== 0) throw new Error(`The run that was left alone failed: ${alone.stderr}`);
  const expected = outcome(whole);
  const calls = Number(readFileSync(counted, 'utf8'));

  const tally: Tally = { kills: 0, inCheckpoint: 0, inFile: 0, runs: 0, failures: [] };
  for (let attempt = 0; tally.kills < kills && tally.failures.length < 10; attempt++) {
    const directory = path.join(folder, `killed-${tally.runs}`);
    const draw = random(seed, 'kill', attempt);
    const kind = ['time', 'checkpoint', 'call'][Math.floor(3 * draw.uniform())]!;
    const delay = draw.uniform() * milliseconds;
    const ended = await run.start(directory, {
      ...(kind === 'call' && { fault: `SIGKILL@${1 + Math.floor(draw.uniform() * calls)}` }),
      ...(kind === 'time' && { onStart: (child) => void sleep(delay).then(() => child.kill('SIGKILL')) }),
      ...(kind === 'checkpoint' && { onStart: (child) => void killInCheckpoint(child, directory, delay) }),
    });
    if (ended.signal === 'SIGKILL') {
      tally.kills++;
      const left = leftovers(directory).filter((name) => name.endsWith('.partial'));
      if (left.length > 0) tally.inFile++;
      if (left.some((name) => name.startsWith('checkpoint'))) tally.inCheckpoint++;
      onKill?.(tally);
    } else {
      finish(tally, { ended, directory, expected, repeat: `--seed ${seed}, attempt ${attempt}` });
    }
  }
  if (tally.failures.length === 0) {
    const directory = path.join(folder, `killed-${tally.runs}`);
    finish(tally, { ended: await run.start(directory), directory, expected, repeat: `--seed ${seed}, at the end` });
  }
  return tally;
}

/** After `delay`, kills as soon as a checkpoint is seen half-written. */
async function killInCheckpoint(child: ChildProcess, directory: string, delay: number): Promise<void> {
  const folder = path.join(directory, 'checkpoint');
  // Watched from outside it need not be there yet, and it is here even if the process comes to nothing.
  mkdirSync(path.dirname(directory), { recursive: true });
  await sleep(delay);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  while (!existsSync(folder) && !hasEnded()) await sleep(5);
  if (hasEnded()) return;
  const watcher = watch(folder, (_, name) => {
    if (name?.endsWith('.partial') && existsSync(path.join(folder, name))) child.kill('SIGKILL');
  });
  child.once('exit', () => watcher.close());
}

interface RunEnd {
  readonly ended: Finished;
  readonly directory: string;
  readonly expected: Readonly<Record<string, string>>;
  readonly repeat: string;
}

function finish(tally: Tally, { ended, directory, expected, repeat }: RunEnd): void {
  tally.runs++;
  if (ended.code !== 0) {
    tally.failures.push(`${repeat}: exit code ${ended.code}: ${ended.stderr.trim()}`);
    return;
  }
  const found = outcome(directory);
  const different = Object.keys(expected).filter((name) => found[name] !== expected[name]);
  if (different.length > 0) tally.failures.push(`${repeat}: other ${different.join(', ')} in ${directory}`);
  else rmSync(directory, { recursive: true });
}
