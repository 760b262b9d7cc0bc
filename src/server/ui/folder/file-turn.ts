/** Turns of processes that change the same file: each reads it, and writes it anew, before the next one does. */
import { closeSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { attempt, codeOf } from '../../../files/write-error.ts';
import { foundEntry } from './found.ts';

/** Milliseconds: between two looks whether it is this one's turn, and after which who holds it is taken for dead. */
const [interval, usualPatience] = [20, 10_000];

/**
 * What `act` returns, which is called when no other process is at `file`: a file beside it says that one is. That of a process
 * which was killed is taken away when it has been the same for `patience` milliseconds. Throws an Error where the folder cannot be
 * written to.
 */
export async function inTurn<T>(
  file: string,
  act: () => T,
  { patience = usualPatience }: { readonly patience?: number } = {},
): Promise<T> {
  const lock = lockOf(file);
  let seen: { readonly holder: string; readonly at: number } | undefined;
  while (!isTaken(file, lock)) {
    const holder = holderOf(lock);
    if (holder !== seen?.holder) seen = { holder, at: performance.now() };
    else if (performance.now() - seen.at >= patience) rmSync(lock, { force: true });
    await setTimeout(interval);
  }
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

export const lockOf = (file: string): string => path.join(path.dirname(file), `.${path.basename(file)}.lock`);

/** Whether the turn is now this one's. */
function isTaken(file: string, lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return attempt(file, () => {
      throw error;
    });
  }
}

/** Another where another process, or another turn of the same, made the file. */
function holderOf(lock: string): string {
  const entry = foundEntry(lock);
  return entry ? `${entry.ino} ${entry.mtimeMs}` : '';
}
