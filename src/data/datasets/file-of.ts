/** Which file is meant by the path that a person gives for a dataset. */

import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FormatError, quoted } from '../../files/error.ts';
import { readableEndings } from '../../formats/formats.ts';
import { editDistance } from '../../text/nearest.ts';
import { publishedFilesIn } from '../published/files.ts';
import { datasetKinds, descriptionEndings } from './kinds.ts';

/**
 * The file that a path names: of a folder, its manifest, its description, or the one file of a published dataset in it.
 * Throws a `FormatError` for a path that names none, which says what may be meant.
 */
export async function dataFileOf(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) throw await unopened(path, found);
  if (found.isDirectory()) return fileInFolder(path);
  if (!found.isFile()) throw new FormatError(path, 'is no file that can be read at any place; save it as one.');
  return path;
}

async function unopened(path: string, cause: NodeJS.ErrnoException): Promise<FormatError> {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR')
    return new FormatError(path, `cannot be opened (${cause.code ?? cause.message}).`, { cause });
  const near = await nearestName(path);
  const advice =
    near === undefined
      ? '; give the path of a feature file, "synthetic" or "digits".'
      : `; did you mean ${quoted(near)}?`;
  return new FormatError(path, `does not exist${advice}`);
}

async function fileInFolder(folder: string): Promise<string> {
  const inside = datasetKinds.map(({ fileName }) => join(folder, fileName)).find((file) => existsSync(file));
  if (inside !== undefined) return inside;
  const published = await publishedFilesIn(folder);
  if (published.length === 1) return join(folder, published[0]!);
  const named = published.length > 1 ? published : (await dataFilesIn(folder)).slice(0, 5);
  const choice = named.length === 0 ? '' : `name a file in it (${named.join(', ')}), or `;
  throw new FormatError(folder, `is a folder without a dataset.yaml: ${choice}write one by decalign init-data.`);
}

const endings = [...readableEndings, ...descriptionEndings];

async function dataFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => endings.includes(extname(name).toLowerCase())).sort();
}

/** The data file in the same folder whose name is closest, if any is close. */
async function nearestName(path: string): Promise<string | undefined> {
  const wanted = basename(path).toLowerCase();
  const ranked = (await dataFilesIn(dirname(path)))
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(3, wanted.length / 2) ? best.name : undefined;
}
