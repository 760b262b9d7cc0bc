import { FormatError } from './error.ts';

/** Why a write fails, and what to do, by the system's error code. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose a folder on another disk',
  EDQUOT: 'your disk quota is used up; free some space or choose a folder on another disk',
  EFBIG: 'the file would exceed the size limit; raise it (ulimit -f) or choose another disk',
  EACCES: 'permission denied; choose a folder you may write to',
  EPERM: 'the system does not permit it; choose a folder you may write to',
  EROFS: 'the file system is read-only; choose a folder you may write to',
  ENOENT: 'its folder does not exist; create it first',
  ENOTDIR: 'a part of its path is a file, not a folder; choose another path',
  EEXIST: 'something of that name is there that is no folder; choose another path',
  EISDIR: 'it is a folder; name a file',
  EIO: 'the disk reports an input/output error; check it, or choose another disk',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
};

/** Runs what writes to `path`; a failure that the system has a code for is told in words. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw inWords(error, (reason) => new Error(`Cannot write ${path}: ${reason}.`, { cause: error }));
  }
}

/** As `attempt`, of what takes its time; the error is a `FormatError` of the file that a person named. */
export async function writing<T>(file: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw inWords(error, (reason) => new FormatError(file, `cannot be written: ${reason}.`, { cause: error }));
  }
}

function inWords(error: unknown, told: (reason: string) => Error): unknown {
  const code = codeOf(error);
  return Object.hasOwn(reasons, code) ? told(`${reasons[code]!} (${code})`) : error;
}

/** The system's code of an error, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
