/** A data file of any format, opened to be reported on: as a dataset where it holds one, else as arrays by name. */
import { FormatError } from '../../files/error.ts';
import type { Dataset } from '../dataset.ts';
import { dataFileOf } from '../datasets/file-of.ts';
import { datasetKindOf } from '../datasets/kinds.ts';
import { isMade, type MadeOptions } from '../datasets/made.ts';
import { loadDataset, type LoadOptions } from '../datasets/load.ts';
import { OpenFiles } from '../datasets/open-files.ts';
import { parsedText } from '../../json/text.ts';
import { isGcnet } from '../published/gcnet.ts';
import { isFolds } from '../published/mosei-emotions.ts';
import { hasSplits } from '../tables/splits.ts';
import { type Contents, contentsOf } from './contents.ts';

/** A data file that is no dataset. */
export interface DataFile {
  readonly format: string;
  /** What is to be told of how it was read; why it is no dataset, where its names look like those of splits. */
  readonly warnings?: readonly string[];
  readonly tensors: Contents;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A dataset whose features stay in their file; `close` it after use. */
export interface DatasetFile {
  readonly format: string;
  readonly dataset: Dataset;
}

export interface DataFileOptions extends MadeOptions {
  /** The column that says which samples belong together. Default: the one that the data itself has for that, if any. */
  readonly group?: string | undefined;
  /** What is known of the dataset. Default: by the name of the file and of the folders around it. */
  readonly preset?: LoadOptions['preset'] | undefined;
}

/** A file that has splits, in whatever layout, as a dataset; any other as the names and shapes of its arrays. */
export async function openDataFile(
  file: string,
  { group, preset, ...made }: DataFileOptions = {},
): Promise<DatasetFile | DataFile> {
  const options: LoadOptions = {
    // Whatever the size of the file, no more than some samples of it are in memory.
    ...{ splits: 'present', requireLabels: false, stored: true, groupIfAny: true },
    ...made,
    ...(group !== undefined && { group }),
    ...(preset && { preset }),
  };
  const kind = isMade(file) ? file : datasetKindOf(file)?.name;
  if (kind !== undefined) {
    const dataset = await loadDataset(file, options);
    return { format: kind, dataset };
  }
  const files = new OpenFiles();
  const { format, value, metadata = {} } = await files.open(await dataFileOf(file));
  const named = isGcnet(value) ? 'yes' : isFolds(value) ? 'maybe' : hasSplits(value);
  const contents: DataFile = {
    format,
    tensors: contentsOf(value),
    ...(files.notes.length > 0 && { warnings: files.notes }),
    ...(Object.keys(metadata).length > 0 && { metadata: format === 'safetensors' ? parsed(metadata) : metadata }),
  };
  if (named === 'no') {
    await files.close();
    if (group === undefined) return contents;
    throw new FormatError(file, 'has no splits, and so no groups in two of them; leave out --group.');
  }
  try {
    const dataset = await loadDataset(file, options, files);
    return { format, dataset };
  } catch (error) {
    // A file that surely has splits is reported to be faulty, and so is one without the column that was asked for.
    if (named === 'yes' || group !== undefined || !(error instanceof FormatError)) throw error;
    const { tensors, warnings = [], ...rest } = contents;
    return { ...rest, warnings: [...warnings, `not read as a dataset: ${error.message}`], tensors };
  }
}

/** Metadata with the JSON in it parsed: a model's file has some, and safetensors keeps texts alone. */
const parsed = (metadata: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, parsedText(text)]));
