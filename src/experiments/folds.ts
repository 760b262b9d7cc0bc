/** Which folds a call asks for: a number of them, or those of a file. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Dataset } from '../data/dataset.ts';
import { groupedFolds, allSamples, type Folds } from '../data/folds.ts';

/** So many folds, or the path of a JSON file that maps ids to folds, as in `{"clip 1": 0, "clip 2": 3}`. */
export type FoldsRequest = number | string;

const foldsFile = z.record(z.string(), z.union([z.int(), z.string()]));

/** The same folds for every seed: with `data.group`, samples of a group are in one fold. */
export function foldsFor(dataset: Dataset, request: FoldsRequest): Folds {
  if (typeof request === 'string') return readFolds(request);
  const { ids, groups = ids } = allSamples(dataset);
  return groupedFolds(ids, groups, { count: request, seed: 0 });
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
