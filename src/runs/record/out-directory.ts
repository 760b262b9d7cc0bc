/** The directory that a new run goes into: one that does not exist yet, or holds nothing. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../files/append.ts';
import { isTemporary } from '../../files/atomic.ts';
import { isLock, lockRun, type LockOptions, type RunLock, type Waiting } from './run-lock.ts';
import { severalKind } from './several-runs.ts';

/** A directory that does not exist yet: `FOLDER/NAME-TIME`, or `FOLDER/NAME-TIME-2` and so on where that exists. */
export function freshDirectory(name: string, { folder = 'runs' } = {}): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const base = path.join(folder, `${name}-${time}`);
  for (let n = 1; ; n++) {
    const directory = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(directory)) return directory;
  }
}

/** Throws an Error where a directory holds anything but leftovers of killed processes: a run is never overwritten. */
export function checkVacant(directory: string): void {
  if (!existsSync(directory)) return;
  const held = namesIn(directory).filter((name) => !isTemporary(name) && !isLock(name));
  if (held.length === 0) return;
  const run = held.includes('config.json') || severalKind(held) !== undefined;
  throw new Error(
    run
      ? `${directory} holds a run, which is never overwritten: go on with it by --resume, or give --out another directory.`
      : `${directory} is not empty (${held[0]!}): give --out a new directory.`,
  );
}

/** The names in the folder that --out names; an Error says that it is a file or cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const file = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new Error(`${directory} ${file ? 'is a file' : 'cannot be read'}: give --out a new directory.`, {
      cause: error,
    });
  }
}

/** Whether a directory holds a run, finished or not. */
export const isStarted = (directory: string): boolean => existsSync(path.join(directory, 'config.json'));

/** Makes and locks a directory for a new run, as `lockRun` does. Throws where it holds something. */
export async function* lockVacant(directory: string, options: LockOptions = {}): AsyncGenerator<Waiting, RunLock> {
  makeFolder(directory);
  const lock = yield* lockRun(directory, options);
  try {
    // Another process may have begun a run here since the directory was first found vacant.
    checkVacant(directory);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}
