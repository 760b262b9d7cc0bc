import { openFile } from '../../formats/open.ts';
import { dataFileOf } from './file-of.ts';
import { datasetKindOf } from './kinds.ts';

/**
 * Throws a FormatError where `loadDataset` would refuse what a path names before it reads a table: a path at which there is nothing, a folder
 * without a dataset, a file of no format that is read, an empty one. Arrays stay in the file, and what a description names is not opened.
 */
export async function checkIsData(path: string): Promise<void> {
  const file = await dataFileOf(path);
  if (datasetKindOf(file) !== undefined) return;
  const { close } = await openFile(file);
  await close();
}
