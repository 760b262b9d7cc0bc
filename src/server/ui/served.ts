/** What all routes of one server share. */
import { HTTPException } from 'hono/http-exception';
import { RunFolder, type RunFolderOptions } from './folder/run-folder.ts';
import { NotesFile } from './folder/notes.ts';
import { RecentlyUsed } from './folder/recently-used.ts';
import { RunSeriesReader } from './folder/run-series.ts';
import { ViewMaker } from './views/view-maker.ts';
import type { WatchedRun } from './folder/watched-run.ts';

export interface Served {
  readonly folder: RunFolder;
  readonly notes: NotesFile;
  /** The curves of a run, with what came since they were asked for last; undefined where there is no such run. */
  readonly series: (id: string) => RunSeriesReader | undefined;
  /** Makes what takes long. */
  readonly views: ViewMaker;
  /** Files with data that runs may be shown on, in place of that which they were trained on. */
  readonly data: readonly string[];
}

export function served(root: string, { data, about }: Pick<Served, 'data'> & RunFolderOptions): Served {
  const folder = new RunFolder(root, { about });
  return { folder, notes: new NotesFile(folder.root), series: seriesOf(folder), views: new ViewMaker(), data };
}

/** The curves of so many runs are kept, those that were asked for last. */
const mostKept = 256;

function seriesOf(folder: RunFolder): Served['series'] {
  const kept = new RecentlyUsed<RunSeriesReader>(mostKept);
  return (id) => {
    const run = folder.run(id);
    if (!run) return undefined;
    const reader = kept.get(id, () => new RunSeriesReader(id, run.directory, () => folder.run(id)?.record));
    reader.read();
    return reader;
  };
}

/** The run of an id. Throws a 404 where there is none. */
export async function runNamed({ folder }: Pick<Served, 'folder'>, id: string): Promise<WatchedRun> {
  // One that is new may not have been seen yet.
  if (!folder.run(id)) await folder.lookAnew();
  const run = folder.run(id);
  if (!run) throw new HTTPException(404, { message: `There is no run "${id}" in ${folder.name}.` });
  return run;
}
