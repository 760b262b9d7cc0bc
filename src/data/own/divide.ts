/** The samples of each split, by a column or by fractions. */
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { listed } from '../columns/names.ts';
import { splits as allSplits, type Split } from '../dataset.ts';
import { splitsByShares } from '../folds.ts';
import { type Fractions, quantileStrata, splitsByFractions } from '../fractions.ts';
import { videosOf } from '../samples.ts';
import { rowsBySplit } from '../tables/splits.ts';
import { numeric, type NumericArray, texts } from '../tables/table.ts';
import { areBinary, missingLabels } from './classes.ts';
import type { Part } from './part.ts';
import { type Description, describesSeveral } from './schema.ts';

export type SplitRows = ReadonlyMap<Split, readonly number[]>;

/** Samples that were joined, and the rows of them in each split. */
export interface DividedPart {
  readonly part: Part;
  readonly rows: SplitRows;
}

export interface Division {
  readonly rows: SplitRows;
  readonly notes: readonly string[];
}

export interface DivideOptions {
  readonly description: Description;
  readonly file: string;
  /** As `TableOptions.unsplit`. */
  readonly unsplit?: boolean | 'all' | undefined;
  readonly fractions?: 'exact' | 'rounded' | undefined;
  readonly groupsByIds?: boolean | undefined;
}

/** The rows of a part by split. Throws a `FormatError` where a description says nothing of splits. */
export function divided(
  part: Part,
  { description, file, unsplit = false, fractions = 'exact', groupsByIds = true }: DivideOptions,
): Division {
  const all = Array.from({ length: part.count }, (_, n) => n);
  if (part.split) return { rows: new Map([[part.split, all]]), notes: [] };
  const { split, task } = description;
  const several = describesSeveral(description);
  if (unsplit === 'all' || (unsplit && isNew(part, description))) return { rows: new Map([['test', all]]), notes: [] };
  if (!split) throw new FormatError(file, 'says nothing of splits; add "split", or {split} to the file names.');
  if ('file' in split) return byNames(part, file);
  try {
    const by = fractions === 'exact' && groupsByIds ? groupsOfIds(part) : {};
    const of = fractions === 'rounded' ? rounded : exact;
    const found = of({ ...part, ...by.found }, split.fractions, { seed: split.seed, task, several });
    const rows = new Map(allSplits.map((each) => [each, all.filter((n) => found[n] === each)]));
    return { rows, notes: by.note === undefined ? [] : [by.note] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FormatError(file, error.message, { cause: error });
  }
}

/** The groups that ids tell, where a description names none; a note where they are too few to keep apart. */
function groupsOfIds({ ids, group, splitGroup }: Part): {
  readonly found?: Pick<Part, 'splitGroup'>;
  readonly note?: string;
} {
  const videos = splitGroup || group || !ids ? undefined : videosOf(ids);
  if (!videos) return {};
  const count = new Set(videos).size;
  if (count >= allSplits.length) return { found: { splitGroup: videos } };
  return {
    note: `ids such as ${quoted(ids![0]!)} tell ${count} ${count === 1 ? 'group' : 'groups'}, too few to keep apart in three splits: samples are divided one by one.`,
  };
}

/** Whether samples are there to be predicted: in no split, or in none but by fractions, without a label to learn from. */
function isNew({ splitNames, labels }: Part, description: Description): boolean {
  const { split } = description;
  if (!split) return true;
  if ('file' in split) return splitNames === undefined;
  return labels === undefined || missingLabels(labels, { several: describesSeveral(description) }).every(Boolean);
}

function byNames({ splitNames, ids }: Part, file: string): Division {
  if (!splitNames) throw new FormatError(file, 'column "split" is no list of split names.');
  const [named, without]: [number[], number[]] = [[], []];
  for (const [n, name] of splitNames.entries()) (name === '' ? without : named).push(n);
  const shown = without.map((n) => ids?.[n] ?? `row ${n}`);
  return {
    rows: rowsBySplit(splitNames, 'split', file, named),
    notes:
      without.length > 0
        ? [`${without.length} of ${splitNames.length} samples are in no split (${listed(shown, 3)}): left out.`]
        : [],
  };
}

interface How {
  readonly seed: number;
  readonly task: Description['task'];
  readonly several: boolean;
}

/** To one sample, alike in labels; samples without a label are divided after the others, so that they change nothing. */
function exact(part: Part, fractions: Fractions, { seed, task, several }: How): readonly Split[] {
  const { count, labels, ids: given } = part;
  const ids =
    given && new Set(given).size === count
      ? given
      : Array.from({ length: count }, (_, n) => String(n).padStart(10, '0'));
  const known = part.splitGroup ?? part.group;
  const groups = known?.map((group, n) => (group === '' ? `sample ${ids[n]!}` : group));
  const missing = labels === undefined ? [] : missingLabels(labels, { several });
  const all = Array.from({ length: count }, (_, n) => n);
  const labelled = all.filter((n) => !missing[n]);
  const rest = all.filter((n) => missing[n]);
  const of = (rows: readonly number[], strata?: readonly number[]): Split[] =>
    splitsByFractions(
      {
        ids: rows.map((n) => ids[n]!),
        ...(strata && { strata }),
        ...(groups && { groups: rows.map((n) => groups[n]!) }),
      },
      fractions,
      { seed },
    );
  if (labelled.length === 0) return of(all);
  const result = new Array<Split>(count);
  const splitOfGroup = new Map<string, Split>();
  of(labelled, labels === undefined ? undefined : strataOf(labels, labelled, { task, several })).forEach((split, i) => {
    result[labelled[i]!] = split;
    if (groups) splitOfGroup.set(groups[labelled[i]!]!, split);
  });
  const free = rest.filter((n) => !groups || !splitOfGroup.has(groups[n]!));
  const units = new Set(free.map((n) => (groups ?? ids)[n]!)).size;
  const freely = units < allSplits.length ? free.map((): Split => 'train') : of(free);
  free.forEach((n, i) => (result[n] = freely[i]!));
  for (const n of rest) result[n] ??= splitOfGroup.get(groups![n]!)!;
  return result;
}

/** The class of each row, or the quantile of its label; of several labels each combination, or the quantile of the first. */
function strataOf(labels: unknown, rows: readonly number[], { task, several }: Omit<How, 'seed'>): number[] {
  const array = numeric(labels);
  if (several && array) return severalStrata(array, rows, task === 'multilabel' || areBinary(labels));
  if (task === 'regression' && array?.shape.length === 1) {
    const numbers = toNumbers(array.data);
    return quantileStrata(rows.map((n) => numbers[n]!));
  }
  const names = texts(labels) ?? [];
  const order = new Map([...new Set(names)].sort().map((name, i) => [name, i]));
  return rows.map((n) => order.get(names[n]!) ?? 0);
}

function severalStrata({ data, shape }: NumericArray, rows: readonly number[], isBinary: boolean): number[] {
  const width = data.length / shape[0]!;
  const numbers = toNumbers(data);
  if (isBinary) {
    const combinations = rows.map((n) => numbers.slice(n * width, (n + 1) * width).join());
    const order = new Map([...new Set(combinations)].sort().map((each, i) => [each, i]));
    return combinations.map((each) => order.get(each)!);
  }
  const first = rows.map((n) => numbers[n * width]!);
  const strata = quantileStrata(first.filter((value) => !Number.isNaN(value)));
  let known = 0;
  return first.map((value) => (Number.isNaN(value) ? -1 : strata[known++]!));
}

/** By hundredths of the samples, whatever their labels: for runs that were trained on such splits. */
function rounded({ count, splitGroup }: Part, fractions: Fractions, { seed }: How): readonly Split[] {
  const ids = Array.from({ length: count }, (_, n) => String(n).padStart(10, '0'));
  const found = splitsByShares(ids, splitGroup ?? ids, fractions, { seed });
  return ids.map((id) => found.get(id)!);
}
