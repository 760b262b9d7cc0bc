/** Computational sequences to a feature file: segments, their splits, a table for each, one file. */
import { writeFile } from '../../formats/write.ts';
import type { Split } from '../dataset.ts';
import { segmentsOf, type AlignOptions, type Segments } from './segments.ts';
import { splitSegments, splitsFor, type SplitsRequest } from './splits.ts';
import { alignedColumns } from './columns.ts';

export interface AlignedFile {
  /** The format that the file's ending asked for, in words. */
  readonly format: string;
  /** Their names in the file. */
  readonly modalities: readonly string[];
  /** The number of samples of each split that has some. */
  readonly samples: ReadonlyMap<Split, number>;
  /** Segments and videos that became no samples, by reason; `undivided` are the videos that are in no split. */
  readonly left: Segments['left'] & { readonly undivided: readonly string[] };
  /** Columns that the format cannot hold. */
  readonly leftOut: readonly string[];
  /** By modality: how many values were not finite, and are left out of every average. */
  readonly notFinite: ReadonlyMap<string, number>;
}

export interface WriteAlignedOptions extends AlignOptions {
  readonly splits: SplitsRequest;
  readonly signal: AbortSignal;
}

/** Writes the samples of open sequences to `out`, whose ending tells the format. Nothing is left of it if aborted. */
export async function writeAligned(out: string, options: WriteAlignedOptions): Promise<AlignedFile> {
  const { words, modalities, time, splits, signal } = options;
  const { segments, left } = segmentsOf(options);
  const { bySplit, without } = splitSegments(segments, splitsFor(splits, segments));
  const tables = Array.from(
    bySplit,
    ([split, own]) => [split, alignedColumns(own, { words, modalities, time })] as const,
  );
  const columns = new Map(tables.map(([split, table]) => [split, table.columns]));
  const { format, leftOut } = await writeFile(out, columns, { signal });
  const notFinite = new Map<string, number>();
  for (const [, table] of tables)
    for (const [name, count] of table.notFinite()) notFinite.set(name, (notFinite.get(name) ?? 0) + count);
  return {
    format,
    modalities: [...notFinite.keys()],
    samples: new Map(Array.from(bySplit, ([split, own]) => [split, own.length])),
    left: { ...left, undivided: without },
    leftOut,
    notFinite,
  };
}
