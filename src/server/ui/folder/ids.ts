/** The ids by which pages name runs and experiments: their paths below the folder that is shown. */
import path from 'node:path';

/** The id of the folder that is shown, where it is a run itself. */
const ofFolder = '~';

/** The id of a directory in `root`, or of `root` itself. */
export function idOf(root: string, directory: string): string {
  const id = path.relative(root, directory).split(path.sep).join('/');
  if (id === '') return ofFolder;
  return id === ofFolder ? `./${ofFolder}` : id;
}
