/** A first description of a folder: what its files seem to hold, for a person to look over. */
import path from 'node:path';
import { FormatError, quoted } from '../../../files/error.ts';
import { nearest } from '../../../text/nearest.ts';
import { listed } from '../../columns/names.ts';
import { areClasses } from './content.ts';
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
 * Looks at every file of a folder; `label` names the column of labels. Throws a `FormatError` where nothing in it could be
 * samples, or no column is called so.
 */
export async function guessDescription(
  folder: string,
  { label }: { readonly label?: string | undefined } = {},
): Promise<Guess> {
  const { columns, isSplit, isOneSample, notes: unread } = await look(folder);
  const notes = [...unread];
  const roles = rolesOf(columns, { isSplit, label });
  if (label !== undefined && !roles.labels) {
    const names = columns.map(({ key, file }) => key ?? stem(file));
    const near = nearest(label, names);
    throw new FormatError(
      folder,
      `has no column ${quoted(label)} for labels; ${near === undefined ? `it has ${listed(names)}.` : `did you mean ${quoted(near)}?`}`,
    );
  }
  const [anchor] = [...columns.filter(({ ids }) => ids), ...roles.ids.values()];
  const rows = anchor?.rows ?? mostCommon(columns.map((column) => column.rows));
  // What has ids is joined by them, whatever its number of rows.
  const fits = ({ file, rows: own, ids }: Seen): boolean =>
    isOneSample || ids !== undefined || roles.ids.has(file) || own === rows;
  for (const column of columns)
    if (!fits(column)) notes.push(`${named(column)} has ${column.rows} rows, not ${rows}: left out.`);
  const { ids, labels, group, split } = roles;
  const taken = new Set<Seen | undefined>([...ids.values(), labels, group, split]);
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
  else if (!labels) notes.push('No labels were found: name their column, with --label or under "labels".');
  const source = (column: Seen): object => sourceOf(column, roles);
  const [id] = ids.values();
  const description = {
    name: path.basename(path.resolve(folder)),
    task: labels && areClasses(labels) ? 'classification' : 'regression',
    modalities: made.described,
    ...(labels && { labels: source(labels) }),
    ...(id && { id: { file: id.file, key: id.key } }),
    ...(group && { group: source(group) }),
    ...(split && { split: source(split) }),
    ...(!split && !isSplit && !isOneSample && { split: shares(group && source(group)) }),
  };
  return { description, comments: [...made.comments, ...commentsOn(roles)], notes, isOneSample };
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
    ...(labels ? [[['labels'], `${different(labels)} different values${missing(labels)}`] as const] : []),
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
