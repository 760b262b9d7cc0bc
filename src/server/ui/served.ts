/** What all routes of one server share. */
import { resolve } from 'node:path';
import { RunFolder } from './run-folder.ts';
import { NotesFile } from './notes.ts';
import { RunSeriesReader } from './run-series.ts';

export interface Served {
  readonly folder: RunFolder;
  readonly notes: NotesFile;
  /** The curves of a run, with what came since they were asked for last; undefined where there is no such run. */
  readonly series: (id: string) => RunSeriesReader | undefined;
  /** Files with data that runs may be shown on, in place of that which they were trained on. */
  readonly data: readonly string[];
}

export function served(root: string, { data }: Pick<Served, 'data'>): Served {
  const folder = new RunFolder(resolve(root));
  return { folder, notes: new NotesFile(folder.root), series: seriesOf(folder), data };
}

/** The curves of so many runs are kept, those that were asked for last. */
const mostKept = 256;

function seriesOf(folder: RunFolder): Served['series'] {
  const kept = new Map<string, RunSeriesReader>();
  return (id) => {
    const run = folder.run(id);
    if (!run) return undefined;
    const reader = kept.get(id) ?? new RunSeriesReader(id, run.directory, run.record);
    kept.delete(id);
    kept.set(id, reader);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    reader.read();
    return reader;
  };
}
