/** The data that a run is shown on: what it was trained on, or a file that the server was given for it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isMade } from '../../data/datasets/made.ts';
import { found } from './folder/found.ts';

export interface DataOfRun {
  /** The file, where it is another than the run names; undefined: the run's own. */
  readonly file?: string;
  /** Why there is none, and what to do. */
  readonly missing?: string;
  /** Another where the data changed. */
  readonly version: string;
}

/**
 * `source` is what the run names, `files` are those that were given: of them the one of the same name, or the only one.
 */
export function dataOfRun(source: string | undefined, files: readonly string[]): DataOfRun {
  if (source !== undefined && (isMade(source) || existsSync(source))) return { version: versionOf(source) };
  const name = source === undefined ? undefined : baseOf(source);
  const file = files.find((each) => baseOf(each) === name) ?? (files.length === 1 ? files[0] : undefined);
  if (file !== undefined) return { file, version: versionOf(file) };
  const missing = `${name ?? 'its data'}, which it was trained on, is not here: start decalign ui with --data FILE`;
  return { missing, version: '' };
}

function versionOf(file: string): string {
  const now = found(file);
  return now ? `${now.mtimeMs}:${now.size}` : '';
}

/** The name of a file, by the rules of whichever system wrote it down. */
export const baseOf = (file: string): string => path.posix.basename(path.win32.basename(file));
