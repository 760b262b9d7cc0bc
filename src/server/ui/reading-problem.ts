/** What is told of an error that may be the system's, of files that are gone or closed. */
import { codeOf } from '../../files/write-error.ts';

export function readingProblem(error: Error): string {
  const code = codeOf(error);
  return code === ''
    ? error.message
    : `Its files cannot be read (${code}): they, or the disk that they are on, may be gone.`;
}
