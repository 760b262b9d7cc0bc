/** The folds that a call asks for: a number of them, or those of a file. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Dataset } from '../data/dataset.ts';
import { groupedFolds, allSamples, leastFolds, type FoldedBy, type Folds } from '../data/folds.ts';
import { videosOf } from '../data/samples.ts';

/** So many folds, or the path of a JSON file that maps ids to folds, as in `{"clip 1": 0, "clip 2": 3}`. */
export type FoldsRequest = number | string;

const foldsFile = z.record(z.string(), z.union([z.int(), z.string()]));

export type FoldsFound = Folds & FoldedBy;

/**
 * The same folds for every seed: samples of a group, as it was read or as ids tell, are in one fold. With the value `none` of
 * `group`, which is `data.group`, ids tell nothing. Throws a RangeError for fewer groups, or samples, than folds.
 */
export function foldsFor(dataset: Dataset, request: FoldsRequest, group?: string): FoldsFound {
  if (typeof request === 'string') return { ...readFolds(request), by: 'file' };
  const { ids, groups } = allSamples(dataset);
  const told = groups ?? (group === 'none' ? undefined : videosOf(ids));
  const units = new Set(told ?? ids).size;
  if (units < request)
    throw new RangeError(tooFew({ ids, request, units, by: groups ? 'group' : told ? 'ids' : 'sample' }));
  return {
    ...groupedFolds(ids, told ?? ids, { count: request, seed: 0 }),
    ...(told ? { by: groups ? 'group' : 'ids', groups: units } : { by: 'sample' }),
  };
}

function tooFew({
  ids,
  request,
  units,
  by,
}: {
  readonly ids: readonly string[];
  readonly request: number;
  readonly units: number;
  readonly by: FoldedBy['by'];
}): string {
  const counted = (what: string): string => `${units} ${what}${units === 1 ? '' : 's'}`;
  const fewer = units < leastFolds ? '' : `ask for ${units} at most, or `;
  const need = `${request} folds need as many ${by === 'sample' ? 'samples' : 'groups'}`;
  if (by === 'sample') return `${need}, and there ${units === 1 ? 'is' : 'are'} ${counted('sample')}.`;
  return by === 'ids'
    ? `${need}, and ids such as "${ids[0]!}" tell ${counted('group')}; ${fewer}fold samples one by one with --group none.`
    : `${need}, and there ${units === 1 ? 'is' : 'are'} ${counted('group')}; ${fewer}fold by other groups, or none, with --group.`;
}

/** What folds are by, and how many samples there are, in words that follow "5 folds". */
export function foldedText({ by, groups }: FoldedBy, samples: number): string {
  const counted = `${samples} samples${groups === undefined ? '' : `, ${groups} groups${by === 'ids' ? ' that ids tell' : ''}`}`;
  return `${by === 'file' ? 'of a file' : by === 'sample' ? 'by sample' : 'by group'} (${counted})`;
}

function readFolds(file: string): Folds {
  const wrong = (reason: string, cause?: unknown): Error =>
    new Error(`${file}: ${reason}; a file of folds is JSON such as {"clip 1": 0, "clip 2": 3}.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no JSON'})`, error);
  }
  const parsed = foldsFile.safeParse(value);
  if (!parsed.success) {
    const { path } = parsed.error.issues[0]!;
    throw wrong(
      path.length > 0 ? `the fold of "${path.join('.')}" is neither a whole number nor a text` : 'is no object',
    );
  }
  const names = [...new Set(Object.values(parsed.data))].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  const index = new Map(names.map((name, i) => [name, i]));
  const byId = new Map(Object.entries(parsed.data).map(([id, name]) => [id, index.get(name)!]));
  return { count: names.length, byId };
}
