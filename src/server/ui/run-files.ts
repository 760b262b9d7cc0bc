/** The files of a run that a person may take away: those that lie in its folder, and no others. */
import { readdirSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { HTTPException } from 'hono/http-exception';
import { isTemporary } from '../../files/atomic.ts';
import { longestText, sizeText } from '../../files/read.ts';
import { mapTexts } from '../../json/tree.ts';
import type { Redaction } from '../../report/shareable.ts';
import type { RunFile } from './api/run.ts';
import { found } from './folder/found.ts';

/** The files in the folder of a run and in those just below; links are none of them. */
export function filesOf(directory: string): readonly RunFile[] {
  const inside = (folder: string): string[] =>
    readdirSync(path.join(directory, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.startsWith('.') || isTemporary(entry.name)) return [];
      if (entry.isFile()) return [name];
      return entry.isDirectory() && folder === '' ? inside(name) : [];
    });
  return inside('')
    .toSorted()
    .flatMap((name) => {
      const file = found(path.join(directory, name));
      return file ? [{ name, bytes: file.size, modified: file.mtime.toISOString() }] : [];
    });
}

/** The place of a file that is among those of a run; undefined for any other name, and where links lead out of the folder. */
export async function fileOf(directory: string, name: string): Promise<string | undefined> {
  if (!filesOf(directory).some((file) => file.name === name)) return undefined;
  try {
    const [folder, file] = await Promise.all([realpath(directory), realpath(path.join(directory, name))]);
    return file === path.join(folder, name) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The records that may name places of the machine, which are told without them. */
const recorded = /(?:^|\/)(?:config|environment|result|references|job)\.json$|warnings\.jsonl$/;

/**
 * The content of such a record without places of the machine; undefined for other files, which are given as they are. Throws a 422 for
 * one that is too long for that.
 */
export async function recordWithout(file: string, redact: Redaction): Promise<string | undefined> {
  if (!recorded.test(file)) return undefined;
  const size = found(file)?.size ?? 0;
  if (size > longestText) {
    const message = `${path.basename(file)} has ${sizeText(size)}, and up to ${sizeText(longestText)} are given from here: copy it from its folder.`;
    throw new HTTPException(422, { message });
  }
  const text = await readFile(file, 'utf8');
  try {
    const lines = file.endsWith('l') ? text.split('\n').filter(Boolean) : [text];
    const indent = file.endsWith('l') ? undefined : 2;
    return lines
      .map((line) => `${JSON.stringify(mapTexts(JSON.parse(line) as unknown, redact), undefined, indent)}\n`)
      .join('');
  } catch {
    // A damaged one is text.
    return redact(text);
  }
}
