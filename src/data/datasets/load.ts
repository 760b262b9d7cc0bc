import { readdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Dataset, splits as allSplits } from '../dataset.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { readableEndings } from '../../formats/formats.ts';
import { editDistance } from '../../text/nearest.ts';
import { manifestName } from '../packed/manifest.ts';
import { readPacked } from '../packed/read.ts';
import { publishedFilesIn } from '../published/files.ts';
import { isGcnet, readGcnet } from '../published/gcnet.ts';
import { detectPreset, knownOf, type PresetName } from '../published/presets.ts';
import { concatSamples } from '../samples.ts';
import { datasetOf, type TableOptions } from '../tables/dataset.ts';
import { splitsIn } from '../tables/splits.ts';
import { OpenFiles } from './open-files.ts';
import { selectModalities } from './select.ts';
import { synthetic, type SyntheticOptions } from './synthetic.ts';

export interface LoadOptions extends TableOptions {
  /** What is known of the dataset. Default: by the name of the file and of the folders around it. */
  readonly preset?: PresetName | 'none';
  /** `paper_count`: train on train and valid together, validate on test, as the authors count IEMOCAP's samples. */
  readonly protocol?: 'session_valid' | 'paper_count';
  /** For the source `synthetic`. */
  readonly synthetic?: SyntheticOptions;
}

/**
 * The dataset that `source` names: `synthetic`, a description (`dataset.yaml`, or the folder of one), a file of any
 * format with its splits in it (`splitsIn`), GCNet's labels with their features, or a packed dataset, whose features
 * stay in its files. Files are opened through `files`, and closed unless features stay in them; `close` the dataset then.
 */
export async function loadDataset(
  source: string,
  { synthetic: made, protocol, preset, ...options }: LoadOptions = {},
  files = new OpenFiles(),
): Promise<Dataset> {
  if (source === 'synthetic') return syntheticDataset(options, made);
  const file = await dataFileOf(source);
  const ofPaper = protocol === 'paper_count';
  const dataset = await files.closedAfter(() =>
    readDataset(file, files, { ...options, ...(preset && { preset }), ...(ofPaper && { splits: allSplits }) }),
  );
  return ofPaper ? { ...dataset, splits: validateOnTest(dataset.splits) } : dataset;
}

function syntheticDataset({ task, group, modalities }: TableOptions, made: SyntheticOptions | undefined): Dataset {
  const dataset = synthetic({ ...made, ...(task && { task }) });
  if (group !== undefined) throw new RangeError('The dataset "synthetic" has no columns to group by.');
  return modalities === undefined ? dataset : selectModalities(dataset, modalities);
}

async function readDataset(
  file: string,
  files: OpenFiles,
  { preset, ...options }: TableOptions & Pick<LoadOptions, 'preset'>,
): Promise<Dataset> {
  if (descriptions.includes(extname(file).toLowerCase())) {
    // The library that reads YAML is loaded only where there is some.
    const { readDescribed } = await import('../own/read.ts');
    return readDescribed(file, files, options);
  }
  if (basename(file) === manifestName) return readPacked(dirname(file), files, options);
  const { value } = await files.open(file);
  // By the folders around the file even where the path does not name them.
  const known = knownOf(preset ?? detectPreset(resolve(file)));
  if (!isGcnet(value)) return datasetOf(splitsIn(value, file), { ...options, file, known });
  const { splits, known: own } = await readGcnet(value, file);
  // IEMOCAP in four classes is IEMOCAP too, of which the preset has six.
  const isNamed = preset === undefined || preset === 'iemocap';
  return datasetOf(splits, { ...options, file, known: (isNamed && own) || known });
}

/**
 * The splits that reproduce published sample counts of IEMOCAP: train and valid are trained on, test is both selected
 * and reported on. Figures so obtained are optimistic: they were chosen on the test split.
 */
function validateOnTest(splits: Dataset['splits']): Dataset['splits'] {
  const { train, valid, test } = splits;
  if (train === undefined || valid === undefined || test === undefined)
    throw new RangeError('Protocol "paper_count" needs the splits train, valid and test.');
  return { train: concatSamples([train, valid]), valid: test, test };
}

const descriptions = ['.yaml', '.yml'];
/** The name of the description in a folder. */
const descriptionName = 'dataset.yaml';
const suffixes = [...readableEndings, ...descriptions];

/**
 * The file that a path names: of a folder, its manifest, its description, or the one file of a published dataset in it.
 * Throws a `FormatError` for a path that names none, which says what may be meant.
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
