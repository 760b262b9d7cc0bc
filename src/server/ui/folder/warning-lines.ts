/** What a run warned of, a line each as it stands in its file: of any release, and perhaps damaged. */
import path from 'node:path';
import { readBytes } from '../../../files/read.ts';

/** None where the file is not there or cannot be read. */
export function warningLines(directory: string): readonly string[] {
  try {
    return readBytes(path.join(directory, 'warnings.jsonl')).toString('utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
