import { readdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import { editDistance } from '../../text/nearest.ts';
import { isGcnet, readGcnet } from '../published/gcnet.ts';
import { manifestName } from '../packed/manifest.ts';
import { type MmsaOptions, readMmsa } from '../tables/dataset.ts';
import { readAndClose } from './opened.ts';
import { readPacked } from '../packed/read.ts';
import { detectPreset } from '../published/presets.ts';
import { publishedFilesIn } from '../published/files.ts';
import { selectModalities } from './select.ts';
import { synthetic, type SyntheticOptions } from './synthetic.ts';
import { splitTables } from '../tables/splits.ts';

export interface LoadOptions extends MmsaOptions {
  /** For the source `synthetic`. */
  readonly synthetic?: SyntheticOptions;
}

/**
 * The dataset that `source` names: `synthetic`, a description (`dataset.yaml`, or the folder of one), a file of any
 * format with its splits in it (`splitTables`), GCNet's labels with their features, or a
 * packed dataset, whose features stay in its files.
 */
export async function loadDataset(source: string, options: LoadOptions = {}): Promise<Dataset> {
  const { synthetic: syntheticOptions, ...mmsa } = options;
  if (source === 'synthetic') {
    const made = synthetic({ ...syntheticOptions, ...(mmsa.task === undefined ? {} : { task: mmsa.task }) });
    if (mmsa.group !== undefined) throw new RangeError('The dataset "synthetic" has no columns to group by.');
    return mmsa.modalities === undefined ? made : selectModalities(made, mmsa.modalities);
  }
  const path = await dataFileOf(source);
  if (descriptions.includes(extname(path).toLowerCase())) {
    // What reads YAML is loaded for it alone.
    const { readDescribed } = await import('../own/read.ts');
    return readDescribed(path, mmsa);
  }
  if (basename(path) === manifestName) return readPacked(dirname(path), mmsa);
  const { value, close } = await openFile(path);
  return readAndClose(close, mmsa, async () => {
    // By the folders around the file even where the path does not name them.
    const preset = mmsa.preset ?? detectPreset(resolve(path)) ?? 'none';
    if (!isGcnet(value)) return readMmsa(splitTables(value, path), { ...mmsa, preset, file: path });
    const { tables, known } = await readGcnet(value, path);
    // Four classes are IEMOCAP's too, and the preset has six.
    const four = (mmsa.preset ?? 'iemocap') === 'iemocap' ? known : undefined;
    return readMmsa(tables, { ...(four && { known: four }), ...mmsa, preset, file: path });
  });
}

const descriptions = ['.yaml', '.yml'];
/** What a folder's description is called. */
const descriptionName = 'dataset.yaml';
const suffixes = [
  ...['.pkl', '.pickle', '.npz', '.npy', '.safetensors', '.h5', '.hdf5', '.csd', '.pt', '.pth', '.parquet'],
  ...['.csv', '.tsv', '.jsonl', '.ndjson', ...descriptions],
];

/**
 * The file that a path names: of a folder, its manifest, its description, or the one file of a published dataset in it.
 * Errors for one that names none say what would.
 */
export async function dataFileOf(path: string): Promise<string> {
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
  if (found.isDirectory()) {
    const inside = [manifestName, descriptionName].map((name) => join(path, name)).find((name) => existsSync(name));
    if (inside !== undefined) return inside;
    const published = await publishedFilesIn(path);
    if (published.length === 1) return join(path, published[0]!);
    const files = published.length > 1 ? published.join(', ') : await examples(path);
    throw new FormatError(
      path,
      `is a folder without a ${descriptionName}: ${files === '' ? '' : `name a file in it (${files}), or `}write one by decalign init-data.`,
    );
  }
  if (!found.isFile()) throw new FormatError(path, 'is no file that can be read at any place; save it as one.');
  return path;
}

async function featureFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => suffixes.includes(extname(name).toLowerCase())).sort();
}

async function examples(folder: string): Promise<string> {
  const names = await featureFiles(folder);
  return names.slice(0, 5).join(', ');
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
