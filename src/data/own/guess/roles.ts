/** Which of the columns that were seen are ids, labels, groups and splits. */
import { splitOf } from '../../../formats/split-names.ts';
import { areNames, groupName, isNamedId, isUnique, oneOfLabels, splitName, strongLabel, weakLabel } from './content.ts';
import type { Seen } from './look.ts';

export interface Roles {
  /** By file, the column of its ids. */
  readonly ids: ReadonlyMap<string, Seen>;
  /** One column, or several, which are in one file; none where no column looks like labels. */
  readonly labels: readonly Seen[];
  readonly group: Seen | undefined;
  readonly split: Seen | undefined;
}

export interface RoleOptions {
  readonly isSplit: boolean;
  /** The columns of labels, where a person names them. */
  readonly label: readonly string[] | undefined;
}

export function rolesOf(columns: readonly Seen[], { isSplit, label }: RoleOptions): Roles {
  const ids = idsByFile(columns);
  const isId = new Set(ids.values());
  const others = columns.filter((column) => !isId.has(column));
  const named = (names: RegExp): Seen | undefined =>
    others.find(
      ({ key, kind, file, values, rows }) =>
        names.test(key ?? stem(file)) &&
        (kind === 'number' || (kind === 'text' && (rows < 4 || new Set(values).size <= rows / 2))),
    );
  const split = isSplit
    ? undefined
    : others.find(
        ({ key, values }) => splitName.test(key ?? '') && values.length > 0 && values.every((name) => splitOf(name)),
      );
  const several = severalLabels(others);
  const one = named(strongLabel) ?? named(weakLabel) ?? afterFeatures(others);
  const labels =
    label !== undefined
      ? label.flatMap((name) => others.find(({ key, file }) => (key ?? stem(file)) === name) ?? [])
      : several.length > 0
        ? several
        : [one ?? []].flat();
  const group = others.find(
    (column) =>
      !labels.includes(column) && groupName.test(column.key ?? '') && ['text', 'number'].includes(column.kind),
  );
  return { ids, labels, group, split };
}

/**
 * Columns of numbers in one file that are called after a label each, where none is called after labels as such: beside
 * `label`, columns such as `label_text` are of single modalities.
 */
function severalLabels(columns: readonly Seen[]): readonly Seen[] {
  const isPlain = ({ key }: Seen): boolean => strongLabel.test(key ?? '') && !oneOfLabels.test(key ?? '');
  if (columns.some(isPlain)) return [];
  const found = columns.filter(({ key, kind }) => kind === 'number' && oneOfLabels.test(key ?? ''));
  const inOne = found.filter(({ file }) => file === found[0]!.file);
  return inOne.length > 1 ? inOne : [];
}

/** Of each file that has some. Where several do, they are those that hold the same values. */
function idsByFile(columns: readonly Seen[]): ReadonlyMap<string, Seen> {
  const unique = columns.filter(
    (column) => ['text', 'number'].includes(column.kind) && isUnique(column) && !isLabelled(column),
  );
  const byId = columns.flatMap(({ ids }) => ids ?? []);
  const first =
    bestMatch(unique, new Set(byId)) ??
    unique.find((column) => isNamedId(column)) ??
    unique.find((column) => groupName.test(column.key ?? '')) ??
    unique.find(areNames);
  if (!first) return new Map();
  const known = new Set(idsOf(first));
  const found = new Map([[first.file, first]]);
  for (const file of new Set(unique.map((column) => column.file))) {
    if (found.has(file)) continue;
    const inFile = unique.filter((column) => column.file === file);
    // Those that match nothing are ids still: reading says so, where rows would be paired by chance.
    const own = bestMatch(inFile, known) ?? inFile.find((column) => isNamedId(column));
    if (own) found.set(file, own);
  }
  return found;
}

const idsOf = ({ values }: Seen): string[] => values.map((id) => id.trim());

const isLabelled = ({ key }: Seen): boolean => key !== undefined && strongLabel.test(key);

/** The column that has most of these values: half of them, or of its own, at least. */
function bestMatch(columns: readonly Seen[], known: ReadonlySet<string>): Seen | undefined {
  let best: Seen | undefined;
  let most = 0;
  for (const column of columns) {
    const shared = idsOf(column).filter((id) => known.has(id)).length;
    // Numbers of small range are in each other by chance, unless they are called ids.
    const isCalledSo = isNamedId(column) || groupName.test(column.key ?? '');
    if (column.kind === 'number' && !isCalledSo && !isBeyondChance(column, shared)) continue;
    if (shared > most && shared >= Math.min(known.size, column.rows) / 2) [best, most] = [column, shared];
  }
  return best;
}

/** Fewer numbers than this may be in others by chance. */
const leastNumbers = 10;

/** Whether numbers of which so many are `shared` are ids: nearly all are, and they neither count the rows nor rank them. */
function isBeyondChance({ values, rows }: Seen, shared: number): boolean {
  const numbers = values.map(Number);
  return (
    rows >= leastNumbers &&
    shared >= 0.9 * rows &&
    numbers.every((value) => Number.isSafeInteger(value) && value > rows)
  );
}

/** In a list of arrays (x, y, x, y, …) without names: the numbers that follow the first features. */
function afterFeatures(columns: readonly Seen[]): Seen | undefined {
  const [features, labels] = columns.filter(({ key }) => key === '0' || key === '1');
  const isPair = features?.file === labels?.file && features?.rows === labels?.rows;
  return isPair && features?.key === '0' && features.kind !== 'number' && labels?.kind === 'number'
    ? labels
    : undefined;
}

export const stem = (file: string): string =>
  file
    .replace(/\/\{id\}\.[^.]*$/, '')
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[._-]*\{split\}[._-]*/g, '')
    .trim() || 'features';
