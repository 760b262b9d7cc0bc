/** The simple references of a run: beside it, or beside the runs of several seeds or folds that it is one of. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { recordedReferences, type RecordedReferences } from '../../../report/recorded.ts';

export function referencesBeside(directory: string): RecordedReferences {
  const place = [directory, path.dirname(directory)].find((each) => existsSync(path.join(each, 'references.json')));
  return place === undefined ? {} : recordedReferences(place);
}
