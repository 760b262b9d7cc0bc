/**
 * One process at a time on a run directory. The lock is an empty file whose name says all there is to say of its
 * holder, so that it can neither be half-written nor be confused with the lock of the next:
 *
 *   .lock.PID.START.HOST
 *
 * Whoever wants the run makes its own and then looks for others, so of two that come at once at least one sees the
 * other. START tells a process from a later one with the same id; where the system does not say it, it is `x`.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { attempt } from '../files/write-error.ts';

const host = hostname().replaceAll(/[^\w.-]/g, '_');

const pattern = /^\.lock\.(?<pid>\d+)\.(?<start>[\w-]+)\.(?<at>.+)$/;

export const isLock = (name: string): boolean => pattern.test(name);

/** Takes the run in `directory`; an Error names the process that has it. What is returned gives it back. */
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

/** Removes the locks of dead processes: a finished run is not locked again, and its process may have been killed at the very end. */
export const forgetDeadLocks = (directory: string): void => void livingLock(directory);

/** The lock of another process that runs, if there is one; those of dead processes up to it are removed. */
function livingLock(directory: string, own?: string): string | undefined {
  for (const name of readdirSync(directory).filter(isLock)) {
    const file = path.join(directory, name);
    if (file === own) continue;
    if (isAlive(name)) return file;
    rmSync(file, { force: true });
  }
  return undefined;
}

/** Whether the holder of a lock still runs; one of another machine is taken to. */
function isAlive(name: string): boolean {
  const { pid, start, at } = pattern.exec(name)!.groups!;
  if (at !== host) return true;
  const running = startOf(Number(pid));
  if (running !== undefined || existsSync('/proc/self/stat')) return running === start;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    // There is such a process, of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in ticks since the machine did, and which start of the machine that was; Linux alone tells. */
function startOf(pid: number): string | undefined {
  try {
    // After the name, which is in brackets and may hold anything, come the fields from the third on.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // One that is dead is still listed until its parent has asked for its exit status.
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
