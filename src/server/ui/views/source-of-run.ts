/** A finished run as figures take it, with what was read of it kept for the next question. */
import { trained, openSources, type Shown, type Source } from '../../../figures/source.ts';
import { RecentlyUsed } from '../folder/recently-used.ts';
import type { FinishedRuns } from '../../../experiments/finished-runs.ts';

/** A run that something is asked of. */
export interface RunPlace {
  readonly directory: string;
  /** Data in place of that which the run was trained on. */
  readonly file?: string;
  /** What its files are like: another where they changed. */
  readonly version: string;
}

export interface OpenRun {
  readonly source: Source;
  readonly shown: Shown & { readonly finished: FinishedRuns };
  readonly directory: string;
}

/** So many runs are kept open: their data is what takes memory. */
const mostKept = 3;
const kept = new RecentlyUsed<OpenRun>(mostKept);

/** Throws an Error for a run that has not finished, and one that is damaged. */
export function openRun({ directory, file, version }: RunPlace): OpenRun {
  return kept.get(JSON.stringify([directory, file, version]), () => opened(directory, file));
}

function opened(directory: string, file: string | undefined): OpenRun {
  const [source] = openSources([directory], { data: file });
  const [shown] = trained(source!);
  return { source: source!, shown: shown!, directory };
}
