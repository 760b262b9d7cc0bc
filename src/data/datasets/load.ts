import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { FormatError, quoted } from '../formats/error.ts';
import { OpenFile } from '../formats/open-file.ts';
import { readPickleFrom } from '../formats/pickle.ts';
import { editDistance } from '../../text/nearest.ts';
import { type MmsaOptions, readMmsa } from './mmsa.ts';
import { selectModalities } from './select.ts';
import { synthetic, type SyntheticOptions } from './synthetic.ts';

export interface LoadOptions extends MmsaOptions {
  /** For the source `synthetic`. */
  readonly synthetic?: SyntheticOptions;
}

/** The dataset that `source` names: `synthetic`, or the path of an MMSA-layout pickle. */
export async function loadDataset(source: string, options: LoadOptions = {}): Promise<Dataset> {
  const { synthetic: syntheticOptions, ...mmsa } = options;
  if (source === 'synthetic') {
    const made = synthetic({ ...syntheticOptions, ...(mmsa.task === undefined ? {} : { task: mmsa.task }) });
    if (mmsa.group !== undefined) throw new RangeError('The dataset "synthetic" has no columns to group by.');
    return mmsa.modalities === undefined ? made : selectModalities(made, mmsa.modalities);
  }
  await checkPath(source);
  const file = await OpenFile.open(source);
  try {
    return await readMmsa(readPickleFrom(file, { file: source }), { ...mmsa, file: source });
  } finally {
    await file.close();
  }
}

const suffixes = ['.pkl', '.pickle'];

/** Errors for a path that names no feature file say what would. */
async function checkPath(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) {
    if (found.code !== 'ENOENT' && found.code !== 'ENOTDIR')
      throw new FormatError(path, `cannot be opened (${found.code ?? found.message}).`, { cause: found });
    const near = await nearestName(path);
    throw new FormatError(
      path,
      near === undefined
        ? 'does not exist; give the path of a feature file, or "synthetic".'
        : `does not exist; did you mean ${quoted(near)}?`,
    );
  }
  if (found.isDirectory()) throw new FormatError(path, `is a folder; name a file in it${await examples(path)}.`);
  if (!found.isFile()) throw new FormatError(path, 'is no file that can be read at any place; save it as one.');
  if (!suffixes.includes(extname(path).toLowerCase()))
    throw new FormatError(
      path,
      `is no feature file by its name; an MMSA-layout pickle ends in ${suffixes.join(' or ')}.`,
    );
}

async function featureFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => suffixes.includes(extname(name).toLowerCase())).sort();
}

async function examples(folder: string): Promise<string> {
  const names = await featureFiles(folder);
  return names.length === 0 ? '' : `: ${names.slice(0, 5).join(', ')}`;
}

/** The feature file in the same folder whose name is closest, if any is close. */
async function nearestName(path: string): Promise<string | undefined> {
  const wanted = basename(path).toLowerCase();
  const ranked = (await featureFiles(dirname(path)))
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(3, wanted.length / 2) ? best.name : undefined;
}
