/** What a description names of one split, or of all samples that are still to be divided, joined to samples. */
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Split } from '../dataset.ts';
import { pickRowsOf } from '../tables/splits.ts';
import { type Columns, numeric, rowCount, texts } from '../tables/table.ts';
import { join } from './join.ts';
import { asOneSample } from '../tables/one-sample.ts';
import { type ColumnTypes, type Found, Reader, type ReaderOptions, splitGroup } from './reader.ts';
import type { Description } from './schema.ts';

/** A modality in its file; `rows` are those of the samples, -1 of one that lacks it. */
export interface PartModality {
  readonly name: string;
  readonly file: string;
  /** Of the rows of the file. */
  readonly ids: readonly string[] | undefined;
  readonly rows: readonly number[];
  readonly columns: Columns;
  readonly types: ColumnTypes;
}

export interface Part {
  /** The split of all these samples. */
  readonly split: Split | undefined;
  readonly count: number;
  readonly ids: readonly string[] | undefined;
  readonly modalities: readonly PartModality[];
  /** Columns of samples; numbers that are missing are NaN, and texts are empty. */
  readonly labels: unknown;
  /** Of several labels that are a column each, the columns. */
  readonly labelNames: readonly string[] | undefined;
  readonly group: readonly string[] | undefined;
  readonly splitNames: readonly string[] | undefined;
  readonly splitGroup: readonly string[] | undefined;
  readonly notes: readonly string[];
  /** Columns of these files that nothing was made of. */
  readonly unused: readonly string[];
}

export async function partOf(description: Description, options: ReaderOptions): Promise<Part> {
  const { file, split } = options;
  const reader = new Reader(description, options);
  const modalities: Found[] = [];
  for (const [name, modality] of Object.entries(description.modalities))
    modalities.push(await reader.modality(name, modality));
  const others = await reader.others(modalities);
  const found = [...modalities, ...others];
  const given = oneSample(modalities, others) ?? found;
  const { id } = description;
  const joined = join(
    given.map(({ piece }) => piece),
    { file, ...(typeof id === 'object' && { anchor: reader.pathOf(id.file) }) },
  );
  if (typeof id === 'string' && joined.ids === undefined)
    throw new FormatError(file, `names the ids ${quoted(id)}, and no file has a column of that name.`);
  const other = (name: string): unknown => {
    const own = given.find(({ piece }) => piece.name === name);
    return own && withMissing(own.columns.get(name), joined.rows.get(name)!);
  };
  return {
    ...{
      split,
      count: joined.count,
      ids: joined.ids,
      notes: [...reader.notes, ...joined.notes],
      unused: reader.unused(),
    },
    modalities: given
      .filter(({ piece }) => piece.isModality)
      .map(({ piece: { name, file: own, ids }, columns, types }) => ({
        ...{ name, file: own, ids, rows: joined.rows.get(name)!, columns, types },
      })),
    labels: other('labels'),
    labelNames: reader.labelNames,
    group: texts(other('group')),
    splitNames: texts(other('split')),
    splitGroup: texts(other(splitGroup)),
  };
}

/** Arrays `[T, D]` of one sample each, where modalities have different numbers of rows and no ids, and nothing else has rows. */
function oneSample(modalities: readonly Found[], others: readonly Found[]): Found[] | undefined {
  if (
    others.some(({ piece }) => piece.rows !== 1) ||
    modalities.some(({ piece, types, columns }) => piece.ids || types || columns.size > 1)
  )
    return undefined;
  const arrays = asOneSample(new Map(modalities.map(({ piece, columns }) => [piece.name, columns.get(piece.name)])));
  if (!arrays) return undefined;
  const whole = modalities.map(({ piece }) => ({
    piece: { ...piece, rows: 1 },
    columns: new Map<string, unknown>([[piece.name, arrays.get(piece.name)]]),
  }));
  return [...whole, ...others];
}

/** The rows of a column of labels, groups or splits; where a row is -1, NaN or an empty text. */
function withMissing(column: unknown, rows: readonly number[]): unknown {
  const array = numeric(column);
  if (!rows.some((row) => row < 0)) return isWhole(rows, rowCount(column)!) ? column : pickRowsOf(column, rows);
  if (!array) return pickRowsOf(texts(column), rows);
  const picked = numeric(pickRowsOf(array, rows))!;
  const width = picked.data.length / rows.length;
  const data = Float64Array.from(picked.data as Float64Array, Number);
  rows.forEach((row, n) => row < 0 && data.fill(Number.NaN, n * width, (n + 1) * width));
  return new NdArray(picked.shape, 'float64', data);
}

/** Whether rows are all of `count`, in their order. */
export const isWhole = (rows: readonly number[], count: number): boolean =>
  rows.length === count && rows.every((row, n) => row === n);
