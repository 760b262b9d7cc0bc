/** Samples that come as JSON lines from standard input. */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FormatError } from '../../files/error.ts';
import { beforeSignalEnds } from '../interruption.ts';

const shown = 'standard input';

/**
 * What `read` makes of the JSON lines in standard input, which it is given as a file that is there for as long: readers go
 * through a file twice. `shown` is what errors are to call it.
 */
export async function inStandardInput<T>(read: (file: string, shown: string) => Promise<T>): Promise<T> {
  const folder = path.join(tmpdir(), `decalign-${randomUUID()}`);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // Before there is a folder, so that no signal comes between.
  const off = beforeSignalEnds(remove);
  const file = path.join(folder, `${shown}.jsonl`);
  try {
    mkdirSync(folder, { mode: 0o700 });
    await pipeline(process.stdin, createWriteStream(file));
    return await read(file, shown);
  } catch (error) {
    if (!(error instanceof FormatError) || error.file !== file) throw error;
    throw new FormatError(shown, error.message.slice(file.length + 2), { cause: error });
  } finally {
    remove();
    off();
  }
}
