/** A first description of a folder: what its files seem to hold, for a person to look over. */
import path from 'node:path';
import { FormatError, quoted } from '../../../files/error.ts';
import { nearest } from '../../../text/nearest.ts';
import { listed } from '../../columns/names.ts';
import { areClasses, areZeroOrOne, isBinary } from './content.ts';
import { look, type Seen } from './look.ts';
import { modalitiesFrom, ownId } from './modalities.ts';
import { rolesOf, type Roles, stem } from './roles.ts';

export interface Guess {
  /** The keys and values of a `dataset.yaml`. */
  readonly description: Readonly<Record<string, unknown>>;
  /** Words about a value of the description, by the path of keys to it. */
  readonly comments: readonly (readonly [path: readonly string[], comment: string])[];
  /** A line for each column or file that was seen and not used, with the reason, and for labels that were not found. */
  readonly notes: readonly string[];
  /** Whether there is one sample alone, to be predicted. */
  readonly isOneSample: boolean;
}

/**
 * Looks at every file of a folder; `label` names the column of labels, or several with commas between them. Throws a `FormatError` where nothing in
 * it could be samples, or no column is called so.
 */
export async function guessDescription(
  folder: string,
  { label }: { readonly label?: string | undefined } = {},
): Promise<Guess> {
  const { columns, isSplit, isOneSample, notes: unread } = await look(folder);
  const notes = [...unread];
  const names = columns.map(({ key, file }) => key ?? stem(file));
  const asked =
    label === undefined ? undefined : names.includes(label) ? [label] : label.split(',').map((name) => name.trim());
  const roles = rolesOf(columns, { isSplit, label: asked });
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    throw new FormatError(
      folder,
      `has no column ${quoted(unknown)} for labels; ${near === undefined ? `it has ${listed(names)}.` : `did you mean ${quoted(near)}?`}`,
    );
  }
  checkLabels(roles.labels, folder);
  const [anchor] = [...columns.filter(({ ids }) => ids), ...roles.ids.values()];
  const rows = anchor?.rows ?? mostCommon(columns.map((column) => column.rows));
  // What has ids is joined by them, whatever its number of rows.
  const fits = ({ file, rows: own, ids }: Seen): boolean =>
    isOneSample || ids !== undefined || roles.ids.has(file) || own === rows;
  for (const column of columns)
    if (!fits(column)) notes.push(`${named(column)} has ${column.rows} rows, not ${rows}: left out.`);
  const { ids, labels, group, split } = roles;
  const taken = new Set<Seen | undefined>([...ids.values(), ...labels, group, split]);
  const made = modalitiesFrom(
    columns.filter((column) => !taken.has(column) && fits(column)),
    roles,
  );
  notes.push(...made.notes);
  if (Object.keys(made.described).length === 0)
    throw new FormatError(
      folder,
      `holds nothing that looks like features: ${notes.join(' ') || 'there are no files in it.'}`,
    );
  if (isOneSample) notes.push('There is one sample: it can be predicted, and not trained on.');
  else if (labels.length === 0) notes.push(noLabels(columns.filter((column) => !taken.has(column) && fits(column))));
  notes.push(...mixedLabels(labels));
  const source = (column: Seen): object => sourceOf(column, roles);
  const [id] = ids.values();
  const description = {
    name: path.basename(path.resolve(folder)),
    task: taskOf(labels),
    modalities: made.described,
    ...(labels.length > 0 && {
      labels: { ...source(labels[0]!), ...(labels.length > 1 && { key: labels.map(({ key }) => key) }) },
    }),
    ...(id && { id: { file: id.file, key: id.key } }),
    ...(group && { group: source(group) }),
    ...(split && { split: source(split) }),
    ...(!split && !isSplit && !isOneSample && { split: shares(group && source(group)) }),
  };
  return { description, comments: [...made.comments, ...commentsOn(roles)], notes, isOneSample };
}

function taskOf(labels: readonly Seen[]): string {
  if (labels.length > 1) return labels.every(areZeroOrOne) ? 'multilabel' : 'multitarget';
  return labels[0] && areClasses(labels[0]) ? 'classification' : 'regression';
}

/** A value that is not 0 or 1, of one label among others that are, makes values of all of them; it may be a slip. */
function mixedLabels(labels: readonly Seen[]): string[] {
  const odd = labels.find((label) => !areZeroOrOne(label));
  if (!odd || labels.every((label) => !isBinary(label))) return [];
  const value = odd.values.find((each) => each !== '' && Number(each) !== 0 && Number(each) !== 1)!;
  return [
    `${named(odd)} has ${quoted(value)}, which is not 0 or 1, as other labels are: all are taken for values (task: multitarget).`,
  ];
}

/** Several labels are columns of numbers in one file. */
function checkLabels(labels: readonly Seen[], folder: string): void {
  if (labels.length < 2) return;
  const other = labels.find(({ file }) => file !== labels[0]!.file);
  if (other)
    throw new FormatError(
      folder,
      `has ${named(labels[0]!)} and ${named(other)}, which are in two files; several labels are columns of one.`,
    );
  const odd = labels.find(({ kind, key }) => kind !== 'number' || key === undefined);
  if (odd)
    throw new FormatError(folder, `has ${named(odd)}, which is no column of numbers; several labels are each one.`);
}

/** Columns of 0 and 1 may be labels, and may as well be features. */
function noLabels(free: readonly Seen[]): string {
  const binary = free.filter(isBinary);
  const isHere = binary.length > 1 && binary.every(({ file }) => file === binary[0]!.file);
  const keys = binary.map(({ key }) => key);
  const how = 'No labels were found: name their column, with --label or under "labels".';
  return isHere
    ? `${how} ${listed(keys.map(String), 6)} are 0 or 1: they may be several labels (--label ${keys.slice(0, 6).join(',')}).`
    : how;
}

const sourceOf = ({ file, key }: Seen, roles: Roles): object => ({
  file,
  ...(key !== undefined && { key }),
  ...ownId(file, roles),
});

/** What the columns that are no features hold. */
function commentsOn({ ids, labels, group }: Roles): (readonly [readonly string[], string])[] {
  const [id] = ids.values();
  const different = ({ values }: Seen): number => new Set(values.filter((value) => value !== '')).size;
  const missing = ({ values }: Seen): string => {
    const count = values.filter((value) => value === '').length;
    return count > 0 ? `, ${count} missing` : '';
  };
  return [
    ...(labels.length === 1
      ? [[['labels'], `${different(labels[0]!)} different values${missing(labels[0]!)}`] as const]
      : []),
    ...(labels.length > 1
      ? [
          [
            ['labels'],
            `${labels.length} labels of each sample, ${labels.every(areZeroOrOne) ? '0 or 1' : 'values'}`,
          ] as const,
        ]
      : []),
    ...(id ? [[['id'], ids.size > 1 ? 'files are joined by it' : `${id.rows} different values`] as const] : []),
    ...(group ? [[['group'], `${different(group)} groups`] as const] : []),
  ];
}

const shares = (group: object | undefined): object => ({
  fractions: { train: 0.7, valid: 0.15, test: 0.15 },
  seed: 0,
  ...(group && { group }),
});

const named = ({ file, key }: Seen): string => (key === undefined ? file : `"${key}" of ${file}`);

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[number, number]>((best, each) => (each[1] > best[1] ? each : best), [0, 0])[0];
}
