/** A dataset of one's own, put together from files as its description says: row n of every column is sample n. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { splits as allSplits, type Dataset, type Split } from '../dataset.ts';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { type Columns, numeric, texts } from '../tables/columns.ts';
import { describedColumns, splitGroup, splitMark } from './columns.ts';
import { type Description, readDescription } from './schema.ts';
import { datasetOf, type TableOptions } from '../tables/dataset.ts';
import { padded, splitByColumn, splitByFractions } from '../tables/splits.ts';

/** The dataset that a `dataset.yaml` describes. Throws a `FormatError` that names the file and the key. */
export async function readDescribed(file: string, files: OpenFiles, options: TableOptions): Promise<Dataset> {
  const description = readDescription(file);
  const splits = await splitsOf(description, files, file);
  const {
    task,
    range,
    classes,
    metrics,
    modalities,
    name = path.basename(path.dirname(path.resolve(file))),
  } = description;
  const labels = [...splits.values()].map((columns) => columns.get('labels'));
  const named = task === 'classification' ? (classes ?? classNames(labels)) : undefined;
  const ready = new Map([...splits].map(([split, columns]) => [split, padded(withIndices(columns, named, file))]));
  const names = Object.keys(modalities);
  const unknown = options.modalities?.find((each) => !names.includes(each));
  if (unknown !== undefined)
    throw new FormatError(file, `describes no modality ${quoted(unknown)}; it has ${names.map(quoted).join(', ')}.`);
  const group = options.group ?? (options.groupIfAny && description.group ? 'group' : undefined);
  return datasetOf(ready, {
    modalities: names,
    ...options,
    ...{ file, task, described: true, labelKey: 'labels', groupIfAny: false },
    ...(group !== undefined && { group }),
    known: { name, metrics: metrics ?? task, ...(range && { range }), ...(named && { classes: named }) },
  });
}

/** The splits by file names, or by a column or fractions of the one table that there is. */
async function splitsOf(
  description: Description,
  files: OpenFiles,
  file: string,
): Promise<ReadonlyMap<Split, Columns>> {
  const { modalities, split } = description;
  const names = Object.values(modalities).map((modality) => modality.file);
  if (names.some((name) => name.includes(splitMark))) {
    if (split) throw new FormatError(file, `names a split, and its file names hold ${splitMark}; keep one.`);
    const folder = path.dirname(file);
    const present = allSplits.filter((one) =>
      names.every((name) => existsSync(path.resolve(folder, name.replaceAll(splitMark, one)))),
    );
    if (present.length === 0)
      throw new FormatError(file, `names files by ${splitMark}, and there are none for train, valid or test.`);
    const columns = present.map(
      async (one) => [one, await describedColumns(description, { file, files, split: one })] as const,
    );
    return new Map(await Promise.all(columns));
  }
  const columns = await describedColumns(description, { file, files });
  if (!split) throw new FormatError(file, `says nothing of splits; add "split", or ${splitMark} to the file names.`);
  return 'fractions' in split
    ? splitByFractions(columns, split.fractions, { group: splitGroup, seed: split.seed, file })
    : splitByColumn(columns, 'split', file);
}

/** The different labels, if they are texts: sorted, they are the classes. */
function classNames(labels: readonly unknown[]): readonly string[] | undefined {
  const found = labels.flatMap((column) => (column === undefined || numeric(column) ? [] : (texts(column) ?? [])));
  return found.length > 0 ? [...new Set(found)].sort() : undefined;
}

/** Columns whose labels are class names, with indices in their place. */
function withIndices(columns: Columns, classes: readonly string[] | undefined, file: string): Columns {
  const labels = columns.get('labels');
  if (labels === undefined || !classes || numeric(labels)) return columns;
  const indices = texts(labels)!.map((name, row) => {
    const index = classes.indexOf(name);
    if (index < 0)
      throw new FormatError(file, `row ${row}: the label ${quoted(name)} is none of ${classes.join(', ')}.`);
    return index;
  });
  return new Map([...columns, ['labels', new NdArray([indices.length], 'int32', Int32Array.from(indices))]]);
}
