/** What has become of a run, as its files tell. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { jsonOf } from '../../files/json.ts';
import { isTree } from '../../json/tree.ts';
import { readProgress } from './progress.ts';
import { holderOf } from './run-lock.ts';
import { runsIn } from './several-runs.ts';

/**
 * - `finished`: it has its result.
 * - `running`: a living process trains it.
 * - `interrupted`: it has begun and no process trains it; `--resume` goes on with it.
 * - `failed`: the same, and its training ended with an error, which `progress.json` has: mostly it diverged.
 * - `unknown`: its record cannot be read, or a process on another machine holds it that gave no sign of life in the last
 *   minutes.
 */
export type RunStatus = 'finished' | 'running' | 'interrupted' | 'failed' | 'unknown';

/**
 * A process on another machine cannot be asked: it counts as running for so long after its last sign of life, in milliseconds. Clocks
 * may differ by as much, so that a sign may seem to come from the future; one from further ahead says nothing of when it was.
 */
const silence = 5 * 60_000;

/**
 * The status of a run, or of the runs of several seeds or folds together: running where one is, finished where all are and
 * have been summarised. Of a directory that holds no run it is unknown. Throws an Error for a directory that cannot be listed.
 */
export function statusOf(directory: string): RunStatus {
  const { kind, directories } = runsIn(directory);
  if (kind === undefined) return statusOfOne(directory);
  const each = directories.map(statusOf);
  const some = (['running', 'unknown', 'failed', 'interrupted'] as const).find((status) => each.includes(status));
  // Where all are finished and there is no result beside them, others have not begun; a benchmark summarises elsewhere.
  const isSummarised = holdsTree(directory, 'result.json') || directories.every((one) => holdsTree(one, 'job.json'));
  return some ?? (isSummarised ? 'finished' : 'interrupted');
}

function statusOfOne(directory: string): RunStatus {
  if (!holdsTree(directory, 'config.json')) return 'unknown';
  if (holdsResult(directory)) return 'finished';
  const held = heldStatus(directory);
  if (held !== undefined) return held;
  if (existsSync(path.join(directory, 'result.json'))) return 'unknown';
  return readProgress(directory)?.failure === undefined ? 'interrupted' : 'failed';
}

/**
 * The status of what a process holds, a run or a whole benchmark: `running`, or `unknown` where it is on another machine and gave no
 * sign of life. Undefined where none does.
 */
export function heldStatus(directory: string): 'running' | 'unknown' | undefined {
  const holder = holderOf(directory);
  if (holder === undefined) return undefined;
  if (holder.at === 'this machine') return 'running';
  const { updated } = readProgress(directory) ?? {};
  // Progress has the time of the machine that trains, and the lock that of the disk: where one clock is wrong, the other tells.
  const signs = [holder.renewed, updated === undefined ? undefined : Date.parse(updated)];
  return signs.some((at) => at !== undefined && Math.abs(Date.now() - at) < silence) ? 'running' : 'unknown';
}

/** Whether a directory has the result of a single run: a `result.json` with figures of the validation split. */
export const holdsResult = (directory: string): boolean => isResult(jsonOf(path.join(directory, 'result.json')));

/** Whether a value is the result of a single run, of any release: it has figures of the validation split. */
export const isResult = (value: unknown): boolean => isTree(value) && isTree(value['valid']);

/** Whether a file of a directory is there and holds a JSON object. */
export const holdsTree = (directory: string, name: string): boolean => isTree(jsonOf(path.join(directory, name)));
