/** Where runs and experiments lie below a folder. */
import { readdirSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { isLeftOfRun, problems } from '../../../experiments/listed-run.ts';
import { codeOf } from '../../../files/write-error.ts';
import { severalKind } from '../../../runs/record/several-runs.ts';
import { foundEntry } from './found.ts';

export interface Place {
  readonly directory: string;
  readonly kind: 'run' | 'experiment';
  /** The directory of the experiment that a run is part of. */
  readonly within?: string;
  /** Why it cannot be read, a clause that follows its name. */
  readonly problem?: string;
}

/** Whether runs of any name are looked for where these names are: not in a run, an experiment, or several seeds or folds. */
export const holdsRunsOfAnyName = (names: readonly string[]): boolean =>
  !names.includes('benchmark.json') &&
  !names.includes('config.json') &&
  severalKind(names) === undefined &&
  !isLeftOfRun(names);

/**
 * The runs and experiments below a directory, and the directory itself where it is one; each seed and fold is a run of its own.
 * `isKnown` tells of a directory that is a run, so that it need not be listed again. Throws what the system says where the
 * directory itself cannot be listed.
 */
export function* placesIn(
  directory: string,
  isKnown: (directory: string) => boolean,
  { within, isRoot = true }: { readonly within?: string; readonly isRoot?: boolean } = {},
): Generator<Place> {
  const inside = { ...(within !== undefined && { within }) };
  // A link may lead anywhere, also back here.
  if (isKnown(directory) && foundEntry(path.join(directory, 'config.json'))) {
    yield { directory, kind: 'run', ...inside };
    return;
  }
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isRoot) throw error;
    // It may have gone since its parent was listed.
    if (codeOf(error) !== 'ENOENT')
      yield { directory, kind: 'run', ...inside, problem: `cannot be listed (${codeOf(error)})` };
    return;
  }
  const names = entries.map(({ name }) => name);
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  if (names.includes('benchmark.json')) {
    yield { directory, kind: 'experiment' };
    const runs = folders.filter(({ name }) => name === 'runs');
    for (const { name } of runs)
      yield* placesIn(path.join(directory, name), isKnown, { within: directory, isRoot: false });
    return;
  }
  const several = severalKind(names);
  if (several === undefined && names.includes('config.json')) yield { directory, kind: 'run', ...inside };
  else if (several === undefined && isLeftOfRun(names))
    yield { directory, kind: 'run', ...inside, problem: problems.noRecord };
  else
    for (const { name } of folders)
      if (several === undefined || severalKind([name]) === several)
        yield* placesIn(path.join(directory, name), isKnown, { ...inside, isRoot: false });
}
