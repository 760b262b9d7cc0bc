/**
 * A lock that lets one process at a time train into a run directory. The lock is an empty file. Its name tells everything
 * about the process that holds it, so a lock is never half-written and is never taken for that of another process:
 *
 *   .lock.PID.START.HOST
 *
 * A process first makes its own lock and then looks for others, so of two that come at once at least one sees the
 * other. START is when the process started, which tells it from a later process with the same PID; it is `x` where the
 * system does not tell.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { attempt } from '../../files/write-error.ts';

const host = hostname().replaceAll(/[^\w.-]/g, '_');

const pattern = /^\.lock\.(?<pid>\d+)\.(?<start>[\w-]+)\.(?<at>.+)$/;

export const isLock = (name: string): boolean => pattern.test(name);

/**
 * Locks the run in `directory`; the function that is returned unlocks it. Throws an Error that names the holding
 * process.
 */
export function lockRun(directory: string): () => void {
  const own = path.join(directory, `.lock.${process.pid}.${startOf(process.pid) ?? 'x'}.${host}`);
  if (existsSync(own)) throw new Error(`${directory} is being trained into by this very process; give --out another.`);
  attempt(own, () => closeSync(openSync(own, 'wx')));
  const release = (): void => {
    process.off('exit', release);
    rmSync(own, { force: true });
  };
  try {
    const other = livingLock(directory, own);
    if (other !== undefined) throw inUse(directory, other);
  } catch (error) {
    release();
    throw error;
  }
  // A second Ctrl-C ends the process without giving it time for anything else.
  process.on('exit', release);
  return release;
}

/**
 * Removes the locks of dead processes. A finished run needs it: it is never locked again, and its process may have been
 * killed last.
 */
export const forgetDeadLocks = (directory: string): void => void livingLock(directory);

/**
 * Where the process is that trains into a directory, as its lock tells; undefined where there is none. One on another machine
 * cannot be asked whether it still runs.
 */
export function holderOf(directory: string): 'this machine' | 'another machine' | undefined {
  const living = readdirSync(directory).filter((name) => isLock(name) && isAlive(name));
  if (living.some((name) => pattern.exec(name)!.groups!['at'] === host)) return 'this machine';
  return living.length > 0 ? 'another machine' : undefined;
}

/** The lock of another living process, if there is one. Locks of dead processes that are met before it are removed. */
function livingLock(directory: string, own?: string): string | undefined {
  for (const name of readdirSync(directory).filter(isLock)) {
    const file = path.join(directory, name);
    if (file === own) continue;
    if (isAlive(name)) return file;
    rmSync(file, { force: true });
  }
  return undefined;
}

/**
 * Whether the process that holds a lock still runs. A process on another machine cannot be asked, and counts as
 * running.
 */
function isAlive(name: string): boolean {
  const { pid, start, at } = pattern.exec(name)!.groups!;
  if (at !== host) return true;
  const running = startOf(Number(pid));
  if (running !== undefined || existsSync('/proc/self/stat')) return running === start;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: the process exists, and is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
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

function inUse(directory: string, lock: string): Error {
  const { pid, at } = pattern.exec(path.basename(lock))!.groups!;
  const since = statSync(lock, { throwIfNoEntry: false })?.mtime.toISOString().slice(0, 19).replace('T', ' ');
  const elsewhere = at === host ? '' : `; if that process is no more, delete ${lock}`;
  return new Error(
    `${directory} is being trained into by process ${pid!} on ${at!}, since ${since ?? 'a moment ago'} (UTC): ` +
      `wait for it, or give --out another directory${elsewhere}.`,
  );
}
