/** A first description of a folder: what its files seem to hold, for a person to look over. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import { numeric, rowCount, texts } from '../tables/table.ts';
import { splitOf } from '../../formats/split-names.ts';
import { padded } from '../tables/splits.ts';

export interface Guess {
  /** The keys and values of a `dataset.yaml`. */
  readonly description: Readonly<Record<string, unknown>>;
  /** A line for each column or file that was seen and not used, with the reason, and for labels that were not found. */
  readonly notes: readonly string[];
}

/** A column of a file: one row per sample. */
interface Candidate {
  readonly file: string;
  /** The name of the column; undefined where the file is one array. */
  readonly key: string | undefined;
  readonly rows: number;
  readonly kind: 'sequence' | 'vector' | 'number' | 'paths' | 'text';
  readonly column: unknown;
}

const labelNames = /label|target|^y$|^class$|sentiment|emotion/i;
const idNames = /^(ids?|name|sample|utterance|clip)$/i;
const groupNames = /^(video|speaker|subject|patient|person|user|session|group|dialogue)(_?id)?$/i;
const splitKeys = /^(split|set|partition|subset|fold)$/i;
const lengthNames = /^(.+)_(lengths?|len)$/i;

/** Looks at every file of a folder. Throws a `FormatError` where nothing in it could be samples with labels. */
export async function guessDescription(folder: string): Promise<Guess> {
  const notes: string[] = [];
  const { files, pattern } = filesIn(await namesIn(folder));
  const candidates: Candidate[] = [];
  for (const { shown, actual } of files) {
    try {
      candidates.push(...(await candidatesIn(path.join(folder, actual), shown)));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      notes.push(error.message.replace(`${folder}${path.sep}`, ''));
    }
  }
  const rows = mostCommon(candidates.map((candidate) => candidate.rows));
  const fitting = candidates.filter((candidate) => candidate.rows === rows);
  for (const { file, key, rows: own } of candidates)
    if (own !== rows) notes.push(`${named(file, key)} has ${own} rows, not ${rows}: left out.`);

  const find = (names: RegExp, kinds: readonly Candidate['kind'][]): Candidate | undefined =>
    fitting.find(({ key, kind, file }) => names.test(key ?? stem(file)) && kinds.includes(kind));
  const split = pattern
    ? undefined
    : fitting.find(({ key, column }) => splitKeys.test(key ?? '') && namesSplits(column));
  const labels = find(labelNames, ['number', 'text']);
  const id = find(idNames, ['text', 'number']);
  const group = find(groupNames, ['text', 'number']);
  const taken = new Set([split, labels, id, group]);
  const features = fitting.filter((candidate) => !taken.has(candidate));
  const modalities = modalitiesOf(features, notes);
  if (Object.keys(modalities).length === 0)
    throw new FormatError(
      folder,
      `holds nothing that looks like features: ${notes.join(' ') || 'there are no files in it.'}`,
    );

  const source = ({ file, key }: Candidate): object => ({ file, ...(key !== undefined && { key }) });
  if (!labels) notes.push('No labels were found: say where they are under "labels".');
  const description = {
    name: path.basename(path.resolve(folder)),
    task: labels && isClasses(labels.column) ? 'classification' : 'regression',
    modalities,
    ...(labels && { labels: source(labels) }),
    ...(id && { id: source(id) }),
    ...(group && { group: source(group) }),
    ...(split && { split: source(split) }),
    ...(!split && !pattern && { split: shares(group && source(group)) }),
  };
  return { description, notes };
}

const shares = (group: object | undefined): object => ({
  fractions: { train: 0.7, valid: 0.15, test: 0.15 },
  seed: 0,
  ...(group && { group }),
});

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .flatMap((entry) => (entry.isFile() && !/^\.|\.(ya?ml|md|txt)$/i.test(entry.name) ? [entry.name] : []))
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new FormatError(
      folder,
      code === 'ENOTDIR' ? 'is a file; give the folder of the data.' : `cannot be read (${code}).`,
    );
  }
}

interface FileGroup {
  /** The name that a description gives, in which `{split}` may stand for the split. */
  readonly shown: string;
  /** One of the files that this name stands for, to look into. */
  readonly actual: string;
}

/** Files of one name but for the split are one: `train.npz` and `test.npz` are `{split}.npz`. */
function filesIn(names: readonly string[]): { readonly files: readonly FileGroup[]; readonly pattern: boolean } {
  const marked = (name: string): string => name.replace(/(?<![a-z])(train|valid|test)(?![a-z])/i, '{split}');
  const grouped = names.filter((name) => {
    const mark = marked(name);
    return mark !== name && names.some((other) => other !== name && marked(other) === mark);
  });
  if (grouped.length === 0) return { files: names.map((name) => ({ shown: name, actual: name })), pattern: false };
  const first = new Map(
    grouped
      .toSorted()
      .reverse()
      .map((name) => [marked(name), name]),
  );
  return { files: [...first].map(([shown, actual]) => ({ shown, actual })), pattern: true };
}

async function candidatesIn(place: string, file: string): Promise<Candidate[]> {
  const opened = await openFile(place);
  try {
    const { value } = opened;
    const entries: (readonly [string | undefined, unknown])[] =
      value instanceof Map ? [...padded(value as ReadonlyMap<string, unknown>)] : [[undefined, value]];
    if (entries.some(([key, inner]) => splitOf(key) !== undefined && inner instanceof Map))
      throw new FormatError(place, 'has splits in it and needs no description: train on the file itself.');
    return entries.flatMap(([key, column]): Candidate[] => {
      const kind = kindOf(column);
      const count = rowCount(column);
      return kind && count ? [{ file, key, rows: count, kind, column: detached(column, kind) }] : [];
    });
  } finally {
    await opened.close();
  }
}

/** The part of a column that is still looked at after its file is closed: numbers and texts, one per sample. */
const detached = (column: unknown, kind: Candidate['kind']): unknown =>
  kind === 'number' ? numeric(column)?.data : kind === 'sequence' || kind === 'vector' ? undefined : texts(column);

function kindOf(column: unknown): Candidate['kind'] | undefined {
  if (column instanceof NdArray && column.dtype !== 'object' && column.dtype !== 'string')
    return ([undefined, 'number', 'vector', 'sequence'] as const)[column.shape.length];
  const array = numeric(column);
  if (array) return ([undefined, 'number', 'vector', 'sequence'] as const)[array.shape.length];
  const items = texts(column);
  if (!items || items.length === 0) return undefined;
  return items.every((text) => text.endsWith('.npy')) ? 'paths' : 'text';
}

function modalitiesOf(features: readonly Candidate[], notes: string[]): Record<string, object> {
  const modalities: Record<string, object> = {};
  const add = (wanted: string, value: object): void => {
    let name = wanted.replaceAll(/[^\w-]+/g, '_');
    while (name in modalities) name = `${name}_`;
    modalities[name] = value;
  };
  const lengths = new Map(
    features.flatMap((candidate) => {
      const of = candidate.kind === 'number' ? lengthNames.exec(candidate.key ?? '')?.[1] : undefined;
      return of !== undefined && features.some(({ key, file }) => key === of && file === candidate.file)
        ? [[`${candidate.file} ${of}`, candidate] as const]
        : [];
    }),
  );
  const used = new Set(lengths.values());
  for (const { file, key, kind } of features) {
    const own = lengths.get(`${file} ${key}`)?.key;
    if (kind === 'paths') add(key!, { file, key, paths: true });
    if (kind === 'sequence' || kind === 'vector')
      add(key ?? stem(file), { file, ...(key !== undefined && { key }), ...(own !== undefined && { lengths: own }) });
  }
  const numbers = features.filter((candidate) => candidate.kind === 'number' && !used.has(candidate));
  for (const file of new Set(numbers.map((candidate) => candidate.file))) {
    const keys = numbers.flatMap((candidate) =>
      candidate.file === file && candidate.key !== undefined ? [candidate.key] : [],
    );
    if (keys.length > 0) add(stem(file), { file, key: keys });
  }
  for (const { file, key, kind } of features)
    if (kind === 'text') notes.push(`${named(file, key)} holds texts: left out.`);
  return modalities;
}

const stem = (file: string): string =>
  file
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[._-]*\{split\}[._-]*/g, '')
    .trim() || 'features';

const named = (file: string, key: string | undefined): string => (key === undefined ? file : `"${key}" of ${file}`);

const namesSplits = (column: unknown): boolean =>
  Array.isArray(column) && column.length > 0 && column.every((name) => splitOf(name) !== undefined);

/** Whether labels are classes: texts, or few different whole numbers from 0. */
function isClasses(column: unknown): boolean {
  if (Array.isArray(column)) return true;
  const values = new Set(Array.from(column as ArrayLike<number>, Number));
  return values.size <= 20 && [...values].every((value) => Number.isInteger(value) && value >= 0);
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[number, number]>((best, each) => (each[1] > best[1] ? each : best), [0, 0])[0];
}
