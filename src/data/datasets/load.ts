import { basename, resolve } from 'node:path';
import { type Dataset, splits as allSplits } from '../dataset.ts';
import { allFactors } from '../factors.ts';
import { isGcnet, readGcnet } from '../published/gcnet.ts';
import { detectPreset, knownOf, type PresetName } from '../published/presets.ts';
import { severalLabelsOf } from '../published/several-labels.ts';
import { concatSamples } from '../samples.ts';
import { datasetOf, type TableOptions } from '../tables/dataset.ts';
import type { Known } from '../tables/known.ts';
import { splitsIn, splitsOrWhole } from '../tables/splits.ts';
import { dataFileOf } from './file-of.ts';
import { datasetKindOf, packedKind } from './kinds.ts';
import { isMade, madeDataset, type MadeOptions, unusedNotes } from './made.ts';
import { OpenFiles } from './open-files.ts';

export interface LoadOptions extends TableOptions, MadeOptions {
  /** What is known of the dataset. Default: by the name of the file and of the folders around it. */
  readonly preset?: PresetName | 'none';
  /** `paper_count`: train on train and valid together, validate on test, as the authors count IEMOCAP's samples. */
  readonly protocol?: 'session_valid' | 'paper_count';
}

/**
 * The dataset that `source` names: one that is made (`synthetic`, `digits`), a description (`dataset.yaml`, or the folder of one), a file of any
 * format with its splits in it (`splitsIn`), GCNet's labels with their features, or a packed dataset, whose features
 * stay in its files. Files are opened through `files`, and closed unless features stay in them; `close` the dataset then.
 */
export async function loadDataset(
  source: string,
  { synthetic, digits, protocol, preset, ...options }: LoadOptions = {},
  files = new OpenFiles(),
): Promise<Dataset> {
  const made = { ...(synthetic && { synthetic }), ...(digits && { digits }) };
  const unused = unusedNotes(made, [source]);
  if (isMade(source)) {
    const dataset = await madeDataset(source, options, made);
    return {
      ...(options.unsplit === 'all' ? inOneSplit(dataset) : dataset),
      ...(unused.length > 0 && { notes: unused }),
    };
  }
  const file = await dataFileOf(source);
  const ofPaper = protocol === 'paper_count';
  const read = await files.closedAfter(() =>
    readDataset(file, files, { ...options, ...(preset && { preset }), ...(ofPaper && { splits: allSplits }) }),
  );
  const dataset = options.unsplit === 'all' ? inOneSplit(read) : read;
  const notes = [...unused, ...files.notes, ...(dataset.notes ?? [])];
  return {
    ...dataset,
    ...(notes.length > 0 && { notes }),
    ...(ofPaper && { splits: validateOnTest(dataset.splits) }),
  };
}

async function readDataset(
  file: string,
  files: OpenFiles,
  { preset, ...options }: TableOptions & Pick<LoadOptions, 'preset'>,
): Promise<Dataset> {
  const kind = datasetKindOf(file);
  if (kind !== undefined) {
    const dataset = await kind.read(file, files, options);
    if (kind.name === packedKind || preset === undefined || preset === 'none') return dataset;
    const note = `${basename(file)} describes its labels itself: the preset ${preset} is not used.`;
    return { ...dataset, notes: [...(dataset.notes ?? []), note] };
  }
  const { value } = await files.open(file);
  // By the folders around the file even where the path does not name them.
  const name = preset ?? detectPreset(resolve(file));
  const { splits: given, known: own, isWhole } = await splitsOf(value, file, options.unsplit);
  const { splits, known } = severalLabelsOf(name, given, { ...options, file }) ?? {
    splits: given,
    known: knownOf(name),
  };
  // IEMOCAP in four classes is IEMOCAP too, of which the preset has six.
  const isNamed = preset === undefined || preset === 'iemocap';
  return datasetOf(splits, {
    ...{ ...options, file, known: (isNamed && own) || known },
    ...(isWhole && { unnamed: 'row' }),
  });
}

interface FoundSplits {
  readonly splits: unknown;
  /** What the file itself says of its dataset. */
  readonly known?: Known;
  /** Whether the file has no splits, and all rows are in one. */
  readonly isWhole?: boolean;
}

async function splitsOf(value: unknown, file: string, unsplit: TableOptions['unsplit'] = false): Promise<FoundSplits> {
  if (isGcnet(value)) return readGcnet(value, file);
  return unsplit ? splitsOrWhole(value, file, { all: unsplit === 'all' }) : { splits: splitsIn(value, file) };
}

/** All samples as the split `test`, one split after the other. */
function inOneSplit(dataset: Dataset): Dataset {
  const parts = allSplits.flatMap((split) => dataset.splits[split] ?? []);
  const factors = allFactors(dataset);
  return {
    ...dataset,
    ...(factors && { factors: { test: factors } }),
    splits: { test: parts.length === 1 ? parts[0]! : concatSamples(parts) },
  };
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
