/**
 * A lock that lets one process at a time train into a run directory. Its name tells which process holds it, so a lock is
 * never taken for that of another process; its content is the lease of that process:
 *
 *   .lock.PID.START.HOST
 *
 * A process first makes its own lock and then looks for others, so of two that come at once at least one sees the
 * other. Of those that still look, the first by name goes on and the others give way. START is when the process started, which tells it from a later process with the same PID; it is `x` where the
 * system does not tell. Of a process on this machine the system knows whether it lives. One on another machine is watched
 * until its lease is renewed or has run out.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '../../files/append.ts';
import {
  holdLease,
  isStartedAgain,
  leaseIn,
  lockText,
  processSpace,
  usualTerms,
  type Lease,
  type Terms,
} from './lease.ts';

const host = hostname().replaceAll(/[^\w.-]/g, '_');

const pattern = /^\.lock\.(?<pid>\d+)\.(?<start>[\w-]+)\.(?<at>.+)$/;

export const isLock = (name: string): boolean => pattern.test(name);

/** Another process is at a run, which has not failed by that. */
export class InUseError extends Error {
  override readonly name = 'InUseError';

  constructor(
    message: string,
    /** As in `process 12 on a, since 2026-01-02 03:04:05 (UTC)`. */
    readonly holder: string,
  ) {
    super(message);
  }
}

/** A run that was locked for this process. */
export interface RunLock {
  /** Throws an Error where another process has taken the run, for which this one had been silent long enough to be dead. */
  readonly check: () => void;
  readonly release: () => void;
}

/** A process on another machine is watched, to see whether it lives. */
export interface Waiting {
  readonly type: 'waiting';
  readonly message: string;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: as `usualTerms` has them. */
  readonly terms?: Terms;
  /** Default: the monotonic clock of this machine; both in milliseconds. */
  readonly clock?: {
    readonly now: () => number;
    readonly sleep: (time: number, signal: AbortSignal | undefined) => Promise<unknown>;
  };
}

const usualClock: NonNullable<LockOptions['clock']> = {
  now: () => performance.now(),
  sleep: (time, signal) => setTimeout(time, undefined, { signal }).catch(() => signal?.throwIfAborted()),
};

/**
 * Locks the run in `directory`, and tells where it waits. Throws an InUseError that names the holding process, and what `signal`
 * throws where that ends the waiting.
 */
export async function* lockRun(
  directory: string,
  { terms = usualTerms, ...options }: LockOptions = {},
): AsyncGenerator<Waiting, RunLock> {
  const own = path.join(directory, `.lock.${process.pid}.${startOf(process.pid) ?? 'x'}.${host}`);
  if (existsSync(own)) throw new Error(`${directory} is being trained into by this very process; give --out another.`);
  const { hold, isHeld, release } = holdLease(own, terms);
  let outlasted = false;
  try {
    yield* outlast(directory, own, options);
    outlasted = true;
  } finally {
    if (!outlasted) release();
  }
  hold();
  const check = (): void => {
    if (isHeld()) return;
    throw new Error(
      `${directory} has been taken by another process, since this one gave no sign of life for ${terms.seconds} s: it ends here, and the other goes on from the last checkpoint.`,
    );
  };
  return { check, release };
}

type WaitListener = (message: string) => void;

/** Makes a folder where there is none, and locks it as `lockRun` does; `onWait` is told where it waits. */
export async function locked(
  directory: string,
  { signal, onWait }: { readonly signal?: AbortSignal | undefined; readonly onWait?: WaitListener | undefined } = {},
): Promise<RunLock> {
  makeFolder(directory);
  const locking = lockRun(directory, { signal });
  for (;;) {
    const { done, value } = await locking.next();
    if (done) return value;
    onWait?.(value.message);
  }
}

/** Waits until nobody else holds the run, and removes the locks of the dead. Throws an Error where one lives. */
async function* outlast(
  directory: string,
  own: string,
  { signal, clock = usualClock }: LockOptions,
): AsyncGenerator<Waiting, void> {
  const seen = new Map<string, { readonly text: string; readonly at: number }>();
  for (let told = false; ;) {
    let pause = Infinity;
    for (const lock of locksIn(directory)) {
      const { file, text, lease } = lock;
      if (file === own) continue;
      const before = seen.get(file);
      const isRenewed = before !== undefined && before.text !== text;
      if (before === undefined || isRenewed) seen.set(file, { text, at: clock.now() });
      const silence = before && !isRenewed ? clock.now() - before.at : 0;
      if (isDead(lock) || (lease && !isHere(lock) && silence >= 1000 * lease.seconds)) {
        rmSync(file, { force: true });
        continue;
      }
      const lives = isHere(lock) || isRenewed;
      if (!lease || (lives && !(lease.looking && own < file))) throw inUse(directory, lock);
      if (!lives && !told) {
        told = true;
        yield {
          type: 'waiting',
          message: `${directory} is held by ${holderText(lock)}: waiting until its lease of ${lease.seconds} s is renewed or has run out`,
        };
      }
      pause = Math.min(pause, (1000 * lease.seconds) / looks);
    }
    if (pause === Infinity) return;
    await clock.sleep(pause, signal);
  }
}

/** How often a lock is looked at while its lease lasts. */
const looks = 30;

/**
 * Removes the locks of dead processes. A finished run needs it: it is never locked again, and its process may have been
 * killed last.
 */
export function forgetDeadLocks(directory: string): void {
  for (const lock of locksIn(directory)) if (isDead(lock)) rmSync(lock.file, { force: true });
}

/** A process that trains into a directory. */
interface Holder {
  readonly at: 'this machine' | 'another machine';
  /** When its lease was renewed last, in milliseconds of the disk's clock; absent for a lock of an earlier release. */
  readonly renewed?: number;
}

/**
 * The process that trains into a directory, as its lock tells; undefined where there is none. One on another machine cannot be
 * asked whether it still runs.
 */
export function holderOf(directory: string): Holder | undefined {
  const living = locksIn(directory).filter((lock) => !isDead(lock));
  if (living.some(isHere)) return { at: 'this machine' };
  if (living.length === 0) return undefined;
  const renewed = living.flatMap(({ file, lease }) =>
    lease ? (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? []) : [],
  );
  return { at: 'another machine', ...(renewed.length > 0 && { renewed: Math.max(...renewed) }) };
}

interface Lock {
  readonly file: string;
  readonly pid: number;
  readonly start: string;
  readonly at: string;
  readonly text: string;
  /** Absent from locks of earlier releases. */
  readonly lease: Lease | undefined;
}

const locksIn = (directory: string): Lock[] =>
  readdirSync(directory).flatMap((name) => {
    const { pid, start, at } = pattern.exec(name)?.groups ?? {};
    const file = path.join(directory, name);
    const text = at === undefined ? undefined : lockText(file);
    return text === undefined ? [] : [{ file, pid: Number(pid), start: start!, at: at!, text, lease: leaseIn(text) }];
  });

/** Whether the system can be asked of a process. */
const isHere = ({ at, lease }: Lock): boolean => at === host && (lease?.processes ?? processSpace()) === processSpace();

/** Whether it is known that the process that held a lock runs no more. */
function isDead(lock: Lock): boolean {
  if (!isHere(lock)) return lock.lease !== undefined && isStartedAgain(lock.lease);
  const { pid, start } = lock;
  const running = startOf(pid);
  if (running !== undefined || existsSync('/proc/self/stat')) return running !== start;
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists, and is another user's.
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

/**
 * When a process started: clock ticks since the machine's start, and the machine's boot id. Only Linux tells; else
 * undefined.
 */
function startOf(pid: number): string | undefined {
  try {
    // The second field is the name in brackets, which may hold spaces and brackets; the third follows the last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Z and X: a dead process, which is listed until its parent has asked for its exit status.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${fields[19]!}-${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)}`;
  } catch {
    return undefined;
  }
}

const holderText = ({ pid, at }: Lock): string => `process ${pid} on ${at}`;

function inUse(directory: string, lock: Lock): InUseError {
  const since = lock.lease?.since ?? statSync(lock.file, { throwIfNoEntry: false })?.mtime.toISOString();
  const elsewhere = isHere(lock) || lock.lease ? '' : `; if that process is no more, delete ${lock.file}`;
  const holder = `${holderText(lock)}, since ${since?.slice(0, 19).replace('T', ' ') ?? 'a moment ago'} (UTC)`;
  return new InUseError(
    `${directory} is being trained into by ${holder}: wait for it, or give --out another directory${elsewhere}.`,
    holder,
  );
}
