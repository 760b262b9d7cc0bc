/** Modalities of the columns that are left when ids, labels, groups and splits are taken. */
import type { ColumnType } from '../../columns/types.ts';
import { isPattern } from '../../columns/names.ts';
import { isNamedOtherwise } from '../../tables/modalities.ts';
import { countsRows, isNamedId, lengthName, textType } from './content.ts';
import { isReserved } from '../schema.ts';
import type { Seen } from './look.ts';
import { type Roles, stem } from './roles.ts';

export interface Modalities {
  /** As a description has them. */
  readonly described: Readonly<Record<string, object>>;
  /** A comment for each, and for each type of a column, by the path of keys to it. */
  readonly comments: readonly (readonly [path: readonly string[], comment: string])[];
  /** What was left out, a line each. */
  readonly notes: readonly string[];
}

/** Numbered columns of one name, such as x0, x1, …, are a modality of their own if they are as many as this. */
const leastNumbered = 8;
/** Columns of more than this are named by a pattern, where one fits. */
const mostNamed = 20;

export function modalitiesFrom(columns: readonly Seen[], roles: Roles): Modalities {
  const described: Record<string, object> = {};
  const comments: [string[], string][] = [];
  const notes: string[] = [];
  const add = (wanted: string, value: object, comment: string): string => {
    let name = wanted.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
    if (isReserved(name)) name = 'features';
    while (name in described) name = `${name}_`;
    described[name] = value;
    comments.push([['modalities', name], comment]);
    return name;
  };
  const from = (file: string): object => ({ file, ...ownId(file, roles) });
  const lengths = lengthsOf(columns);
  const used = new Set<Seen>(lengths.values());
  for (const column of columns) {
    const { file, key } = column;
    if (!column.isNested || key === undefined || !isNamedOtherwise(key) || used.has(column)) continue;
    used.add(column);
    notes.push(`"${key}" of ${file} is of a name that is no feature's: left out.`);
  }
  for (const column of columns) {
    if (used.has(column)) continue;
    const { file, key, kind, rows } = column;
    if (kind !== 'sequence' && kind !== 'vector' && kind !== 'paths') continue;
    used.add(column);
    const own = lengths.get(`${file} ${key}`)?.key;
    const source = { ...from(file), ...(key !== undefined && { key }) };
    // The places of a list, and a key that several files have, say little of what stands there.
    const isShared = columns.some((other) => other.key === key && other.file !== file && other.kind === kind);
    const isBare = key !== undefined && (/^\d+$/.test(key) || isShared);
    const name = key === undefined || key === '{id}' ? stem(file) : isBare ? `${stem(file)}_${key}` : key;
    if (kind === 'paths') add(name, { ...source, paths: true }, `a file of steps per row, ${rows} of them`);
    else
      add(
        name,
        { ...source, ...(own !== undefined && { lengths: own }) },
        kind === 'vector' ? 'a vector per sample' : 'a sequence per sample',
      );
  }
  for (const file of new Set(columns.map((column) => column.file))) {
    const inFile = columns.filter((column) => column.file === file && !used.has(column) && column.key !== undefined);
    const kept: string[] = [];
    const types: Record<string, ColumnType> = {};
    const typeComments: [string, string][] = [];
    const leave = new Map<string, string>();
    const nulls: string[] = [];
    for (const column of inFile) {
      const key = column.key!;
      if (isNullObject(column, columns)) nulls.push(key);
      else if (column.rows > 1 && new Set(column.values).size === 1) leave.set(key, 'is the same in every row');
      else if (countsRows(column)) leave.set(key, 'counts the rows');
      else if (isNamedId(column)) leave.set(key, 'looks like ids of something else');
      else if (column.kind === 'number') kept.push(key);
      else {
        const found = textType(column.values);
        if ('leaveOut' in found) leave.set(key, found.leaveOut);
        else {
          kept.push(key);
          types[key] = found.type;
          typeComments.push([key, found.comment]);
        }
      }
    }
    for (const [key, why] of leave) notes.push(`"${key}" of ${file} ${why}: left out.`);
    const numbered = numberedIn(kept.filter((key) => !(key in types)));
    for (const { name, pattern, keys } of numbered)
      add(name || stem(file), { ...from(file), key: [pattern] }, `${keys.length} numbers`);
    const isNumbered = new Set(numbered.flatMap(({ keys }) => keys));
    const rest = kept.filter((key) => !isNumbered.has(key));
    if (rest.length === 0) continue;
    const name = add(
      stem(file),
      {
        ...from(file),
        key: keysOf(rest, [...leave.keys(), ...nulls, ...numbered.map(({ pattern }) => pattern)]),
        ...(Object.keys(types).length > 0 && { types }),
      },
      rest.length === 1 ? '1 column' : `${rest.length} columns side by side`,
    );
    for (const [key, comment] of typeComments) comments.push([['modalities', name, 'types', key], comment]);
  }
  return { described, comments, notes };
}

/** Whether this is an object in JSON lines, whose fields are columns, and the rows are all those in which it is null. */
const isNullObject = ({ key, file, values }: Seen, columns: readonly Seen[]): boolean =>
  values.every((value) => value === '') &&
  columns.some((other) => other.file === file && other.key?.startsWith(`${key!}/`));

/** The column of ids of a file, where it is called otherwise than that of the first one. */
export function ownId(file: string, { ids }: Roles): { readonly id?: string } {
  const [first] = ids.values();
  const own = ids.get(file)?.key;
  return own !== undefined && own !== first?.key ? { id: own } : {};
}

/** Columns of lengths, by the sequence that they are of. */
function lengthsOf(columns: readonly Seen[]): ReadonlyMap<string, Seen> {
  return new Map(
    columns.flatMap((column) => {
      const of = column.kind === 'number' ? lengthName.exec(column.key ?? '')?.[1] : undefined;
      return of !== undefined && columns.some(({ key, file }) => key === of && file === column.file)
        ? [[`${column.file} ${of}`, column] as const]
        : [];
    }),
  );
}

interface Numbered {
  readonly name: string;
  readonly pattern: string;
  readonly keys: readonly string[];
}

/** Columns whose names differ in a number alone, without a gap. */
function numberedIn(keys: readonly string[]): Numbered[] {
  const groups = new Map<string, number[]>();
  for (const key of keys) {
    const [, name = '', number] = /^(.*?)(\d+)$/.exec(key) ?? [];
    if (number === undefined || (number.length > 1 && number.startsWith('0'))) continue;
    groups.set(name, [...(groups.get(name) ?? []), Number(number)]);
  }
  return [...groups].flatMap(([name, numbers]) => {
    const first = numbers.reduce((least, each) => Math.min(least, each), Infinity);
    const last = numbers.reduce((most, each) => Math.max(most, each), 0);
    if (numbers.length < leastNumbered || last - first + 1 !== numbers.length) return [];
    const found = numbers.map((number) => `${name}${number}`);
    return [{ name: name.replace(/[ ._-]+$/, ''), pattern: `${name}${first}..${name}${last}`, keys: found }];
  });
}

/** The names themselves, or all but the others where they are many and the others few. */
function keysOf(keys: readonly string[], others: readonly string[]): readonly string[] {
  if (
    keys.length <= mostNamed ||
    others.length > mostNamed ||
    others.some((other) => other.includes('!') || other.includes('*'))
  )
    return keys;
  return ['*', ...others.map((other) => `!${other}`)].filter((key) => isPattern(key));
}
